"""What may stand in letters, and what is known of their readers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, func, or_, select
from sqlalchemy.orm import Session

from advocacy.digest.choosing import Candidate, CandidatePost, Reader
from advocacy.digest.models import Letter, LetterItem, LetterState
from advocacy.links.models import Share
from advocacy.offers.audience import PostFacts
from advocacy.offers.models import Post, SetAside, post_audience
from advocacy.offers.states import PostState
from advocacy.people.models import membership
from advocacy.queue.models import FollowedTopic, Item, item_topic
from advocacy.queue.states import ItemState

# A letter carries a handful; the hundred latest are choice enough for everybody.
CANDIDATES_MAX = 100


def candidates(session: Session, *, now: datetime) -> list[Candidate]:
    """Give the items that a letter planned now may carry, the latest first."""
    of_the_week = func.max(cast(Post.of_the_week, Integer))
    latest = (
        select(Item.id)
        .join(Post, Post.item_id == Item.id)
        .where(
            Item.state == ItemState.APPROVED,
            Item.approved_hash == Post.revision_hash,
            Post.state == PostState.LIVE,
            or_(Post.share_until.is_(None), Post.share_until > now),
        )
        .group_by(Item.id)
        .order_by(of_the_week.desc(), Item.published_at.desc(), Item.id.desc())
        .limit(CANDIDATES_MAX)
    )
    found = candidates_of(session, session.scalars(latest).all())
    return sorted(found.values(), key=lambda item: item.published_at, reverse=True)


def candidates_of(session: Session, item_ids: Collection[int]) -> dict[int, Candidate]:
    """Give items with their posts, whether or not these may be offered (any more)."""
    rows = session.execute(
        select(Post, Item)
        .join(Item, Item.id == Post.item_id)
        .where(Post.item_id.in_(item_ids))
        .order_by(Post.id)
    ).all()
    groups = _sets(session, _audiences([post.id for post, _ in rows]))
    capped = [post.id for post, _ in rows if post.shares_max is not None]
    started = _started(session, capped)
    topics = _sets(
        session,
        select(item_topic.c.item_id, item_topic.c.topic_id).where(
            item_topic.c.item_id.in_(item_ids)
        ),
    )
    items: dict[int, Item] = {}
    posts: dict[int, list[CandidatePost]] = defaultdict(list)
    for post, item in rows:
        items[item.id] = item
        facts = PostFacts(
            item_state=item.state,
            approved_hash=item.approved_hash,
            embargo_until=item.embargo_until,
            revision_hash=post.revision_hash,
            state=post.state,
            share_from=post.share_from,
            share_until=post.share_until,
            shares_max=post.shares_max,
            shares_started=started.get(post.id, 0),
            groups=frozenset(groups[post.id]),
        )
        posts[item.id].append(
            CandidatePost(
                id=post.id,
                language=post.language,
                of_the_week=post.of_the_week,
                facts=facts,
                title=post.title,
                summary=post.summary,
                image_url=post.image_url,
            )
        )
    return {
        item.id: Candidate(
            item_id=item.id,
            source_id=item.source_id,
            topics=frozenset(topics[item.id]),
            published_at=item.published_at,
            posts=tuple(posts[item.id]),
        )
        for item in items.values()
    }


def readers(
    session: Session,
    languages: Mapping[int, str],
    *,
    item_ids: Collection[int],
    edition_id: int | None,
) -> dict[int, Reader]:
    """Give what matters for the choice about some people.

    Args:
        languages: Per employee, as in `nl`.
        item_ids: The candidates; what people did with other items is of no matter.
        edition_id: The edition that is being made: what its own letters carry has
            not been mailed before.
    """
    people = list(languages)
    groups = _sets(
        session,
        select(membership.c.employee_id, membership.c.group_id).where(
            membership.c.employee_id.in_(people)
        ),
    )
    follows = _sets(
        session,
        select(FollowedTopic.employee_id, FollowedTopic.topic_id).where(
            FollowedTopic.employee_id.in_(people)
        ),
    )
    done = _sets(
        session,
        select(Share.employee_id, Post.item_id)
        .join(Post, Post.id == Share.post_id)
        .where(Share.employee_id.in_(people), Post.item_id.in_(item_ids)),
        select(SetAside.employee_id, SetAside.item_id).where(
            SetAside.employee_id.in_(people), SetAside.item_id.in_(item_ids)
        ),
        select(Letter.employee_id, LetterItem.item_id)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.employee_id.in_(people),
            Letter.edition_id != (edition_id or 0),
            Letter.state.not_in([LetterState.SKIPPED, LetterState.FAILED]),
            LetterItem.item_id.in_(item_ids),
        ),
    )
    return {
        employee_id: Reader(
            language=language,
            groups=frozenset(groups[employee_id]),
            follows=frozenset(follows[employee_id]),
            done=frozenset(done[employee_id]),
        )
        for employee_id, language in languages.items()
    }


def _audiences(post_ids: Collection[int]) -> Select[Any, Any]:
    return select(post_audience.c.post_id, post_audience.c.group_id).where(
        post_audience.c.post_id.in_(post_ids)
    )


def _started(session: Session, post_ids: Collection[int]) -> dict[int, int]:
    """Count the people who started a share, for posts with a cap."""
    if not post_ids:
        return {}
    rows = session.execute(
        select(Share.post_id, func.count(func.distinct(Share.employee_id)))
        .where(Share.post_id.in_(post_ids))
        .group_by(Share.post_id)
    )
    return {post_id: count for post_id, count in rows}  # noqa: C416 - rows are no pairs for mypy


def _sets(session: Session, *pairs: Select[Any, Any]) -> defaultdict[int, set[int]]:
    """Gather the second column of some queries under the first."""
    gathered: defaultdict[int, set[int]] = defaultdict(set)
    for query in pairs:
        for key, value in session.execute(query):
            gathered[key].add(value)
    return gathered
