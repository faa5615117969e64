"""The pulse: proof that clock, broker and workers work together, end to end.

The timetable rings every minute for a task that does nothing but write down that it
ran. A process that is alive proves less: it may be waiting for a bell for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from advocacy.db.base import Base
from advocacy.db.dialect import insert_new

EXPECTED_EVERY = timedelta(minutes=1)
OVERDUE_AFTER = timedelta(minutes=3)
_ONLY = 1


class Pulse(Base):
    """When a worker last heard a bell of the timetable; one row."""

    __tablename__ = "pulse"

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    at: Mapped[datetime]


def note_pulse(session: Session, *, now: datetime) -> None:
    """Write down that a worker heard the timetable's bell."""
    if not insert_new(session, Pulse, [{"id": _ONLY, "at": now}]):
        session.execute(update(Pulse).where(Pulse.id == _ONLY).values(at=now))


def last_pulse(session: Session) -> datetime | None:
    """Say when a worker last heard the timetable's bell."""
    pulse = session.get(Pulse, _ONLY)
    return pulse.at if pulse else None


def workers_answer(session: Session, *, now: datetime) -> bool:
    """Tell whether the workers did what the timetable asked, lately."""
    last = last_pulse(session)
    return last is not None and now - last <= OVERDUE_AFTER
