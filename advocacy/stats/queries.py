"""The figures of a period, from the totals: quick, however many hits there were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from advocacy.clock import week_of
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.links.models import Share, ShareLink
from advocacy.links.states import ShareState
from advocacy.offers.models import Post
from advocacy.queue.models import Item
from advocacy.sources.models import Source
from advocacy.stats.by_group import by_group
from advocacy.stats.figures import By, Figure, Figures
from advocacy.stats.models import DayTotal
from advocacy.stats.offered import offered_items

DAYS_MAX = 1_100  # three years and a bit; a row for each day is still a page

_COLUMN: dict[By, InstrumentedAttribute[Any]] = {
    By.POST: Post.id,
    By.ITEM: Post.item_id,
    By.NETWORK: Post.network,
    By.SOURCE: Item.source_id,
}


def figures(
    session: Session,
    *,
    from_day: date,
    to_day: date,
    by: By,
    zone: ZoneInfo,
    small_group: int,
) -> Figures:
    """Give the figures of a period, both ends included.

    Args:
        session: Opened for reading is enough.
        from_day: The first day.
        to_day: The last day.
        by: What each row stands for.
        zone: The organisation's zone, in which days begin and end.
        small_group: The fewest people that are shown together (settings.small_group).

    Raises:
        Invalid: The period ends before it begins, or is longer than three years.
    """
    if to_day < from_day:
        raise Invalid(N_("The period ends before it begins. Swap the two days."))
    if (to_day - from_day).days >= DAYS_MAX:
        raise Invalid(N_("Choose a period of at most three years."))
    span = {"from_day": from_day, "to_day": to_day}
    totals, by_day = _by_day(session, **span, zone=zone)
    if by is By.DAY:
        rows = list(by_day.values())
    elif by is By.WEEK:
        rows = _weeks(by_day)
    elif by is By.GROUP:
        rows = by_group(session, **span, zone=zone, k=small_group)
    else:
        rows = _by_column(session, by, **span, zone=zone)
    return Figures(from_day, to_day, by, rows, totals)


def _by_day(
    session: Session, *, from_day: date, to_day: date, zone: ZoneInfo
) -> tuple[Figure, dict[date, Figure]]:
    """Count each day, those without anything too, and everything."""
    days = {
        day: Figure({"day": day.isoformat()}, day.isoformat())
        for day in (
            from_day + timedelta(days=number)
            for number in range((to_day - from_day).days + 1)
        )
    }
    totals = Figure()
    for day, verdict, hits, visitors in session.execute(
        select(
            DayTotal.day,
            DayTotal.verdict,
            func.sum(DayTotal.hits),
            func.sum(DayTotal.visitors),
        )
        .where(DayTotal.day.between(from_day, to_day))
        .group_by(DayTotal.day, DayTotal.verdict)
    ):
        for figure in (days[day], totals):
            figure.add_hits(verdict, int(hits), int(visitors))
    for day, state, number in session.execute(
        select(Share.day, Share.state, func.count())
        .where(Share.day.between(from_day, to_day))
        .group_by(Share.day, Share.state)
    ):
        for figure in (days[day], totals):
            _add_shares(figure, state, number)
    offered = offered_items(session, from_day=from_day, to_day=to_day, zone=zone)
    for (_, day), letters in offered.items():
        for figure in (days[day], totals):
            figure.offered += letters
    return totals, days


def _weeks(days: dict[date, Figure]) -> list[Figure]:
    weeks: dict[str, Figure] = {}
    for day, figure in days.items():
        name = week_of(day)
        week = weeks.setdefault(name, Figure({"week": name}, name))
        week.offered += figure.offered
        week.shares += figure.shares
        week.shares_confirmed += figure.shares_confirmed
        week.clicks += figure.clicks
        week.visitors += figure.visitors
        week.excluded += figure.excluded
    return list(weeks.values())


def _by_column(
    session: Session, by: By, *, from_day: date, to_day: date, zone: ZoneInfo
) -> list[Figure]:
    column = _COLUMN[by]
    found: dict[Any, Figure] = defaultdict(Figure)
    for key, verdict, hits, visitors in session.execute(
        _through_posts(
            select(
                column,
                DayTotal.verdict,
                func.sum(DayTotal.hits),
                func.sum(DayTotal.visitors),
            ).join(ShareLink, ShareLink.id == DayTotal.link_id),
            ShareLink.post_id,
        )
        .where(DayTotal.day.between(from_day, to_day))
        .group_by(column, DayTotal.verdict)
    ):
        found[key].add_hits(verdict, int(hits), int(visitors))
    for key, state, number in session.execute(
        _through_posts(select(column, Share.state, func.count()), Share.post_id)
        .where(Share.day.between(from_day, to_day))
        .group_by(column, Share.state)
    ):
        _add_shares(found[key], state, number)
    offered: dict[int, int] = defaultdict(int)
    letters = offered_items(session, from_day=from_day, to_day=to_day, zone=zone)
    for (item_id, _), number in letters.items():
        offered[item_id] += number
    for item_id, keys in _keys_of_items(session, column, offered).items():
        for key in keys:
            found[key].offered += offered[item_id]
    _name(session, by, found)
    return sorted(
        found.values(),
        key=lambda row: (-row.clicks, -row.shares, -row.offered, row.label),
    )


def _through_posts(
    query: Select[*tuple[Any, ...]], post_id: InstrumentedAttribute[int]
) -> Select[*tuple[Any, ...]]:
    return query.join(Post, Post.id == post_id).join(Item, Item.id == Post.item_id)


def _keys_of_items(
    session: Session, column: InstrumentedAttribute[Any], items: Iterable[int]
) -> dict[int, set[Any]]:
    """Say to which rows an item belongs: an item is offered on all its networks."""
    keys: dict[int, set[Any]] = defaultdict(set)
    wanted = sorted(items)
    for start in range(0, len(wanted), 1_000):
        rows = session.execute(
            select(Post.item_id, column)
            .join(Item, Item.id == Post.item_id)
            .where(Post.item_id.in_(wanted[start : start + 1_000]))
            .distinct()
        )
        for item_id, key in rows:
            keys[item_id].add(key)
    return keys


def _name(session: Session, by: By, found: dict[Any, Figure]) -> None:
    """Write keys and labels into rows."""
    if by is By.NETWORK:
        for network, row in found.items():
            row.key, row.label = {"network": network}, network
        return
    keys = sorted(found)
    for start in range(0, len(keys), 1_000):
        some = keys[start : start + 1_000]
        if by is By.SOURCE:
            for source in session.scalars(select(Source).where(Source.id.in_(some))):
                row = found[source.id]
                row.key = {"source_id": source.id, "source": source.name}
                row.label = source.name
        elif by is By.ITEM:
            for item in session.scalars(select(Item).where(Item.id.in_(some))):
                found[item.id].key = {"item_id": item.id, "title": item.title}
                found[item.id].label = item.title
        else:
            for post in session.scalars(select(Post).where(Post.id.in_(some))):
                found[post.id].key = {
                    "post_id": post.id,
                    "item_id": post.item_id,
                    "network": post.network,
                    "title": post.title,
                }
                found[post.id].label = post.title


def _add_shares(figure: Figure, state: ShareState, number: int) -> None:
    figure.shares += number
    if state is ShareState.CONFIRMED:
        figure.shares_confirmed += number
