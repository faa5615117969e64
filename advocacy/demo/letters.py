"""The weekly letters of an invented past: sent, and never in anybody's mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from advocacy.demo.chances import Story
from advocacy.digest.calendar import (
    Timetable,
    moment_of,
    week_before,
    week_to_plan,
    zone_named,
)
from advocacy.digest.choosing import NEWS, STILL_OPEN
from advocacy.digest.models import (
    LEFT_THE_DIGEST,
    Edition,
    EditionState,
    Letter,
    LetterItem,
    LetterState,
)
from advocacy.people.models import Employee

STORIES_MAX = 5
STORIES_MIN = 2  # in a quiet week, something that is still good to share
MONDAY, NINE = 1, 9


def invent_letters(
    session: Session,
    dice: Random,
    employees: Sequence[Employee],
    stories: Sequence[Story],
    *,
    weeks: int,
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Add the editions of the weeks that are over, and say how many letters there are.

    The week whose edition the service itself will plan, or has, is left to it.
    """
    timetable = Timetable(weekday=MONDAY, hour=NINE, zone=zone)
    there = set(session.scalars(select(Edition.week)))
    week = week_to_plan(now, timetable)
    letters = 0
    for _ in range(weeks):
        week = week_before(week)
        moment = moment_of(week, timetable)
        carried = _carried(stories, moment)
        if week not in there and carried:
            edition = _add_edition(session, week, moment)
            sent = _letters(dice, edition, timetable, employees)
            _add_letters(session, sent, carried, employees)
            letters += len(sent)
    return letters


def _carried(stories: Sequence[Story], at: datetime) -> list[tuple[Story, str]]:
    """Choose what the letter of a moment carries, the latest first, each with why."""
    known = sorted(
        (story for story in stories if story.since < at),
        key=lambda story: story.since,
        reverse=True,
    )
    fresh = [story for story in known if at - story.since <= timedelta(days=7)]
    count = min(STORIES_MAX, max(STORIES_MIN, len(fresh)))
    return [(story, NEWS if story in fresh else STILL_OPEN) for story in known[:count]]


def _add_edition(session: Session, week: str, moment: datetime) -> Edition:
    edition = Edition(
        week=week,
        state=EditionState.SENT,
        planned_at=moment - timedelta(hours=26),
        finished_at=moment + timedelta(hours=2),
        invented=True,
    )
    session.add(edition)
    session.flush()
    return edition


def _letters(
    dice: Random, edition: Edition, timetable: Timetable, employees: Sequence[Employee]
) -> list[dict[str, Any]]:
    """Write a letter to everybody, or why there is none."""
    rows = []
    for employee in employees:
        zone = zone_named(employee.timezone, timetable.zone)
        at = moment_of(edition.week, timetable, zone)
        wanted = employee.wants_digest
        rows.append(
            {
                "edition_id": edition.id,
                "employee_id": employee.id,
                "state": LetterState.SENT if wanted else LetterState.SKIPPED,
                "reason": "" if wanted else LEFT_THE_DIGEST,
                "send_after": at,
                "attempts": int(wanted),
                "sent_at": at + timedelta(seconds=dice.randint(1, 90))
                if wanted
                else None,
            }
        )
    return rows


def _add_letters(
    session: Session,
    rows: list[dict[str, Any]],
    carried: Sequence[tuple[Story, str]],
    employees: Sequence[Employee],
) -> None:
    """Add letters, each with its stories, those in the reader's language first."""
    written = session.execute(
        insert(Letter).returning(Letter.id, Letter.employee_id), rows
    ).all()
    languages = {one.id: one.language for one in employees if one.wants_digest}
    items = []
    for letter_id, employee_id in written:
        language = languages.get(employee_id or 0)
        if language is None:
            continue
        own = [one for one in carried if one[0].language == language]
        mine = own + [one for one in carried if one not in own]
        items += [
            {
                "letter_id": letter_id,
                "item_id": story.id,
                "position": position,
                "because": because,
            }
            for position, (story, because) in enumerate(mine, start=1)
        ]
    session.execute(insert(LetterItem), items)
