"""Sharing a post: the employee's act, and the link that goes with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from advocacy.clock import day_of, week_of
from advocacy.db.dialect import insert_new
from advocacy.errors import Conflict, NotFound
from advocacy.i18n import N_
from advocacy.links.models import Share, ShareLink
from advocacy.links.slugs import TRIES, new_slug
from advocacy.links.states import LinkState, ShareState
from advocacy.links.targets import with_utm
from advocacy.offers.models import Post
from advocacy.offers.states import PostState
from advocacy.people.models import Employee


@dataclass(frozen=True)
class StartedShare:
    """A share that somebody began, and what they take along."""

    share: Share
    link: ShareLink
    share_url: str
    text: str  # as it was sent in; it is not kept


def start_share(
    session: Session,
    employee: Employee,
    post_id: int,
    *,
    text: str,
    own_words: bool,
    now: datetime,
    tz: ZoneInfo,
    link_base: str,
) -> StartedShare:
    """Note that somebody takes a post along, and give the link for it.

    Again on the same day is the same share. Whether the post may be offered to this
    person, the caller has asked (`offers.queries.post_for`).

    Args:
        session: The caller's transaction.
        employee: Who shares.
        post_id: What is shared.
        text: What they will publish; handed back, never kept.
        own_words: Whether they changed the words.
        now: The moment, aware.
        tz: The organisation's zone, in which days begin and end.
        link_base: The address in front of `/s/`, without a slash at its end.

    Raises:
        NotFound: There is no such post, or it was taken back.
    """
    post = session.get(Post, post_id)
    if post is None or post.state is not PostState.LIVE:
        raise NotFound(N_("This post is no longer there to share."))
    day = day_of(now, tz)
    link = link_of(
        session,
        post,
        personal_to=employee if employee.wants_own_figures else None,
        day=day,
        now=now,
    )
    values = {
        "employee_id": employee.id,
        "post_id": post.id,
        "link_id": link.id,
        "day": day,
        "state": ShareState.STARTED,
        "own_words": own_words,
        "started_at": now,
        "invented": False,
    }
    insert_new(session, Share, [values])
    share = session.scalars(
        select(Share).where(
            Share.employee_id == employee.id,
            Share.post_id == post.id,
            Share.day == day,
        )
    ).one()
    share.own_words = own_words
    # A first share of the day went out with the link of that moment: it stays the link.
    if share.link_id != link.id:
        link = session.get_one(ShareLink, share.link_id)
    return StartedShare(share, link, share_url(link, link_base), text)


def share_url(link: ShareLink, link_base: str) -> str:
    """Write the address that people publish."""
    return f"{link_base}/s/{link.slug}"


def link_of(
    session: Session,
    post: Post,
    *,
    personal_to: Employee | None,
    day: date,
    now: datetime,
) -> ShareLink:
    """Give the link of a post, made by whoever asks first; a personal one if asked.

    Raises:
        Conflict: Five slugs in a row were taken, which no luck explains.
    """
    found = select(ShareLink).where(ShareLink.post_id == post.id)
    if personal_to is None:
        found = found.where(~ShareLink.personal)
    else:
        found = found.where(ShareLink.personal_to_id == personal_to.id)
    link = session.scalars(found).one_or_none()
    if link is not None:
        _open(link, now)
        return link
    values: dict[str, Any] = {
        "post_id": post.id,
        "personal": personal_to is not None,
        "personal_to_id": personal_to.id if personal_to else None,
        "target_url": with_utm(
            post.target_url,
            network=post.network,
            campaign=week_of(day),
            content=str(post.item_id),
        ),
        "state": LinkState.LIVE,
        "created_at": now,
        "changed_at": now,
    }
    for _ in range(TRIES):
        insert_new(session, ShareLink, [values | {"slug": new_slug()}])
        # Ours, or that of somebody equally quick; none means that the slug is taken.
        link = session.scalars(found).one_or_none()
        if link is not None:
            return link
    raise Conflict(N_("No free address could be found for this link. Try again."))


def _open(link: ShareLink, now: datetime) -> None:
    if link.state is not LinkState.LIVE:
        link.state = LinkState.LIVE
        link.changed_at = now


def confirm_share(
    session: Session, employee: Employee, share_id: int, *, now: datetime
) -> Share:
    """Note that somebody says they posted it.

    Raises:
        NotFound: They have no such share.
    """
    share = _own_share(session, employee, share_id)
    if share.state is not ShareState.CONFIRMED:
        share.state = ShareState.CONFIRMED
        share.confirmed_at = now
    return share


def unconfirm_share(session: Session, employee: Employee, share_id: int) -> Share:
    """Take a confirmation back.

    Raises:
        NotFound: They have no such share.
    """
    share = _own_share(session, employee, share_id)
    share.state = ShareState.STARTED
    share.confirmed_at = None
    return share


def item_of_share(session: Session, employee: Employee, share_id: int) -> int:
    """Say which item somebody's share was about.

    Raises:
        NotFound: They have no such share.
    """
    share = _own_share(session, employee, share_id)
    return session.get_one(Post, share.post_id).item_id


def _own_share(session: Session, employee: Employee, share_id: int) -> Share:
    share = session.get(Share, share_id)
    if share is None or share.employee_id != employee.id:
        raise NotFound(N_("This share is not one of yours."))
    return share


def recall_links(session: Session, item_id: int, *, now: datetime) -> int:
    """Let the links of an item's withdrawn posts lead nowhere, and say how many."""
    return _turn(session, item_id, PostState.WITHDRAWN, LinkState.WITHDRAWN, now)


def revive_links(session: Session, item_id: int, *, now: datetime) -> int:
    """Let the links of an item's live posts work again, and say how many."""
    return _turn(session, item_id, PostState.LIVE, LinkState.LIVE, now)


def _turn(
    session: Session, item_id: int, posts: PostState, to: LinkState, now: datetime
) -> int:
    session.flush()  # the posts' states may have been changed a moment ago
    mine = select(Post.id).where(Post.item_id == item_id, Post.state == posts)
    result = session.execute(
        update(ShareLink)
        .where(ShareLink.post_id.in_(mine), ShareLink.state != to)
        .values(state=to, changed_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def retarget_links(
    session: Session, post_ids: Collection[int], *, now: datetime
) -> int:
    """Point links at their posts' targets again, after a corrected address."""
    changed = 0
    rows = session.execute(
        select(ShareLink, Post)
        .join(Post, ShareLink.post_id == Post.id)
        .where(Post.id.in_(post_ids))
    )
    for link, post in rows:
        target = with_utm(
            post.target_url,
            network=post.network,
            campaign=week_of(link.created_at.date()),
            content=str(post.item_id),
        )
        if link.target_url != target:
            link.target_url = target
            link.changed_at = now
            changed += 1
    return changed
