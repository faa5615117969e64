"""The development mailbox, in the database so that every process sees it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from advocacy.db.base import Base


class DevMail(Base):
    """One mail that was not sent, because no mail server is set."""

    __tablename__ = "dev_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column(index=True)  # address alone, lower case
    subject: Mapped[str]
    raw: Mapped[bytes]  # the whole message, RFC 5322
    received_at: Mapped[datetime]
