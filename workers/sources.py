"""Tasks that bring in news: whose turn it is, one pull, and what is trusted."""

from __future__ import annotations

from typing import Any

from advocacy import jobs
from advocacy.clock import utc_now
from advocacy.jobs import Job
from advocacy.offers.trusted import approve_trusted
from advocacy.queue.intake import pull_source
from advocacy.sources.catalog import due_sources
from workers.app import BellTask, task
from workers.process import house


@task(Job.RING_DUE_SOURCES, soft_limit_s=20, hard_limit_s=30)
def ring_due() -> None:
    """Ring once for each source whose turn it is."""
    with house().transactions() as session:
        for source_id in due_sources(session, utc_now()):
            jobs.ring(session, Job.PULL_SOURCE, source_id)


@task(Job.PULL_SOURCE, soft_limit_s=90, hard_limit_s=120, bind=True)
def pull(self: BellTask, source_id: int) -> None:
    """Ask one source for news, if it is its turn."""
    transactions = house().transactions
    token: Any = self.request.id
    outcome = pull_source(transactions, source_id, only_if_due=True, token=token)
    if outcome.pending_ids:
        approve_trusted(transactions, now=utc_now())


@task(Job.APPROVE_TRUSTED, soft_limit_s=60, hard_limit_s=90)
def approve_what_is_trusted() -> None:
    """Offer what trusted sources brought, should a pull have been cut short."""
    approve_trusted(house().transactions, now=utc_now())
