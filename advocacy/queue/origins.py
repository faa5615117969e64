"""Sources with what they brought, as pages, commands and programs show them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from advocacy.sources.catalog import get_source, list_sources
from advocacy.sources.models import Source


@dataclass(frozen=True)
class SourceView:
    """A source, and how many items of each state came from it."""

    source: Source
    items_by_state: dict[ItemState, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Count all items, whatever became of them."""
        return sum(self.items_by_state.values())


def sources_with_items(session: Session) -> list[SourceView]:
    """List the sources that were not removed, by name."""
    counts = _counts(session)
    return [
        SourceView(source, counts.get(source.id, {}))
        for source in list_sources(session)
    ]


def source_with_items(session: Session, source_id: int) -> SourceView:
    """Get one source.

    Raises:
        NotFound: There is none with this id.
    """
    source = get_source(session, source_id)
    return SourceView(source, _counts(session, source_id).get(source_id, {}))


def _counts(
    session: Session, source_id: int | None = None
) -> dict[int, dict[ItemState, int]]:
    query = select(Item.source_id, Item.state, func.count()).group_by(
        Item.source_id, Item.state
    )
    if source_id is not None:
        query = query.where(Item.source_id == source_id)
    counts: dict[int, dict[ItemState, int]] = {}
    for owner, state, count in session.execute(query):
        counts.setdefault(owner, {})[state] = count
    return counts
