"""Tasks of the weekly letter: planning it, and sending what is due."""

from __future__ import annotations

from advocacy.clock import utc_now
from advocacy.digest.delivery import deliver_due
from advocacy.digest.editions import plan
from advocacy.digest.letterhead import Letterhead
from advocacy.jobs import Job
from workers.app import task
from workers.process import house


@task(Job.PLAN_DIGEST, soft_limit_s=500, hard_limit_s=600)
def plan_digest() -> None:
    """Plan this week's letter, if its hour has come and nobody has."""
    held = house()
    plan(held.transactions, now=utc_now(), head=Letterhead.of(held.settings))


@task(Job.DELIVER_DIGEST, soft_limit_s=120, hard_limit_s=150)
def deliver_digest() -> None:
    """Send the letters that are due."""
    held = house()
    head = Letterhead.of(held.settings)
    deliver_due(held.transactions, held.sender, utc_now, head=head)
