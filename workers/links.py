"""The task that turns clicks into numbers. The spool is replayed by the door itself."""

from __future__ import annotations

from advocacy.clock import utc_now
from advocacy.jobs import Job
from advocacy.stats.rollup import advance
from workers.app import task
from workers.process import house


@task(Job.ADVANCE_ROLLUP, soft_limit_s=300, hard_limit_s=360)
def advance_rollup() -> None:
    """Bring the hits since the last mark into the totals."""
    held = house()
    advance(held.transactions, utc_now(), zone=held.settings.timezone)
