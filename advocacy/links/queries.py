"""What is known of shares: of one's own, and of posts as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from advocacy.links.models import Share
from advocacy.links.states import ShareState
from advocacy.offers.models import Post
from advocacy.people.models import Employee

SHARES_MAX = 200  # rows on a person's own page


@dataclass(frozen=True)
class OwnShare:
    """A share on its owner's page."""

    id: int
    post_id: int
    item_id: int
    link_id: int
    title: str
    network: str
    day: date
    state: ShareState
    started_at: datetime


def shares_of(
    session: Session, employee: Employee, *, limit: int = SHARES_MAX
) -> list[OwnShare]:
    """List what somebody shared, the last first; for their own eyes."""
    rows = session.execute(
        select(Share, Post.item_id, Post.title, Post.network)
        .join(Post, Share.post_id == Post.id)
        .where(Share.employee_id == employee.id)
        .order_by(Share.started_at.desc(), Share.id.desc())
        .limit(limit)
    )
    return [
        OwnShare(
            share.id,
            share.post_id,
            item_id,
            share.link_id,
            title,
            network,
            share.day,
            share.state,
            share.started_at,
        )
        for share, item_id, title, network in rows
    ]


def started_counts(session: Session, post_ids: Collection[int]) -> dict[int, int]:
    """Say how many people started a share, for each of these posts that anybody did."""
    if not post_ids:
        return {}
    rows = session.execute(
        select(Share.post_id, func.count(distinct(Share.employee_id)))
        .where(Share.post_id.in_(post_ids))
        .group_by(Share.post_id)
    )
    return {post_id: people for post_id, people in rows}  # noqa: C416 - typed so


def shared_item_ids(session: Session, employee: Employee) -> set[int]:
    """Give the items that somebody shared, on whatever network."""
    return set(
        session.scalars(
            select(Post.item_id)
            .join(Share, Share.post_id == Post.id)
            .where(Share.employee_id == employee.id)
        )
    )


def shared_networks(
    session: Session, employee: Employee, item_ids: Collection[int]
) -> dict[int, set[str]]:
    """Say on which networks somebody shared these items already."""
    networks: dict[int, set[str]] = defaultdict(set)
    if item_ids:
        rows = session.execute(
            select(Post.item_id, Post.network)
            .join(Share, Share.post_id == Post.id)
            .where(Share.employee_id == employee.id, Post.item_id.in_(item_ids))
        )
        for item_id, network in rows:
            networks[item_id].add(network)
    return dict(networks)
