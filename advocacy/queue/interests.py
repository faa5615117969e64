"""Which topics a person follows, so that these come first."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from advocacy.people.models import Employee
from advocacy.queue.models import FollowedTopic, Topic, item_topic

TOPICS_MAX = 100  # on the preferences page; the ones most written about


def list_topics(session: Session) -> list[Topic]:
    """List the topics that are written about most, by name."""
    used = func.count(item_topic.c.item_id)
    topics = session.scalars(
        select(Topic)
        .join(item_topic, item_topic.c.topic_id == Topic.id)
        .group_by(Topic.id)
        .order_by(used.desc(), Topic.id)
        .limit(TOPICS_MAX)
    )
    return sorted(topics, key=lambda topic: topic.key)


def followed_by(session: Session, employee: Employee) -> set[int]:
    """Give the ids of the topics that a person follows."""
    return set(
        session.scalars(
            select(FollowedTopic.topic_id).where(
                FollowedTopic.employee_id == employee.id
            )
        )
    )


def follow(session: Session, employee: Employee, topic_ids: Collection[int]) -> None:
    """Make a person follow these topics and no others; unknown ones are left out."""
    session.execute(
        delete(FollowedTopic).where(FollowedTopic.employee_id == employee.id)
    )
    known = session.scalars(select(Topic.id).where(Topic.id.in_(topic_ids)))
    session.add_all(
        FollowedTopic(employee_id=employee.id, topic_id=topic_id) for topic_id in known
    )
    session.flush()
