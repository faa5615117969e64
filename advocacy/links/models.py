"""Share links, shares, and hits with their verdicts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from advocacy.db.base import Base, words
from advocacy.db.dialect import TimeOrderedId
from advocacy.links.states import LinkState, ShareState
from advocacy.offers.models import Post
from advocacy.people.models import Employee


class ShareLink(Base):
    """A short address `/s/{slug}`: one per post, or personal by choice."""

    __tablename__ = "share_link"
    __table_args__ = (
        Index(
            "uq_share_link_common_post_id",
            "post_id",
            unique=True,
            sqlite_where=text("NOT personal"),
            postgresql_where=text("NOT personal"),
        ),
        UniqueConstraint("post_id", "personal_to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(16), unique=True)  # case matters
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    personal: Mapped[bool] = mapped_column(default=False)  # stays when its person goes
    personal_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", ondelete="SET NULL"), index=True
    )
    target_url: Mapped[str]  # with its UTM parameters
    state: Mapped[LinkState] = mapped_column(words(LinkState), default=LinkState.LIVE)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(
        index=True
    )  # other processes look for news

    post: Mapped[Post] = relationship(lazy="raise")


class Share(Base):
    """An employee's act for one post on one day; doing it again that day adds none."""

    __tablename__ = "share"
    __table_args__ = (UniqueConstraint("employee_id", "post_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", ondelete="SET NULL")
    )
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("share_link.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)  # in the organisation's zone
    state: Mapped[ShareState] = mapped_column(
        words(ShareState), default=ShareState.STARTED
    )
    own_words: Mapped[bool] = mapped_column(
        default=False
    )  # the text itself is not kept
    started_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    invented: Mapped[bool] = mapped_column(default=False)  # the demo's past

    post: Mapped[Post] = relationship(lazy="raise")
    link: Mapped[ShareLink] = relationship(lazy="raise")
    employee: Mapped[Employee | None] = relationship(lazy="raise")


class Hit(Base):
    """One request on a share link, with the verdict on it.

    No address and no user agent. The key is a UUIDv7: its order is the order in
    time, so that a day is a range of the primary key and the table that takes the
    hits needs no second index (bench/redirect.py). `at` is the moment in the key
    (links.hit_ids), written out for whoever reads the table.
    """

    __tablename__ = "hit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[UUID] = mapped_column(TimeOrderedId, primary_key=True)
    link_id: Mapped[int]  # no foreign key: the door looked the slug up
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10))  # a Verdict
    rule: Mapped[str] = mapped_column(String(40))  # the name of the rule that said so
    referrer: Mapped[str | None] = mapped_column(String(255))  # host alone
    visitor: Mapped[int | None] = mapped_column(
        BigInteger
    )  # keyed by a salt of the day
    invented: Mapped[bool] = mapped_column(default=False)  # the demo's past


class LateHit(Base):
    """A hit that came in below the rollup's mark: counted apart, then taken off."""

    __tablename__ = "late_hit"

    hit_id: Mapped[UUID] = mapped_column(TimeOrderedId, primary_key=True)


class RollupMark(Base):
    """How far the rollup is: hits up to and including this one are in the totals.

    It stands here, below the statistics, because every writer of hits looks at it: a
    hit that comes in below the mark is noted in `late_hit` by the same transaction.
    """

    __tablename__ = "rollup_mark"

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    hit_id: Mapped[UUID] = mapped_column(TimeOrderedId)
    advanced_at: Mapped[datetime]


class VisitorSalt(Base):
    """The random key of one day; destroyed within 48 hours."""

    __tablename__ = "visitor_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes]  # 16 bytes
    made_at: Mapped[datetime]
