"""Items of the queue: what the sources brought, and what is decided about it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from advocacy.clock import utc_now
from advocacy.links.following import approve_item, withdraw_item
from advocacy.offers.counting import link_length_of
from advocacy.queue import decisions
from advocacy.queue.queries import get_item, history_of, list_items
from advocacy.queue.states import ItemState, Move
from advocacy.web.api.callers import VIA, CommsCaller
from advocacy.web.api.posts import Post
from advocacy.web.api.shapes import (
    Answer,
    Body,
    GivenMoment,
    Id,
    Line,
    Listing,
    ListQuery,
    Moment,
    PathId,
    Words,
    listing,
)
from advocacy.web.deps import AppHouse, Db

router = APIRouter(prefix="/items", tags=["items"])


class Item(Answer):
    """One piece of official content, as last seen at its source."""

    id: int
    state: ItemState
    title: str
    url: str
    author: str
    published_at: Moment
    updated_at: Moment | None
    summary: str
    image_url: str | None
    language: str
    categories: list[str]
    source_id: int
    guid: str
    seen_at: Moment
    changed_since_approval: bool
    version: int = Field(description="Send it along with a decision as expected.")


class Revision(Answer):
    """The content of an item at one moment."""

    number: int
    title: str
    seen_at: Moment


class Decision(Answer):
    """What was decided about an item."""

    move: Move
    by: str | None = Field(description="Address of whoever decided, if a person did.")
    via: str
    reason: str
    at: Moment


class ItemWithHistory(Item):
    """An item with all that happened to it, oldest first."""

    revisions: list[Revision]
    decisions: list[Decision]


class OfferedItem(Item):
    """An item with the posts that are offered now."""

    posts: list[Post]


class ItemQuery(ListQuery):
    """Which items are wanted."""

    state: ItemState | None = None
    source_id: Id | None = None
    search: Line = Field("", description="Words of the title.")


class Offering(Body):
    """How an approved item is offered."""

    networks: list[str] | None = Field(
        None, max_length=100, description="All of them if left out."
    )
    text: dict[str, Words] | None = Field(
        None, description="Words for a network, instead of the suggested ones."
    )
    groups: list[Id] = Field(
        default=[], max_length=1_000, description="For whom; everybody if empty."
    )
    share_until: GivenMoment | None = None
    expected_version: int | None = None


class Rejection(Body):
    """Why an item is not offered."""

    reason: Words
    expected_version: int | None = None


class Reason(Body):
    """Why something is done, if there is anything to say."""

    reason: Words = ""
    expected_version: int | None = None


@router.get("")
def list_all(
    db: Db, _caller: CommsCaller, asked: Annotated[ItemQuery, Query()]
) -> Listing[Item]:
    """List items, newest first."""
    page = list_items(
        db,
        state=asked.state,
        source_id=asked.source_id,
        search=asked.search,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return listing(page, Item.model_validate)


@router.get("/{item_id}")
def show(db: Db, _caller: CommsCaller, item_id: PathId) -> ItemWithHistory:
    """Give an item with its revisions and decisions."""
    history = history_of(db, item_id)
    return ItemWithHistory(
        **_item(history.item),
        revisions=[Revision.model_validate(one) for one in history.revisions],
        decisions=[
            Decision(
                move=one.move,
                by=one.by.email if one.by else None,
                via=one.via,
                reason=one.reason,
                at=one.at,
            )
            for one in history.decisions
        ],
    )


@router.post("/{item_id}/approve")
def approve(
    db: Db,
    house: AppHouse,
    caller: CommsCaller,
    item_id: PathId,
    given: Offering | None = None,
) -> OfferedItem:
    """Approve an item as it is now, and offer its posts."""
    how = given or Offering()
    posts = approve_item(
        db,
        item_id,
        by=caller.employee,
        via=VIA,
        now=utc_now(),
        networks=how.networks,
        text=how.text,
        expected_version=how.expected_version,
        groups=how.groups,
        share_until=how.share_until,
        link_length=link_length_of(house.settings.link_base),
    )
    return OfferedItem(
        **_item(get_item(db, item_id)),
        posts=[Post.model_validate(post) for post in posts],
    )


@router.post("/{item_id}/reject")
def reject(db: Db, caller: CommsCaller, item_id: PathId, given: Rejection) -> Item:
    """Say no to an item; it never comes back by itself."""
    item = decisions.reject(
        db,
        item_id,
        by=caller.employee,
        via=VIA,
        now=utc_now(),
        reason=given.reason,
        expected_version=given.expected_version,
    )
    return Item.model_validate(item)


@router.post("/{item_id}/withdraw")
def withdraw(
    db: Db, caller: CommsCaller, item_id: PathId, given: Reason | None = None
) -> Item:
    """Take back the yes: offers stop, share links lead to a kind page."""
    why = given or Reason()
    withdraw_item(
        db,
        item_id,
        by=caller.employee,
        via=VIA,
        now=utc_now(),
        reason=why.reason,
        expected_version=why.expected_version,
    )
    return Item.model_validate(get_item(db, item_id))


@router.post("/{item_id}/reopen")
def reopen(
    db: Db, caller: CommsCaller, item_id: PathId, given: Reason | None = None
) -> Item:
    """Put an item back among those that wait for a decision."""
    why = given or Reason()
    item = decisions.reopen(
        db,
        item_id,
        by=caller.employee,
        via=VIA,
        now=utc_now(),
        reason=why.reason,
        expected_version=why.expected_version,
    )
    return Item.model_validate(item)


def _item(row: object) -> dict[str, Any]:
    return dict(Item.model_validate(row))
