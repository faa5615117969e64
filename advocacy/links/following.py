"""Share links follow what is decided about items: one way for page, command and API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from advocacy.links.sharing import recall_links, retarget_links, revive_links
from advocacy.offers.models import Post
from advocacy.offers.offering import approve_and_offer, withdraw_and_recall
from advocacy.people.models import Employee


def approve_item(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    networks: Collection[str] | None = None,
    text: Mapping[str, str] | None = None,
    expected_version: int | None = None,
    groups: Collection[int] = (),
    share_until: datetime | None = None,
    link_length: int,
) -> list[Post]:
    """Approve an item and offer its posts; links of an earlier approval work again.

    Raises:
        NotFound, MoveRefused, Conflict, Invalid: As in `offering.approve_and_offer`.
    """
    posts = approve_and_offer(
        session,
        item_id,
        by=by,
        via=via,
        now=now,
        networks=networks,
        text=text,
        expected_version=expected_version,
        groups=groups,
        share_until=share_until,
        link_length=link_length,
    )
    retarget_links(session, [post.id for post in posts], now=now)
    revive_links(session, item_id, now=now)
    return posts


def withdraw_item(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """Withdraw an item: its posts are offered no more, its links lead to a kind page.

    Raises:
        NotFound, MoveRefused, Conflict: As in `offering.withdraw_and_recall`.
    """
    withdraw_and_recall(
        session,
        item_id,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )
    recall_links(session, item_id, now=now)
