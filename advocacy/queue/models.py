"""Items, their revisions, their topics, and what was decided about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from advocacy.db.base import Base, words
from advocacy.people.models import Employee
from advocacy.queue.states import ItemState, Move
from advocacy.sources.models import Source

item_topic = Table(
    "item_topic",
    Base.metadata,
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_item_topic_topic_id", "topic_id"),
)


class Topic(Base):
    """A subject that employees can follow; made from the sources' categories."""

    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # casefolded name
    name: Mapped[str]


class FollowedTopic(Base):
    """An employee's wish to see a topic first."""

    __tablename__ = "followed_topic"

    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[int] = mapped_column(
        ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True
    )


class Item(Base):
    """One piece of official content, as last seen at its source."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("source_id", "identity"),
        Index("ix_item_state_seen", "state", "seen_at", "id"),
        Index("ix_item_source_canonical", "source_id", "canonical_url"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    identity: Mapped[
        str
    ]  # what makes it the same item at the next pull (sources.entries)
    guid: Mapped[str]  # Atom <id>, RSS <guid>, JSON Feed id, CMS post id, as given
    url: Mapped[str]  # where a share link leads
    canonical_url: Mapped[str] = mapped_column(
        index=True
    )  # url without tracking and fragment
    title: Mapped[str]
    summary: Mapped[str]  # plain text, at most 500 characters
    author: Mapped[str]
    image_url: Mapped[str | None]
    language: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(JSON)
    published_at: Mapped[datetime]  # first seen, where the source does not say
    updated_at: Mapped[datetime | None]  # what the source says
    seen_at: Mapped[datetime]  # the first pull that carried it
    embargo_until: Mapped[datetime | None]  # not offered before
    state: Mapped[ItemState] = mapped_column(
        words(ItemState), default=ItemState.PENDING
    )
    state_at: Mapped[datetime]
    revision_hash: Mapped[str]  # of the content as last seen
    approved_hash: Mapped[str | None]  # of the content that comms said yes to
    revisions: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = (
        mapped_column()
    )  # two people deciding at once: one of them is told

    source: Mapped[Source] = relationship(lazy="raise")
    topics: Mapped[list[Topic]] = relationship(
        secondary=item_topic, lazy="raise", order_by=Topic.name
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    @property
    def changed_since_approval(self) -> bool:
        """Tell whether the source edited what comms had approved."""
        return (
            self.state is ItemState.APPROVED
            and self.approved_hash != self.revision_hash
        )


class ItemRevision(Base):
    """The content of an item at one moment; an approval belongs to one of these."""

    __tablename__ = "item_revision"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    number: Mapped[int]  # 1 is the first
    content_hash: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    author: Mapped[str]
    image_url: Mapped[str | None]
    seen_at: Mapped[datetime]


class Decision(Base):
    """Who did what to an item, and why; rows are only ever added."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), index=True
    )
    move: Mapped[Move] = mapped_column(words(Move))
    revision_hash: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", ondelete="SET NULL"), index=True
    )
    via: Mapped[str]  # page, command, api, rule
    reason: Mapped[str]
    at: Mapped[datetime]

    by: Mapped[Employee | None] = relationship(lazy="raise")
