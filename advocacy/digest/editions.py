"""The edition of a week: planned, held, released, stopped, sent at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from advocacy.clock import day_of, week_of
from advocacy.db.dialect import insert_new
from advocacy.db.session import Transactions
from advocacy.digest.calendar import is_late, monday_of, week_after, week_to_plan
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import (
    CANCELLED,
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterState,
)
from advocacy.digest.planning import unwrite_letters, write_letters
from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.i18n import N_

LOOK_AGAIN = timedelta(hours=1)  # whether an empty edition has something by now
OPENING_MAX = 300  # characters; it is a line, not an article

_MOVES = {
    EditionState.SENT: N_("The letter of {week} has left; nobody gets it twice."),
    EditionState.PARTIAL: N_("The letter of {week} has left; nobody gets it twice."),
    EditionState.CANCELLED: N_("The letter of {week} was cancelled."),
    EditionState.PAUSED: N_("The letter of {week} is paused; release it first."),
    EditionState.DRAFT: N_("The letter of {week} is not planned yet."),
    EditionState.SCHEDULED: N_("The letter of {week} is planned and will leave."),
    EditionState.SENDING: N_("The letter of {week} is leaving already."),
}


class EditionRefused(Conflict):
    """The edition is in a state that does not allow this."""

    def __init__(self, week: str, state: EditionState) -> None:
        super().__init__(_MOVES[state], week=week)
        self.week = week
        self.state = state

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.week, self.state))


def plan(
    transactions: Transactions, *, now: datetime, head: Letterhead
) -> EditionState:
    """Plan the edition whose turn it is, unless that is done; say how far it is.

    Safe to call every minute, by several at once. What starts too late is left to
    comms; what would be empty is looked at again each hour.
    """
    week = week_to_plan(now, head.timetable)
    with transactions() as session:
        edition = edition_of(session, week, now=now)
        late = is_late(week, now, head.timetable)
        if edition.state is not EditionState.DRAFT or edition.hold is Hold.LATE:
            return edition.state
        if edition.hold is Hold.EMPTY and (
            late or now - edition.planned_at < LOOK_AGAIN
        ):
            return edition.state
        if late:
            edition.hold = Hold.LATE
            return edition.state
        edition_id = edition.id
    planned = write_letters(transactions, edition_id, now=now, head=head)
    return EditionState.SCHEDULED if planned else EditionState.DRAFT


def send_now(
    transactions: Transactions, week: str, *, now: datetime, head: Letterhead
) -> None:
    """Let the letter of a week leave at once, whatever the hour.

    What was approved since it was planned is taken in, as long as none has left.

    Raises:
        Invalid: It is not the letter of this week or the next.
        EditionRefused: It left before, or was cancelled or paused.
        Conflict: There is nothing to offer to anybody.
    """
    turn = week_to_plan(now, head.timetable)
    if week not in {turn, week_after(turn), week_of(day_of(now, head.timetable.zone))}:
        raise Invalid(
            N_("{week} is not the week to send now; that is {turn}."),
            week=week,
            turn=turn,
        )
    with transactions() as session:
        edition = _locked(session, edition_of(session, week, now=now))
        if edition.state is EditionState.SENDING:
            _hurry(session, edition, now=now)
            return
        if edition.state is EditionState.SCHEDULED:
            unwrite_letters(session, edition.id)
            edition.state = EditionState.DRAFT
        if edition.state is not EditionState.DRAFT:
            raise EditionRefused(week, edition.state)
    _plan_and_send(transactions, edition.id, week, now=now, head=head, at=now)


def release(
    transactions: Transactions, week: str, *, now: datetime, head: Letterhead
) -> None:
    """Let an edition leave that was late, paused, or refused by the mail server.

    Raises:
        NotFound: This week has no edition.
        EditionRefused: It does not wait for a word.
        Conflict: There is nothing to offer to anybody.
    """
    with transactions() as session:
        edition = _edition(session, week)
        if edition.state is EditionState.PAUSED:
            edition.state = EditionState.SENDING
            _attend(edition, now=now)
            return
        if edition.state is not EditionState.DRAFT:
            raise EditionRefused(week, edition.state)
    _plan_and_send(transactions, edition.id, week, now=now, head=head, at=None)


def pause(session: Session, week: str) -> None:
    """Hold an edition back; the letter that is just being sent still leaves.

    Raises:
        NotFound: This week has no edition.
        EditionRefused: There is nothing to hold back.
    """
    edition = _edition(session, week)
    if edition.state not in {EditionState.SCHEDULED, EditionState.SENDING}:
        raise EditionRefused(week, edition.state)
    edition.state = EditionState.PAUSED
    edition.hold = Hold.COMMS
    session.flush()


def cancel(session: Session, week: str, *, now: datetime) -> None:
    """Stop an edition for good; who has the letter keeps it.

    Raises:
        NotFound: This week has no edition.
        EditionRefused: It has left, or was cancelled.
    """
    edition = _edition(session, week)
    if edition.state in {
        EditionState.SENT,
        EditionState.PARTIAL,
        EditionState.CANCELLED,
    }:
        raise EditionRefused(week, edition.state)
    edition.state = EditionState.CANCELLED
    edition.hold = Hold.NONE
    edition.finished_at = now
    session.flush()
    session.execute(
        update(Letter)
        .where(Letter.edition_id == edition.id, Letter.state == LetterState.PENDING)
        .values(state=LetterState.SKIPPED, reason=CANCELLED, lease_until=None)
    )


def write_opening(session: Session, week: str, words: str, *, now: datetime) -> None:
    """Put a line from comms on top of a week's letter.

    Raises:
        EditionRefused: Letters have left.
    """
    edition = _locked(session, edition_of(session, week, now=now))
    if edition.state not in {
        EditionState.DRAFT,
        EditionState.SCHEDULED,
        EditionState.PAUSED,
    }:
        raise EditionRefused(week, edition.state)
    edition.opening = " ".join(words.split())[:OPENING_MAX]
    session.flush()


def edition_of(session: Session, week: str, *, now: datetime) -> Edition:
    """Give the edition of a week, made as a draft where there is none.

    Raises:
        Invalid: There is no such week.
    """
    monday_of(week)
    found = select(Edition).where(Edition.week == week)
    edition = session.scalar(found)
    if edition is None:
        draft = {
            "week": week,
            "state": EditionState.DRAFT,
            "hold": Hold.NONE,
            "hold_detail": "",
            "opening": "",
            "story_people": 0,
            "story_clicks": 0,
            "planned_at": now,
            "invented": False,
        }
        insert_new(session, Edition, [draft])  # another process may have been first
        edition = session.scalars(found).one()
    return edition


def _edition(session: Session, week: str) -> Edition:
    monday_of(week)
    edition = session.scalar(
        select(Edition).where(Edition.week == week).with_for_update()
    )
    if edition is None:
        raise NotFound(N_("There is no letter for {week}."), week=week)
    return edition


def _locked(session: Session, edition: Edition) -> Edition:
    session.refresh(edition, with_for_update=True)
    return edition


def _attend(edition: Edition, *, now: datetime) -> None:
    edition.hold = Hold.NONE
    edition.hold_detail = ""
    edition.attended_at = now


def _hurry(session: Session, edition: Edition, *, now: datetime) -> None:
    """Let letters that wait for a later local hour leave now."""
    _attend(edition, now=now)
    session.execute(
        update(Letter)
        .where(
            Letter.edition_id == edition.id,
            Letter.state == LetterState.PENDING,
            Letter.attempts == 0,  # the others wait for the mail server
            Letter.send_after > now,
        )
        .values(send_after=now)
    )


def _plan_and_send(
    transactions: Transactions,
    edition_id: int,
    week: str,
    *,
    now: datetime,
    head: Letterhead,
    at: datetime | None,
) -> None:
    if not write_letters(transactions, edition_id, now=now, head=head, at=at):
        raise Conflict(
            N_("There is nothing new to offer in {week}; approve an item first."),
            week=week,
        )
