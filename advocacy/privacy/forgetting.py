"""Erasing a person: totals stay, nothing that says whose they were does."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from advocacy.outbound.models import DevMail
from advocacy.people.models import Employee


def erase(session: Session, employee: Employee) -> None:
    """Erase a person for good.

    The database does it by its foreign keys: sessions, sign-in links, tokens, groups,
    topics and what was set aside go; shares, letters, personal links and decisions
    stay without a name.
    """
    session.execute(delete(DevMail).where(DevMail.to == employee.email))
    session.execute(delete(Employee).where(Employee.id == employee.id))
    session.expunge(employee)
