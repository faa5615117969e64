"""From a source to the queue: claim, ask outside of any transaction, take in."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.db.session import Transactions
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Get, ask
from advocacy.queue.arrivals import Admitted, admit, published_since
from advocacy.sources import timing, turns
from advocacy.sources.adapters import ADAPTERS
from advocacy.sources.entries import Pulled
from advocacy.sources.models import Source
from advocacy.sources.turns import LeaseLost, PullPlan

log = logging.getLogger(__name__)

Result = Literal["new", "unchanged", "gone", "failed"]


@dataclass(frozen=True, slots=True)
class PullOutcome:
    """What one pull of one source came to."""

    source_id: int
    result: Result
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    error: str | None = None
    error_kind: str | None = None
    pending_ids: tuple[int, ...] = ()  # new items that wait for a decision
    skipped: bool = False  # paused, not due, or somebody else is at it


def pull_source(
    transactions: Transactions,
    source_id: int,
    *,
    now: datetime | None = None,
    get: Get = ask,
    only_if_due: bool = False,
    chance: Callable[[], float] = random.random,
    token: str | None = None,
) -> PullOutcome:
    """Ask one source for news and take it in; safe to run twice, or at once.

    A source that cannot be read is noted as such, and the outcome says so: that is
    everyday life, not an error of ours.

    Args:
        transactions: Opens transactions; none is open while the source is asked.
        source_id: Which source.
        now: The moment; the clock's by default.
        get: Asks an address.
        only_if_due: Leave a source alone whose turn it is not.
        chance: Gives a random number in [0, 1), for the jitter.
        token: Names whoever pulls; the same one may start again after being killed.

    Raises:
        NotFound: There is no such source.
    """
    with transactions() as session:
        plan = turns.plan_pull(
            session,
            source_id,
            now=now or utc_now(),
            only_if_due=only_if_due,
            token=token,
        )
    if plan is None:
        return PullOutcome(source_id, "unchanged", skipped=True)
    try:
        try:
            pulled = _asked(plan, get)
            with transactions() as session:
                return _take_in(session, plan, pulled, now or utc_now(), chance())
        except SQLAlchemyError as error:
            log.exception("what source %s brought could not be kept", source_id)
            raise FetchFailed(FailureKind.OUR_SIDE) from error
    except FetchFailed as failure:
        return _note_failure(transactions, plan, failure, now or utc_now(), chance())
    except LeaseLost:
        log.warning("source %s was pulled by somebody else meanwhile", source_id)
        return PullOutcome(source_id, "unchanged", skipped=True)


def _asked(plan: PullPlan, get: Get) -> Pulled:
    """Ask a source, whatever it answers.

    Raises:
        FetchFailed: And nothing else.
    """
    try:
        return ADAPTERS[plan.kind](plan.url, plan.known, get)
    except FetchFailed:
        raise
    except Exception as error:
        log.exception("the answer of source %s was too much for us", plan.source_id)
        raise FetchFailed(FailureKind.OUR_SIDE) from error


def _take_in(
    session: Session, plan: PullPlan, pulled: Pulled, now: datetime, spread: float
) -> PullOutcome:
    """Keep entries, validators and the next turn together, or none of them."""
    source = turns.held(session, plan)
    admitted = Admitted(0, 0, 0, ())
    if pulled.entries is not None:
        admitted = admit(
            session,
            source,
            pulled.entries,
            now=now,
            language=source.language or pulled.language or settings().default_locale,
        )
    recent = published_since(session, source.id, now=now)
    wait = timing.wait_after_success(
        timing.usual_wait(recent, every_s=source.every_s),
        fixed=source.every_s is not None,
        hints=(timing.max_age_s(pulled.headers), pulled.ttl_s),
        spread=spread,
    )
    asked_s = timing.retry_after_s(pulled.headers, now=now)
    wait = timing.at_least(wait, asked_s, spread=spread)
    counts = (admitted.new, admitted.updated, admitted.unchanged)
    turns.note_pull(session, plan, pulled, now=now, wait=wait, counts=counts)
    return PullOutcome(
        source.id,
        "new" if admitted.new else "unchanged",
        new=admitted.new,
        updated=admitted.updated,
        unchanged=admitted.unchanged,
        pending_ids=admitted.pending_ids,
    )


def _note_failure(
    transactions: Transactions,
    plan: PullPlan,
    failure: FetchFailed,
    now: datetime,
    spread: float,
) -> PullOutcome:
    """Note what went wrong and when to try again; the source is never given up."""
    gone = failure.kind is FailureKind.GONE
    try:
        with transactions() as session:
            source: Source = turns.held(session, plan)
            wait = timing.wait_after_failure(source.failures + 1, spread=spread)
            asked_s = timing.retry_after_s(failure.headers, now=now)
            if gone:
                asked_s = max(asked_s or 0, timing.GONE_RETRY_S)
            wait = timing.at_least(wait, asked_s, spread=spread)
            turns.note_failure(session, plan, failure, now=now, wait=wait, gone=gone)
    except LeaseLost:
        return PullOutcome(plan.source_id, "unchanged", skipped=True)
    return PullOutcome(
        plan.source_id,
        "gone" if gone else "failed",
        error=str(failure),
        error_kind=failure.kind.value,
    )
