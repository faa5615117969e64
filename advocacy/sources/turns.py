"""One pull of a source: claimed, so that it is asked once, and noted when done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from advocacy.errors import Conflict
from advocacy.i18n import N_
from advocacy.outbound.failures import FetchFailed
from advocacy.sources.catalog import NAME_MAX, get_source, host_name
from advocacy.sources.entries import Pulled, Validators
from advocacy.sources.models import Source, SourceState

LEASE = timedelta(seconds=150)  # longer than a worker may take (hard limit 120 s)
GONE_FOR = timedelta(hours=1)  # two 410s this far apart: it is gone


class LeaseLost(Conflict):
    """Somebody else took the source over while we were asking it."""

    def __init__(self, source_id: int) -> None:
        """Keep which source it was."""
        super().__init__(
            N_("Somebody else is pulling source {source_id} now."), source_id=source_id
        )
        self.source_id = source_id

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.source_id,))


@dataclass(frozen=True, slots=True)
class PullPlan:
    """Everything a pull needs to know, read in one transaction."""

    source_id: int
    url: str
    kind: str
    known: Validators
    lease_token: str


def plan_pull(
    session: Session,
    source_id: int,
    *,
    now: datetime,
    only_if_due: bool = False,
    token: str | None = None,
) -> PullPlan | None:
    """Claim a source for one pull.

    Args:
        session: The caller's transaction.
        source_id: Which source.
        now: The moment.
        only_if_due: Leave a source alone whose turn it is not.
        token: Names whoever pulls. The same one takes its own claim over: a task that
            starts again after its process was killed need not wait for the lease.

    Returns:
        None if it is paused, being pulled, or not due where that is asked for.

    Raises:
        NotFound: There is no such source.
    """
    token = token or uuid4().hex
    free = or_(
        Source.lease_until.is_(None),
        Source.lease_until <= now,
        Source.lease_token == token,
    )
    claim = (
        update(Source)
        .where(Source.id == source_id, Source.state == SourceState.ACTIVE)
        .where(free)
        .values(lease_until=now + LEASE, lease_token=token)
        .execution_options(synchronize_session=False)
    )
    if only_if_due:
        claim = claim.where(Source.next_pull_at <= now)
    result = session.execute(claim)
    assert isinstance(result, CursorResult)
    if result.rowcount == 0:
        get_source(session, source_id)
        return None
    source = session.get_one(Source, source_id, populate_existing=True)
    return PullPlan(source_id, source.url, source.kind, _asked_with(source, now), token)


def _asked_with(source: Source, now: datetime) -> Validators:
    """Say what to compare with: once a day the bytes alone.

    Servers exist that keep an ETag while the page changes; this heals them.
    """
    last = source.last_pulled_at
    if last is None or last.date() != now.date():
        return Validators(body_sha256=source.body_sha256)
    return Validators(source.etag, source.last_modified, source.body_sha256)


def held(session: Session, plan: PullPlan) -> Source:
    """Lock the source of a plan, if the plan still counts.

    Raises:
        LeaseLost: It took too long, and somebody else began anew.
    """
    source = session.get(
        Source, plan.source_id, with_for_update=True, populate_existing=True
    )
    if source is None or source.lease_token != plan.lease_token:
        raise LeaseLost(plan.source_id)
    return source


def note_pull(
    session: Session,
    plan: PullPlan,
    pulled: Pulled,
    *,
    now: datetime,
    wait: timedelta,
    counts: tuple[int, int, int],
) -> None:
    """Note a pull that went well, in the same transaction as what it brought.

    Args:
        session: The caller's transaction.
        plan: The claim under which the source was asked.
        pulled: Its answer.
        now: The moment.
        wait: Until its next turn.
        counts: Items that were new, updated and unchanged.

    Raises:
        LeaseLost: Somebody else took over; nothing of this pull may be kept.
    """
    source = held(session, plan)
    source.etag = pulled.validators.etag
    source.last_modified = pulled.validators.last_modified
    source.body_sha256 = pulled.validators.body_sha256
    source.last_new, source.last_updated, source.last_unchanged = counts
    source.last_result = "new" if source.last_new else "unchanged"
    source.last_error = source.last_error_kind = source.failing_since = None
    source.failures = 0
    _note_asked(source, now, wait)
    _adopt(session, source, pulled)


def note_failure(
    session: Session,
    plan: PullPlan,
    failure: FetchFailed,
    *,
    now: datetime,
    wait: timedelta,
    gone: bool,
) -> None:
    """Note a pull that failed; the source is asked again, unless it is gone for good.

    Raises:
        LeaseLost: Somebody else took over.
    """
    source = held(session, plan)
    was_gone = source.last_result == "gone"
    source.last_result = "gone" if gone else "failed"
    source.last_new = source.last_updated = source.last_unchanged = 0
    source.last_error = str(failure)
    source.last_error_kind = failure.kind.value
    source.failures += 1
    source.failing_since = source.failing_since or now
    _note_asked(source, now, wait)
    if gone and was_gone and now - source.failing_since >= GONE_FOR:
        source.state = SourceState.PAUSED


def _note_asked(source: Source, now: datetime, wait: timedelta) -> None:
    source.last_pulled_at = now
    source.next_pull_at = now + wait
    source.lease_until = source.lease_token = None


def _adopt(session: Session, source: Source, pulled: Pulled) -> None:
    """Keep what was found out about a source: its feed, its kind, its own name."""
    if pulled.title and source.name == host_name(source.url):
        source.name = pulled.title[:NAME_MAX]
    if (pulled.url, pulled.kind) == (source.url, source.kind):
        return
    taken = session.scalar(
        select(Source.id).where(Source.url == pulled.url, Source.id != source.id)
    )
    if taken is None:
        source.url, source.kind = pulled.url, pulled.kind
