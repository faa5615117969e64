"""Topics: the categories of sources, by which employees follow what they like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from advocacy.db.dialect import insert_new
from advocacy.queue.models import Topic, item_topic


def set_topics(session: Session, categories: Mapping[int, Sequence[str]]) -> None:
    """Give items the topics of their categories, making those that are new.

    Args:
        categories: Names by item id; they replace what the item had.
    """
    if not categories:
        return
    names = {key_of(name): name for found in categories.values() for name in found}
    # Sorted, so that two pulls that make the same topics lock them in one order.
    insert_new(
        session, Topic, [{"key": key, "name": names[key]} for key in sorted(names)]
    )
    found = session.execute(select(Topic.key, Topic.id).where(Topic.key.in_(names)))
    ids = {key: topic_id for key, topic_id in found}  # noqa: C416 - rows are no pairs to mypy
    session.execute(delete(item_topic).where(item_topic.c.item_id.in_(categories)))
    insert_new(
        session,
        item_topic,
        [
            {"item_id": item_id, "topic_id": topic_id}
            for item_id, found in categories.items()
            for topic_id in dict.fromkeys(ids[key_of(name)] for name in found)
        ],
    )


def key_of(name: str) -> str:
    """Give what makes two names the same topic."""
    return name.casefold()
