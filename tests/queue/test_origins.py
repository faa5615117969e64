from __future__ import annotations

from sqlalchemy.orm import Session

from advocacy.queue.origins import source_with_items, sources_with_items
from advocacy.queue.states import ItemState
from advocacy.sources.models import SourceState
from tests.makers import make_item, make_source


def test_items_are_counted_per_source_and_state(session: Session) -> None:
    """Comms see which source brings what."""
    busy = make_source(session, name="Aqua")
    quiet = make_source(session, name="Brug")
    make_source(session, name="Weg", state=SourceState.REMOVED)
    make_item(session, source=busy)
    make_item(session, source=busy, state=ItemState.REJECTED)

    views = sources_with_items(session)

    assert [(view.source.id, view.items) for view in views] == [
        (busy.id, 2),
        (quiet.id, 0),
    ]
    assert source_with_items(session, busy.id).items_by_state == {
        ItemState.PENDING: 1,
        ItemState.REJECTED: 1,
    }
