"""The sources we have, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.i18n import N_
from advocacy.outbound.urls import read_address
from advocacy.sources import cleaning
from advocacy.sources.adapters import ADAPTERS, AUTO
from advocacy.sources.models import Approval, Source, SourceState

NAME_MAX = 120  # characters
EVERY_S = (60, 7 * 24 * 3600)  # what comms may choose
DUE_MAX = 500  # per sweep


def add_source(
    session: Session,
    url: str,
    *,
    name: str = "",
    kind: str = AUTO,
    approval: Approval = Approval.REVIEW,
    every_s: int | None = None,
    language: str | None = None,
    now: datetime,
) -> Source:
    """Add a source that is pulled at the next sweep; a removed one comes back.

    Raises:
        Invalid: The address, the kind, the time or the language cannot be used.
        Conflict: We have this source already.
    """
    address = str(read_address(url).without_fragment())
    values = {
        "name": cleaning.tidy(name)[:NAME_MAX] or host_name(address),
        "kind": _known_kind(kind),
        "approval": approval,
        "every_s": _sensible(every_s),
        "language": _known_language(language),
    }
    source = session.scalar(select(Source).where(Source.url == address))
    if source is None:
        source = Source(url=address, created_at=now, next_pull_at=now, **values)
        session.add(source)
    elif source.state is SourceState.REMOVED:
        for field, value in values.items():
            setattr(source, field, value)
        source.state = SourceState.ACTIVE
        _start_afresh(source, now)
    else:
        raise Conflict(
            N_("We have this address already, as source {id}: {name}."),
            id=source.id,
            name=source.name,
        )
    session.flush()
    return source


def _known_kind(kind: str) -> str:
    if kind not in ADAPTERS:
        raise Invalid(
            N_("There is no kind of source called “{kind}”. Choose one of: {kinds}."),
            kind=kind,
            kinds=", ".join(ADAPTERS),
        )
    return kind


def _sensible(every_s: int | None) -> int | None:
    shortest, longest = EVERY_S
    if every_s is not None and not shortest <= every_s <= longest:
        raise Invalid(
            N_("The time between two pulls is from one minute to seven days.")
        )
    return every_s


def _known_language(language: str | None) -> str | None:
    spoken = cleaning.language(language)
    if language and spoken is None:
        raise Invalid(
            N_("“{language}” is not a language code. Give one such as nl or en."),
            language=language,
        )
    return spoken


def get_source(session: Session, source_id: int, *, lock: bool = False) -> Source:
    """Get a source that was not removed.

    Raises:
        NotFound: There is none with this id.
    """
    source = session.get(
        Source, source_id, with_for_update=lock or None, populate_existing=lock
    )
    if source is None or source.state is SourceState.REMOVED:
        raise NotFound(N_("There is no source {id}."), id=source_id)
    return source


def list_sources(session: Session) -> Sequence[Source]:
    """List the sources that were not removed, by name."""
    return session.scalars(
        select(Source)
        .where(Source.state != SourceState.REMOVED)
        .order_by(Source.name, Source.id)
    ).all()


def active_sources(session: Session) -> Sequence[int]:
    """List the ids of the sources that are asked for news."""
    return session.scalars(
        select(Source.id).where(Source.state == SourceState.ACTIVE).order_by(Source.id)
    ).all()


def change_source(
    session: Session,
    source_id: int,
    *,
    name: str,
    approval: Approval,
    language: str | None,
) -> Source:
    """Give a source another name, way of approving, or language.

    Raises:
        NotFound: There is no such source.
        Invalid: The name is empty, or the language is none.
    """
    source = get_source(session, source_id, lock=True)
    tidy = cleaning.tidy(name)[:NAME_MAX]
    if not tidy:
        raise Invalid(N_("Give the source a name by which colleagues know it."))
    source.language = _known_language(language)
    source.name = tidy
    source.approval = approval
    session.flush()
    return source


def pause(session: Session, source_id: int) -> Source:
    """Stop asking a source; its items stay."""
    source = get_source(session, source_id, lock=True)
    source.state = SourceState.PAUSED
    return source


def resume(session: Session, source_id: int, *, now: datetime) -> Source:
    """Ask a source again, from the next sweep on."""
    source = get_source(session, source_id, lock=True)
    source.state = SourceState.ACTIVE
    source.next_pull_at = now
    return source


def remove(session: Session, source_id: int) -> Source:
    """Take a source off the list; its items stay in the queue."""
    source = get_source(session, source_id, lock=True)
    source.state = SourceState.REMOVED
    source.lease_token = source.lease_until = None
    return source


def ask_now(session: Session, source_id: int, *, now: datetime) -> Source:
    """Make it a source's turn, as when somebody presses "pull".

    Raises:
        Conflict: The source is paused.
    """
    source = get_source(session, source_id, lock=True)
    if source.state is not SourceState.ACTIVE:
        raise Conflict(N_("{name} is paused. Resume it first."), name=source.name)
    source.next_pull_at = min(source.next_pull_at, now)
    return source


def due_sources(
    session: Session, now: datetime, *, limit: int = DUE_MAX
) -> Sequence[int]:
    """List whose turn it is, the longest waiting first."""
    return session.scalars(
        select(Source.id)
        .where(Source.state == SourceState.ACTIVE, Source.next_pull_at <= now)
        .where(or_(Source.lease_until.is_(None), Source.lease_until <= now))
        .order_by(Source.next_pull_at)
        .limit(limit)
    ).all()


def _start_afresh(source: Source, now: datetime) -> None:
    source.next_pull_at = now
    source.etag = source.last_modified = source.body_sha256 = None
    source.last_error = source.last_error_kind = source.failing_since = None
    source.failures = 0


def host_name(url: str) -> str:
    """Name a source that has no name yet."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
