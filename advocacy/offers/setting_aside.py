"""Not for me: an item that somebody does not want to be offered again.

Nobody else sees it and nothing counts it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from advocacy.db.dialect import insert_new
from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.offers.models import SetAside
from advocacy.people.models import Employee
from advocacy.queue.models import Item


def set_aside(
    session: Session, employee: Employee, item_id: int, now: datetime
) -> None:
    """Offer an item to this person no longer; twice is once.

    Raises:
        NotFound: There is no such item.
    """
    if session.get(Item, item_id) is None:
        raise NotFound(N_("There is no item {id} in the queue."), id=item_id)
    row = {"employee_id": employee.id, "item_id": item_id, "at": now}
    insert_new(session, SetAside, [row])


def bring_back(session: Session, employee: Employee, item_id: int) -> None:
    """Offer an item again that was set aside; harmless if it was not."""
    session.execute(
        delete(SetAside).where(
            SetAside.employee_id == employee.id, SetAside.item_id == item_id
        )
    )
