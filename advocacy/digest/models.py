"""Editions, and one letter per employee and edition."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from advocacy.db.base import Base, words
from advocacy.i18n import N_
from advocacy.people.models import Employee

# Why a letter was not written, as the desk says it.
LEFT_THE_DIGEST = N_("left the digest")
LEFT_THE_COMPANY = N_("no longer works here")
NOTHING_NEW = N_("nothing new")
NOTHING_LEFT = N_("what it carried was withdrawn or shared meanwhile")
CANCELLED = N_("the edition was cancelled")
NOT_SURE = N_("It may have arrived: the connection or the worker was lost.")


class EditionState(StrEnum):
    """How far an edition is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"  # content frozen
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    PARTIAL = "partial"  # done, but not everybody was reached
    CANCELLED = "cancelled"


LIVE = (EditionState.SCHEDULED, EditionState.SENDING)  # letters may leave


class Hold(StrEnum):
    """Why an edition waits for comms: a draft or a paused edition may have one."""

    NONE = ""
    EMPTY = "empty"  # there was nothing to offer to anybody
    LATE = "late"  # more than calendar.LATE_MAX after its moment
    COMMS = "comms"  # somebody pressed pause
    REFUSED = "refused"  # the mail server takes no mail from us


class LetterState(StrEnum):
    """How far a letter is."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # may have left; a person decides, never the program
    SKIPPED = "skipped"


class Edition(Base):
    """The digest of one ISO week."""

    __tablename__ = "edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(unique=True)  # as in 2026-W48
    state: Mapped[EditionState] = mapped_column(
        words(EditionState), default=EditionState.DRAFT
    )
    hold: Mapped[Hold] = mapped_column(words(Hold), default=Hold.NONE)
    hold_detail: Mapped[str] = mapped_column(default="")  # what the mail server said
    opening: Mapped[str] = mapped_column(default="")  # a line from comms on top
    story_item_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="SET NULL")
    )  # last week's best, thanked for on top
    story_people: Mapped[int] = mapped_column(default=0)  # who shared it
    story_clicks: Mapped[int] = mapped_column(default=0)  # human
    planned_at: Mapped[datetime]
    attended_at: Mapped[datetime | None]  # delivery last looked after it; not each time
    finished_at: Mapped[datetime | None]
    invented: Mapped[bool] = mapped_column(default=False)  # the demo's past


class Letter(Base):
    """One employee's copy of an edition."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("edition_id", "employee_id"),
        Index("ix_letter_due", "state", "send_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    employee_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[LetterState] = mapped_column(
        words(LetterState), default=LetterState.PENDING
    )
    reason: Mapped[str] = mapped_column(default="")  # why skipped or failed
    send_after: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)  # also says whose word counts
    lease_until: Mapped[datetime | None]  # in one worker's hands until then
    sent_at: Mapped[datetime | None]

    edition: Mapped[Edition] = relationship(lazy="raise")
    employee: Mapped[Employee | None] = relationship(lazy="raise")


class LetterItem(Base):
    """An item carried by a letter: the only record that something was offered."""

    __tablename__ = "letter_item"

    letter_id: Mapped[int] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id"), primary_key=True, index=True
    )
    position: Mapped[int]  # 1 is on top
    because: Mapped[str]  # a key in digest.choosing.REASONS
    topic_id: Mapped[int | None] = mapped_column(
        ForeignKey("topic.id", ondelete="SET NULL")
    )  # the followed topic that `because` names
