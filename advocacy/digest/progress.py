"""How far editions and letters are, when nobody is there to say so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from advocacy.digest.calendar import LATE_MAX
from advocacy.digest.models import (
    LIVE,
    NOT_SURE,
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterState,
)
from advocacy.errors import Conflict, NotFound
from advocacy.i18n import N_

ATTEND_EVERY = timedelta(minutes=10)  # far below LATE_MAX; not a write each minute


def mark_unknown(session: Session, now: datetime) -> None:
    """Say of letters whose worker is gone that nobody knows whether they left."""
    session.execute(
        update(Letter)
        .where(Letter.state == LetterState.SENDING, Letter.lease_until <= now)
        .values(state=LetterState.UNKNOWN, reason=NOT_SURE, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def hold_late(session: Session, now: datetime) -> None:
    """Ask comms about editions whose hour passed while nobody delivered mail."""
    editions = session.scalars(
        select(Edition).where(
            Edition.state.in_(LIVE),
            (Edition.attended_at.is_(None))
            | (Edition.attended_at < now - ATTEND_EVERY),
        )
    ).all()
    for edition in editions:
        overdue = session.scalar(
            select(
                exists().where(
                    Letter.edition_id == edition.id,
                    Letter.state == LetterState.PENDING,
                    Letter.send_after < now - LATE_MAX,
                )
            )
        )
        unattended = edition.attended_at is None or edition.attended_at < now - LATE_MAX
        if overdue and unattended:
            edition.state = EditionState.PAUSED
            edition.hold = Hold.LATE
        else:
            edition.attended_at = now
    session.flush()


def close_finished(session: Session, now: datetime) -> None:
    """Close editions of which no letter can leave any more."""

    def any_in(*states: LetterState) -> bool:
        return bool(
            session.scalar(
                select(
                    exists().where(
                        Letter.edition_id == edition.id, Letter.state.in_(states)
                    )
                )
            )
        )

    editions = session.scalars(select(Edition).where(Edition.state.in_(LIVE))).all()
    for edition in editions:
        if any_in(LetterState.PENDING, LetterState.SENDING):
            continue
        missed = any_in(LetterState.FAILED, LetterState.UNKNOWN)
        edition.state = EditionState.PARTIAL if missed else EditionState.SENT
        edition.finished_at = now
    session.flush()


def settle(session: Session, letter_id: int, *, arrived: bool, now: datetime) -> None:
    """Take a person's word on a letter of which nobody knew whether it arrived.

    Raises:
        NotFound: There is no such letter.
        Conflict: Its outcome is known.
    """
    letter = session.get(Letter, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound(N_("There is no such letter."))
    if letter.state is not LetterState.UNKNOWN:
        raise Conflict(N_("What became of this letter is known."))
    edition = session.get_one(Edition, letter.edition_id)
    letter.reason = ""
    if arrived:
        letter.state = LetterState.SENT
        letter.sent_at = now
    else:
        letter.state = LetterState.PENDING
        letter.send_after = now
    if edition.state is EditionState.PARTIAL:
        edition.state = EditionState.SENDING  # closed again by the next sweep
        edition.attended_at = now
        edition.finished_at = None
    session.flush()
