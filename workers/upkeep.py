"""Tasks that keep the house in order: forgetting, and the pulse."""

from __future__ import annotations

from advocacy import pulse
from advocacy.clock import utc_now
from advocacy.jobs import Job
from advocacy.privacy.retention import forget_what_is_over
from workers.app import task
from workers.process import house


@task(Job.PULSE, soft_limit_s=20, hard_limit_s=30)
def note_pulse() -> None:
    """Write down that clock, broker and workers work together."""
    with house().transactions() as session:
        pulse.note_pulse(session, now=utc_now())


@task(Job.FORGET, soft_limit_s=300, hard_limit_s=360)
def forget() -> None:
    """Destroy what may not be kept any longer."""
    held = house()
    forget_what_is_over(held.transactions, held.settings, now=utc_now())
