"""What comms and commands see of editions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.digest.calendar import monday_of
from advocacy.digest.models import (
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterState,
)
from advocacy.people.models import Employee


@dataclass(frozen=True)
class EditionLine:
    """An edition with its letters counted; `planned` is all of them."""

    week: str
    state: EditionState
    hold: Hold
    hold_detail: str
    opening: str
    planned_at: datetime | None
    finished_at: datetime | None
    invented: bool
    letters: dict[LetterState, int]

    @property
    def planned(self) -> int:
        """Count the letters, also those that were skipped."""
        return sum(self.letters.values())


@dataclass(frozen=True)
class OpenLetter:
    """A letter that did not surely arrive."""

    id: int
    name: str  # empty: the person was erased
    state: LetterState
    reason: str
    since: datetime  # when it should have left


def list_editions(
    session: Session, *, limit: int = 12, before: str = ""
) -> list[EditionLine]:
    """List the latest editions, or those before a week, the newest first."""
    query = select(Edition).order_by(Edition.week.desc()).limit(limit)
    if before:
        query = query.where(Edition.week < before)
    editions = session.scalars(query).all()
    counts = _counts(session, [edition.id for edition in editions])
    return [_line(edition, counts[edition.id]) for edition in editions]


def find_edition(session: Session, week: str) -> EditionLine:
    """Give the edition of a week; a draft without letters where none was made.

    Raises:
        Invalid: There is no such week.
    """
    monday_of(week)
    edition = session.scalar(select(Edition).where(Edition.week == week))
    if edition is not None:
        return _line(edition, _counts(session, [edition.id])[edition.id])
    return EditionLine(
        week=week,
        state=EditionState.DRAFT,
        hold=Hold.NONE,
        hold_detail="",
        opening="",
        planned_at=None,
        finished_at=None,
        invented=False,
        letters=dict.fromkeys(LetterState, 0),
    )


def status(session: Session, week: str) -> dict[str, str | int]:
    """Say how far the letter of a week is, in the words that scripts rely on.

    Raises:
        Invalid: There is no such week.
    """
    edition = find_edition(session, week)
    return {
        "week": edition.week,
        "state": edition.state.value,
        "hold": edition.hold.value,
        "planned": edition.planned,
        **{state.value: count for state, count in edition.letters.items()},
    }


def undelivered(session: Session, week: str, *, limit: int = 200) -> list[OpenLetter]:
    """List the letters of a week that failed, or of which nobody knows."""
    rows = session.execute(
        select(Letter.id, Employee.name, Letter.state, Letter.reason, Letter.send_after)
        .join(Edition, Edition.id == Letter.edition_id)
        .outerjoin(Employee, Employee.id == Letter.employee_id)
        .where(
            Edition.week == week,
            Letter.state.in_([LetterState.UNKNOWN, LetterState.FAILED]),
        )
        .order_by(Letter.state.desc(), Employee.name, Letter.id)
        .limit(limit)
    )
    return [
        OpenLetter(letter_id, name or "", state, reason, since)
        for letter_id, name, state, reason, since in rows
    ]


def _counts(
    session: Session, edition_ids: list[int]
) -> dict[int, dict[LetterState, int]]:
    counts = {edition_id: dict.fromkeys(LetterState, 0) for edition_id in edition_ids}
    rows = session.execute(
        select(Letter.edition_id, Letter.state, func.count())
        .where(Letter.edition_id.in_(edition_ids))
        .group_by(Letter.edition_id, Letter.state)
    )
    for edition_id, state, count in rows:
        counts[edition_id][state] = count
    return counts


def _line(edition: Edition, letters: dict[LetterState, int]) -> EditionLine:
    return EditionLine(
        week=edition.week,
        state=edition.state,
        hold=edition.hold,
        hold_detail=edition.hold_detail,
        opening=edition.opening,
        planned_at=edition.planned_at,
        finished_at=edition.finished_at,
        invented=edition.invented,
        letters=letters,
    )
