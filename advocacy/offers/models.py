"""Ready-to-share posts, their audience, and what an employee set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from advocacy.db.base import Base, words
from advocacy.offers.states import PostState
from advocacy.people.models import Group
from advocacy.queue.models import Item

post_audience = Table(
    "post_audience",
    Base.metadata,
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "group_id", ForeignKey("people_group.id", ondelete="CASCADE"), primary_key=True
    ),
    Index("ix_post_audience_group_id", "group_id"),
)


class Post(Base):
    """A ready-to-share text for one item, network and language.

    A share is offered inside [`share_from`, `share_until`) and until `shares_max`
    people started one. No groups in the audience means everybody.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("item_id", "network", "language", "variant"),
        Index("ix_post_state_until", "state", "share_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    network: Mapped[str]  # a key in offers.networks.NETWORKS
    language: Mapped[str]
    variant: Mapped[int] = mapped_column(
        default=1
    )  # 1, 2, …: other words, same message
    text: Mapped[str]  # without the link
    title: Mapped[str]  # of the revision that was approved
    summary: Mapped[str]  # of the revision that was approved
    image_url: Mapped[str | None]  # of the revision that was approved
    target_url: Mapped[str]  # of the revision that was approved
    revision_hash: Mapped[str]
    state: Mapped[PostState] = mapped_column(words(PostState), default=PostState.LIVE)
    share_from: Mapped[datetime]
    share_until: Mapped[datetime | None]
    shares_max: Mapped[int | None]
    of_the_week: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    item: Mapped[Item] = relationship(lazy="raise")
    audience: Mapped[list[Group]] = relationship(secondary=post_audience, lazy="raise")


class SetAside(Base):
    """An item that an employee does not want to be offered again; never counted."""

    __tablename__ = "set_aside"

    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
