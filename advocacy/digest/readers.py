"""What readers do with their letter: open a story, or stop the letter."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.digest.letter_links import LetterLink, LinkUnreadable
from advocacy.digest.models import Letter, LetterItem
from advocacy.people.models import Employee


def reader_of(session: Session, link: LetterLink) -> Employee:
    """Say whose letter a link to an item comes from.

    Whoever holds the link may share this item as that person, and nothing else.

    Raises:
        LinkUnreadable: The person left, or the letter did not carry the item.
    """
    employee = session.scalar(
        select(Employee)
        .join(Letter, Letter.employee_id == Employee.id)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.id == link.letter_id,
            LetterItem.item_id == link.item_id,
            Employee.left_at.is_(None),
        )
    )
    if employee is None:
        raise LinkUnreadable
    return employee


def leave(session: Session, letter_id: int) -> Employee | None:
    """Stop the letter for the person who got one; safe to press twice.

    None where that person is not with us any more: then there is nothing to stop.
    """
    employee = session.scalar(
        select(Employee)
        .join(Letter, Letter.employee_id == Employee.id)
        .where(Letter.id == letter_id)
    )
    if employee is not None:
        employee.wants_digest = False
        session.flush()
    return employee
