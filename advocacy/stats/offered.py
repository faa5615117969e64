"""How often items were offered: in how many letters that were sent.

Letters belong to `digest`, which is a stranger to the statistics. Only two of its
tables are read here, described by the columns that are needed; tests/stats holds them
against the real ones.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    cast,
    column,
    extract,
    func,
    select,
    table,
)
from sqlalchemy.orm import Session

from advocacy.clock import day_of
from advocacy.db.base import Moment

LETTER = table(
    "letter",
    column("id", Integer),
    column("employee_id", Integer),
    column("state", String),
    column("sent_at", Moment()),
)
LETTER_ITEM = table(
    "letter_item", column("letter_id", Integer), column("item_id", Integer)
)
SENT = "sent"
QUARTER_S = 900  # every zone on earth begins its days on one


def offered_items(
    session: Session, *, from_day: date, to_day: date, zone: ZoneInfo
) -> Counter[tuple[int, date]]:
    """Count the letters that carried each item, by the day on which they were sent."""
    second = cast(extract("epoch", LETTER.c.sent_at), Integer)
    quarter = second - second % QUARTER_S
    rows = session.execute(
        select(LETTER_ITEM.c.item_id, quarter, func.count())
        .join_from(LETTER_ITEM, LETTER, LETTER.c.id == LETTER_ITEM.c.letter_id)
        .where(_sent_within(from_day, to_day, zone))
        .group_by(LETTER_ITEM.c.item_id, quarter)
    )
    offered: Counter[tuple[int, date]] = Counter()
    for item_id, began_s, letters in rows:
        day = day_of(datetime.fromtimestamp(began_s, UTC), zone)
        offered[item_id, day] += letters
    return offered


def offered_people(
    session: Session, *, from_day: date, to_day: date, zone: ZoneInfo
) -> Counter[int | None]:
    """Count the items in the letters that each person was sent.

    For adding up over groups that are large enough (stats.small_groups), never to show.
    """
    rows = session.execute(
        select(LETTER.c.employee_id, func.count())
        .join_from(LETTER_ITEM, LETTER, LETTER.c.id == LETTER_ITEM.c.letter_id)
        .where(_sent_within(from_day, to_day, zone))
        .group_by(LETTER.c.employee_id)
    )
    return Counter({person: items for person, items in rows})  # noqa: C416 - typed so


def _sent_within(from_day: date, to_day: date, zone: ZoneInfo) -> ColumnElement[bool]:
    start = datetime.combine(from_day, clock_time(), zone)
    end = datetime.combine(to_day + timedelta(days=1), clock_time(), zone)
    return (
        (LETTER.c.state == SENT)
        & (LETTER.c.sent_at >= start)
        & (LETTER.c.sent_at < end)
    )
