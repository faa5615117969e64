"""Posts that may become offers, with all that decides about them, in few queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from advocacy.offers.audience import PersonFacts, PostFacts
from advocacy.offers.models import Post, SetAside, post_audience
from advocacy.offers.networks import NETWORKS
from advocacy.offers.states import PostState
from advocacy.people.models import Employee, Group, membership
from advocacy.queue.models import FollowedTopic, Item, Topic, item_topic
from advocacy.queue.states import ItemState
from advocacy.sources.models import Source

StartedCounts = Callable[[Collection[int]], Mapping[int, int]]
"""Says how many shares were started of each of these posts; 0 may be left out."""


@dataclass(frozen=True)
class Reader:
    """What decides which offers somebody sees."""

    employee_id: int
    language: str
    groups: Mapping[int, str]  # names by id
    followed: frozenset[int]  # ids of topics

    @property
    def facts(self) -> PersonFacts:
        """Give what the rules ask of a person, apart from what they did."""
        return PersonFacts(groups=frozenset(self.groups))


@dataclass(frozen=True)
class Candidate:
    """One post, with what its item and source say."""

    post: Post
    facts: PostFacts
    item_language: str
    published_at: datetime
    source_name: str


def no_counts(_post_ids: Collection[int]) -> Mapping[int, int]:
    """Say that nothing was shared yet, where caps and variety do not matter."""
    return {}


def reader_of(session: Session, employee: Employee) -> Reader:
    """Read what decides which offers an employee sees."""
    groups = session.execute(
        select(Group.id, Group.name)
        .join(membership, membership.c.group_id == Group.id)
        .where(membership.c.employee_id == employee.id)
    )
    followed = session.scalars(
        select(FollowedTopic.topic_id).where(FollowedTopic.employee_id == employee.id)
    )
    return Reader(
        employee.id,
        employee.language,
        dict(groups.all()),
        frozenset(followed),
    )


def ranked_items(
    reader: Reader, shared_items: Collection[int], now: datetime
) -> Select[int]:
    """Select the ids of items with a post for this reader, best first.

    A sieve on indexed columns; `audience.why_not_shared` has the last word.
    """
    audience = post_audience.c
    open_to_all = ~exists().where(audience.post_id == Post.id)
    open_to_mine = exists().where(
        audience.post_id == Post.id, audience.group_id.in_(reader.groups)
    )
    set_aside = exists().where(
        SetAside.employee_id == reader.employee_id, SetAside.item_id == Item.id
    )
    follows = exists().where(
        item_topic.c.item_id == Item.id, item_topic.c.topic_id.in_(reader.followed)
    )
    shared = Item.id.in_(shared_items) if shared_items else false()
    return (
        select(Item.id)
        .join(Post, Post.item_id == Item.id)
        .where(
            Post.state == PostState.LIVE,
            Post.share_from <= now,
            or_(Post.share_until.is_(None), Post.share_until > now),
            Post.network.in_(NETWORKS),
            Item.state == ItemState.APPROVED,
            Item.approved_hash == Post.revision_hash,
            or_(Item.embargo_until.is_(None), Item.embargo_until <= now),
            or_(open_to_all, open_to_mine),
            ~set_aside,
        )
        .group_by(Item.id)
        .order_by(
            case((shared, 1), else_=0),
            func.max(case((Post.of_the_week, 1), else_=0)).desc(),
            case((follows, 0), else_=1),
            Item.published_at.desc(),
            Item.id.desc(),
        )
    )


def candidates(
    session: Session, which: ColumnElement[bool], started: StartedCounts
) -> list[Candidate]:
    """Read the posts for which a condition holds, with their facts."""
    rows = session.execute(
        select(Post, Item, Source.name)
        .join(Item, Post.item_id == Item.id)
        .join(Source, Item.source_id == Source.id)
        .where(which, Post.network.in_(NETWORKS))
        .order_by(Post.id)
    ).all()
    ids = [post.id for post, _, _ in rows]
    if not ids:
        return []
    groups: dict[int, set[int]] = {}
    for post_id, group_id in session.execute(
        select(post_audience).where(post_audience.c.post_id.in_(ids))
    ):
        groups.setdefault(post_id, set()).add(group_id)
    counts = started(ids)
    return [
        Candidate(
            post,
            _facts(post, item, groups.get(post.id, set()), counts.get(post.id, 0)),
            item.language,
            item.published_at,
            source_name,
        )
        for post, item, source_name in rows
    ]


def _facts(post: Post, item: Item, groups: set[int], started: int) -> PostFacts:
    return PostFacts(
        item_state=item.state,
        approved_hash=item.approved_hash,
        embargo_until=item.embargo_until,
        revision_hash=post.revision_hash,
        state=post.state,
        share_from=post.share_from,
        share_until=post.share_until,
        shares_max=post.shares_max,
        shares_started=started,
        groups=frozenset(groups),
    )


def topics_of(
    session: Session, item_ids: Collection[int]
) -> dict[int, list[tuple[int, str]]]:
    """List the topics of items, by name: id and name of each."""
    topics: dict[int, list[tuple[int, str]]] = {}
    for item_id, topic_id, name in session.execute(
        select(item_topic.c.item_id, Topic.id, Topic.name)
        .join(Topic, item_topic.c.topic_id == Topic.id)
        .where(item_topic.c.item_id.in_(item_ids))
        .order_by(Topic.name)
    ):
        topics.setdefault(item_id, []).append((topic_id, name))
    return topics
