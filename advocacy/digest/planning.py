"""Writing down who gets which stories: in batches, resumable, each person once.

A batch is one transaction, so that nobody else waits long, and holds the edition's
row, so that two planners cannot write the same letters. The edition stays a draft
until everybody has a letter; a planner that dies is followed by one that goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, insert, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest.calendar import moment_of, week_before, zone_named
from advocacy.digest.candidates import candidates, readers
from advocacy.digest.choosing import Candidate, Chosen, Reader, Story, choose
from advocacy.digest.choosing import stories_for as stories_for_groups
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import (
    LEFT_THE_DIGEST,
    NOTHING_NEW,
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterItem,
    LetterState,
)
from advocacy.digest.story import best_of_week
from advocacy.people.models import Employee

BATCH = 500  # employees in one transaction: some 100 ms on SQLite
_KEPT_MAX = 2_000  # combinations of groups, language and moment


@dataclass
class _Plan:
    """One run of planning an edition."""

    edition_id: int
    week: str
    head: Letterhead
    at: datetime | None  # one moment for all; None: each person's own
    stories: list[Candidate]
    _by_kind: dict[tuple[Any, ...], list[Story]] = field(default_factory=dict)

    def moment_for(self, timezone: str) -> datetime:
        """Say when a person's letter leaves."""
        if self.at is not None:
            return self.at
        zone = zone_named(timezone, self.head.timetable.zone)
        return moment_of(self.week, self.head.timetable, zone)

    def choice(self, reader: Reader, at: datetime) -> list[Chosen]:
        """Choose for a person; colleagues in the same groups share most of the work."""
        kind = (reader.groups, reader.language, at)
        if kind not in self._by_kind:
            if len(self._by_kind) >= _KEPT_MAX:
                self._by_kind.clear()
            self._by_kind[kind] = stories_for_groups(
                self.stories, groups=reader.groups, language=reader.language, at=at
            )
        return choose(self._by_kind[kind], reader, at=at, limit=self.head.items_max)


def write_letters(
    transactions: Transactions,
    edition_id: int,
    *,
    now: datetime,
    head: Letterhead,
    at: datetime | None = None,
) -> bool:
    """Give everybody a letter and freeze the edition; tell whether any will leave.

    An edition that would be empty for everybody stays a draft without letters.
    """
    with transactions() as session:
        week = session.scalar(
            select(Edition.week).where(
                Edition.id == edition_id, Edition.state == EditionState.DRAFT
            )
        )
        stories = candidates(session, now=at or now) if week else []
    if week is None:
        return False
    if stories:
        plan = _Plan(edition_id, week, head, at, stories)
        after: int | None = 0
        while after is not None:
            with transactions() as session:
                after = _write_batch(session, plan, after)
    with transactions() as session:
        return _freeze(session, edition_id, now=now, head=head)


def unwrite_letters(session: Session, edition_id: int) -> None:
    """Take back the letters of an edition that have not left."""
    session.execute(
        delete(Letter).where(
            Letter.edition_id == edition_id,
            Letter.attempts == 0,
            Letter.state.in_([LetterState.PENDING, LetterState.SKIPPED]),
        )
    )


def locked_draft(session: Session, edition_id: int) -> Edition | None:
    """Hold an edition against others who plan it; None if it is no draft any more."""
    edition = session.scalar(
        select(Edition).where(Edition.id == edition_id).with_for_update()
    )
    if edition is None or edition.state is not EditionState.DRAFT:
        return None
    return edition


def _write_batch(session: Session, plan: _Plan, after: int) -> int | None:
    """Write the letters of the next employees; say after whom to go on, if anybody."""
    if locked_draft(session, plan.edition_id) is None:
        return None
    people = session.execute(
        select(Employee.id, Employee.language, Employee.timezone, Employee.wants_digest)
        .where(Employee.id > after, Employee.left_at.is_(None))
        .order_by(Employee.id)
        .limit(BATCH)
    ).all()
    if not people:
        return None
    have_one = set(
        session.scalars(
            select(Letter.employee_id).where(
                Letter.edition_id == plan.edition_id,
                Letter.employee_id.in_([person.id for person in people]),
            )
        )
    )
    _insert(session, plan, [person for person in people if person.id not in have_one])
    return int(people[-1].id)


def _insert(
    session: Session, plan: _Plan, people: Sequence[Row[int, str, str, bool]]
) -> None:
    if not people:
        return
    known = readers(
        session,
        {person.id: person.language for person in people if person.wants_digest},
        item_ids=[story.item_id for story in plan.stories],
        edition_id=plan.edition_id,
    )
    chosen: dict[int, list[Chosen]] = {}
    letters: list[dict[str, Any]] = []
    for person in people:
        at = plan.moment_for(person.timezone)
        reader = known.get(person.id)
        chosen[person.id] = plan.choice(reader, at) if reader else []
        reason = "" if chosen[person.id] else NOTHING_NEW if reader else LEFT_THE_DIGEST
        letters.append(
            {
                "edition_id": plan.edition_id,
                "employee_id": person.id,
                "state": LetterState.SKIPPED if reason else LetterState.PENDING,
                "reason": reason,
                "send_after": at,
            }
        )
    written = session.execute(
        insert(Letter).returning(Letter.id, Letter.employee_id), letters
    ).all()
    items = [
        {
            "letter_id": letter_id,
            "item_id": story.item_id,
            "position": position,
            "because": story.because,
            "topic_id": story.topic_id,
        }
        for letter_id, employee_id in written
        if employee_id is not None
        for position, story in enumerate(chosen[employee_id], start=1)
    ]
    if items:
        session.execute(insert(LetterItem), items)


def _freeze(
    session: Session, edition_id: int, *, now: datetime, head: Letterhead
) -> bool:
    edition = locked_draft(session, edition_id)
    if edition is None:
        return False
    edition.planned_at = now
    any_left = session.scalar(
        select(exists().where(Letter.edition_id == edition_id, Letter.reason == ""))
    )
    if not any_left:
        unwrite_letters(session, edition_id)
        edition.hold = Hold.EMPTY
        return False
    best = best_of_week(session, week_before(edition.week), people_min=head.small_group)
    if best is not None:
        edition.story_item_id = best.item_id
        edition.story_people = best.people
        edition.story_clicks = best.clicks
    edition.state = EditionState.SCHEDULED
    edition.hold = Hold.NONE
    edition.attended_at = now
    return True
