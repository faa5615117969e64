"""A source, with all that is known of how it answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from advocacy.db.base import Base, words


class SourceState(StrEnum):
    """Whether a source is asked for news."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"  # its items stay in the queue


class Approval(StrEnum):
    """What happens to a new item of a source."""

    REVIEW = "review"
    AUTO = "auto"


class Source(Base):
    """A feed or CMS endpoint that the organisation itself owns or trusts."""

    __tablename__ = "source"
    __table_args__ = (Index("ix_source_due", "state", "next_pull_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # a name in sources.adapters.ADAPTERS
    state: Mapped[SourceState] = mapped_column(
        words(SourceState), default=SourceState.ACTIVE
    )
    approval: Mapped[Approval] = mapped_column(words(Approval), default=Approval.REVIEW)
    language: Mapped[str | None]  # of items that do not say; None: the default
    every_s: Mapped[int | None]  # fixed time between pulls; None: adapts to the source
    created_at: Mapped[datetime]

    etag: Mapped[str | None]
    last_modified: Mapped[str | None]  # as the server sent it
    body_sha256: Mapped[str | None]
    last_pulled_at: Mapped[datetime | None]
    next_pull_at: Mapped[datetime]
    last_result: Mapped[str | None]  # new, unchanged, gone, failed
    last_new: Mapped[int] = mapped_column(default=0)  # what the last pull brought
    last_updated: Mapped[int] = mapped_column(default=0)
    last_unchanged: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]  # what went wrong, in words for comms
    last_error_kind: Mapped[str | None]  # a name in outbound.http.FailureKind
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]  # being pulled until then at the latest
    lease_token: Mapped[str | None]  # whoever holds the lease
