"""How often items were offered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import TableClause
from sqlalchemy.orm import Session

from advocacy.digest.models import Edition, Letter, LetterItem, LetterState
from advocacy.models import metadata
from advocacy.people.models import Employee
from advocacy.stats.offered import (
    LETTER,
    LETTER_ITEM,
    SENT,
    offered_items,
    offered_people,
)
from tests.makers import NOW, make_employee, make_item

SPAN = {"from_day": date(2026, 11, 23), "to_day": date(2026, 11, 24)}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def make_letter(
    session: Session,
    edition: Edition,
    employee: Employee,
    sent_at: datetime,
    *item_ids: int,
    state: LetterState = LetterState.SENT,
) -> Letter:
    """Make a letter with some items in it."""
    letter = Letter(
        edition_id=edition.id,
        employee_id=employee.id,
        state=state,
        send_after=NOW,
        sent_at=sent_at,
    )
    session.add(letter)
    session.flush()
    for position, item_id in enumerate(item_ids, 1):
        session.add(
            LetterItem(
                letter_id=letter.id, item_id=item_id, position=position, because="fresh"
            )
        )
    session.flush()
    return letter


def make_edition(session: Session, week: str = "2026-W48") -> Edition:
    """Make an edition."""
    edition = Edition(week=week, planned_at=NOW)
    session.add(edition)
    session.flush()
    return edition


def test_the_tables_described_here_are_the_real_ones() -> None:
    """The statistics may not import the letters, and must not be wrong about them."""
    described: list[TableClause] = [LETTER, LETTER_ITEM]
    for table in described:
        real = metadata.tables[table.name]
        for column in table.columns:
            assert column.name in real.columns
            there = str(real.columns[column.name].type.compile())
            assert str(column.type.compile()) == there.partition("(")[0]
    assert LetterState.SENT.value == SENT


def test_letters_that_were_sent_count_on_their_local_day(session: Session) -> None:
    """Not those that wait, and not those of last week."""
    edition, me = make_edition(session), make_employee(session)
    older = make_edition(session, "2026-W47")
    one, two = make_item(session).id, make_item(session).id
    midnight = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # in Amsterdam it is Tuesday
    make_letter(session, edition, me, NOW, one, two)
    make_letter(session, edition, make_employee(session), midnight, one)
    make_letter(session, older, me, datetime(2026, 11, 22, 22, 59, tzinfo=UTC), one)
    make_letter(
        session, edition, make_employee(session), NOW, one, state=LetterState.UNKNOWN
    )

    assert offered_items(session, **SPAN, zone=AMSTERDAM) == {
        (one, date(2026, 11, 23)): 1,
        (two, date(2026, 11, 23)): 1,
        (one, date(2026, 11, 24)): 1,
    }


def test_items_are_added_up_per_person_for_the_groups(session: Session) -> None:
    """Only ever shown for five people or more."""
    edition, me = make_edition(session), make_employee(session)
    make_letter(session, edition, me, NOW, make_item(session).id, make_item(session).id)

    assert offered_people(session, **SPAN, zone=AMSTERDAM) == {me.id: 2}
