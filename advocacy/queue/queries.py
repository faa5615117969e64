"""What stands in the queue, as pages, commands and programs ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from advocacy.db import paging
from advocacy.db.paging import Page
from advocacy.errors import Invalid, NotFound
from advocacy.i18n import N_
from advocacy.queue.models import Decision, Item, ItemRevision
from advocacy.queue.states import ItemState


@dataclass(frozen=True)
class History:
    """An item with all that happened to it, oldest first."""

    item: Item
    revisions: list[ItemRevision]
    decisions: list[Decision]


def clean_state(text: str) -> ItemState:
    """Read the name of a state.

    Raises:
        Invalid: There is no such state.
    """
    try:
        return ItemState(text.strip().lower())
    except ValueError:
        raise Invalid(
            N_("“{text}” is not a state; use {states}."),
            text=text[:40],
            states=", ".join(ItemState),
        ) from None


def list_items(
    session: Session,
    *,
    state: ItemState | None = None,
    source_id: int | None = None,
    search: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Item]:
    """List items, newest first, with their sources and topics.

    Args:
        search: Words of the title.

    Raises:
        Invalid: The cursor is not one of ours.
    """
    size = max(1, min(limit, paging.PAGE_MAX))
    query = select(Item).options(joinedload(Item.source), selectinload(Item.topics))
    if state is not None:
        query = query.where(Item.state == state)
    if source_id is not None:
        query = query.where(Item.source_id == source_id)
    for word in search.split()[:5]:
        query = query.where(
            func.lower(Item.title).contains(word.lower(), autoescape=True)
        )
    if cursor:
        seen_at, last_id = paging.moment_and_id_in(cursor)
        query = query.where(
            or_(
                Item.seen_at < seen_at, and_(Item.seen_at == seen_at, Item.id < last_id)
            )
        )
    rows = session.scalars(
        query.order_by(Item.seen_at.desc(), Item.id.desc()).limit(size + 1)
    )
    return paging.page_of(
        list(rows), size, lambda item: [item.seen_at.isoformat(), item.id]
    )


def count_states(session: Session) -> dict[ItemState, int]:
    """Count the items in each state."""
    rows = session.execute(select(Item.state, func.count()).group_by(Item.state))
    counted = {state: int(count) for state, count in rows}
    return {state: counted.get(state, 0) for state in ItemState}


def count_by_source(session: Session) -> dict[int, int]:
    """Count the items of each source that brought any."""
    rows = session.execute(
        select(Item.source_id, func.count()).group_by(Item.source_id)
    )
    return {source_id: int(count) for source_id, count in rows}


def get_item(session: Session, item_id: int) -> Item:
    """Give an item with its source and topics.

    Raises:
        NotFound: No item has this id.
    """
    item = session.scalar(
        select(Item)
        .where(Item.id == item_id)
        .options(joinedload(Item.source), selectinload(Item.topics))
    )
    if item is None:
        raise NotFound(N_("There is no item {id} in the queue."), id=item_id)
    return item


def history_of(session: Session, item_id: int) -> History:
    """Give an item with its revisions and decisions.

    Raises:
        NotFound: No item has this id.
    """
    item = get_item(session, item_id)
    revisions = session.scalars(
        select(ItemRevision)
        .where(ItemRevision.item_id == item_id)
        .order_by(ItemRevision.number)
    )
    decisions = session.scalars(
        select(Decision)
        .where(Decision.item_id == item_id)
        .options(joinedload(Decision.by))
        .order_by(Decision.id)
    )
    return History(item, list(revisions), list(decisions))


def as_json(item: Item) -> dict[str, Any]:
    """Tell an item in the words that scripts rely on (contract: `queue list`)."""
    return {
        "id": item.id,
        "state": item.state.value,
        "title": item.title,
        "url": item.url,
        "author": item.author,
        "published_at": item.published_at.isoformat(),
        "updated_at": item.updated_at.isoformat() if item.updated_at else None,
        "summary": item.summary,
        "image_url": item.image_url,
        "language": item.language,
        "categories": item.categories,
        "source_id": item.source_id,
        "guid": item.guid,
        "changed_since_approval": item.changed_since_approval,
    }
