"""The timetable: every kind of due work has a sweep that looks for it.

Two clocks at once are harmless: what a tick finds is claimed row by row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from advocacy.jobs import QUEUE_OF, Job
from advocacy.pulse import EXPECTED_EVERY

MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=20)  # what somebody may be waiting for

EVERY = {
    Job.RING_DUE_SOURCES: SOON,
    Job.APPROVE_TRUSTED: MINUTE,
    Job.PLAN_DIGEST: MINUTE,
    Job.DELIVER_DIGEST: SOON,
    Job.ADVANCE_ROLLUP: SOON,
    Job.FORGET: timedelta(hours=1),
    Job.PULSE: EXPECTED_EVERY,
}


def timetable() -> dict[str, dict[str, Any]]:
    """Give the timetable as Celery's clock reads it.

    A tick that no worker took before the next one is dropped, so that a night
    without workers does not end in a thousand ticks.
    """
    return {
        job: {
            "task": job,
            "schedule": period,
            "options": {
                "queue": QUEUE_OF[job],
                "expires": period.total_seconds(),
            },
        }
        for job, period in EVERY.items()
    }
