"""The story of last week that did best, to thank people for on top of a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Date, Integer, String, column, func, select, table
from sqlalchemy.orm import Session

from advocacy.digest.calendar import monday_of
from advocacy.links.models import Share, ShareLink
from advocacy.links.states import Verdict
from advocacy.offers.models import Post
from advocacy.offers.states import PostState
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState

# stats lies beside digest, not below it; these are the columns of its day_total.
_day_total = table(
    "day_total",
    column("day", Date),
    column("link_id", Integer),
    column("verdict", String),
    column("hits", Integer),
)


@dataclass(frozen=True)
class BestStory:
    """What colleagues did with one item in a week."""

    item_id: int
    people: int  # who started a share
    clicks: int  # human


def best_of_week(session: Session, week: str, *, people_min: int) -> BestStory | None:
    """Say which item most people shared in a week; None if fewer than `people_min`.

    Below that number a count would point at persons.
    """
    first = monday_of(week)
    last = first + timedelta(days=6)
    people = func.count(func.distinct(Share.employee_id))
    best = session.execute(
        select(Post.item_id, people)
        .join(Share, Share.post_id == Post.id)
        .join(Item, Item.id == Post.item_id)
        .where(
            Share.day.between(first, last),
            Item.state == ItemState.APPROVED,
            Post.state == PostState.LIVE,
        )
        .group_by(Post.item_id)
        .having(people >= people_min)
        .order_by(people.desc(), Post.item_id.desc())
        .limit(1)
    ).first()
    if best is None:
        return None
    item_id, count = best
    clicks = session.scalar(
        select(func.coalesce(func.sum(_day_total.c.hits), 0))
        .join(ShareLink, ShareLink.id == _day_total.c.link_id)
        .join(Post, Post.id == ShareLink.post_id)
        .where(
            Post.item_id == item_id,
            _day_total.c.verdict == Verdict.HUMAN.value,
            _day_total.c.day.between(first, last),
        )
    )
    return BestStory(item_id=item_id, people=count, clicks=int(clicks or 0))
