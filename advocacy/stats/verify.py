"""Counting again, from the raw hits, to see whether the totals still tell the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, case, distinct, func, literal, select, union_all
from sqlalchemy.orm import Session

from advocacy.links.models import Hit, LateHit, RollupMark
from advocacy.links.states import Verdict
from advocacy.stats.models import DayTotal
from advocacy.stats.rollup import day_range


@dataclass(frozen=True)
class Difference:
    """The first total that does not agree with its hits."""

    day: date
    link_id: int
    verdict: str
    kept_hits: int
    counted_hits: int
    kept_visitors: int
    counted_visitors: int


@dataclass(frozen=True)
class Verified:
    """What a recount found."""

    days: int
    hits: int
    difference: Difference | None

    @property
    def agrees(self) -> bool:
        """Tell whether every total agrees with its hits."""
        return self.difference is None


def verify(
    session: Session, *, from_day: date, to_day: date, zone: ZoneInfo
) -> Verified:
    """Recount the days of a span, both ends included, and compare with the totals.

    Hits that no rollup has seen yet are left out. Days older than the raw hits
    cannot be recounted: begin after them (`settings.hits_kept_days`). Open the session
    for reading only; each day is one statement, and so one view of the database.
    """
    hits = 0
    day = from_day
    while day <= to_day:
        kept: dict[tuple[int, str], tuple[int, int]] = {}
        counted: dict[tuple[int, str], tuple[int, int]] = {}
        for is_kept, link_id, verdict, number, visitors in _day(session, day, zone):
            found = kept if is_kept else counted
            found[link_id, verdict] = (number, visitors)
            hits += 0 if is_kept else number
        for key in sorted(kept.keys() | counted.keys()):
            was, now = kept.get(key, (0, 0)), counted.get(key, (0, 0))
            if was != now:
                difference = Difference(day, *key, was[0], now[0], was[1], now[1])
                return Verified((day - from_day).days + 1, hits, difference)
        day += timedelta(days=1)
    return Verified(max((to_day - from_day).days + 1, 0), hits, None)


def _day(
    session: Session, day: date, zone: ZoneInfo
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Read a day's totals, and count its hits, in one statement."""
    first, after = day_range(day, zone)
    mark = select(RollupMark.hit_id).where(RollupMark.id == 1).scalar_subquery()
    human = case((Hit.verdict == Verdict.HUMAN.value, Hit.visitor))
    counted = (
        select(
            literal(0).label("kept"),
            Hit.link_id,
            Hit.verdict,
            func.count().label("hits"),
            func.count(distinct(human)).label("visitors"),
        )
        .where(
            Hit.id >= first,
            Hit.id < after,
            Hit.id <= mark,
            ~select(LateHit.hit_id).where(LateHit.hit_id == Hit.id).exists(),
        )
        .group_by(Hit.link_id, Hit.verdict)
    )
    kept = select(
        literal(1),
        DayTotal.link_id,
        DayTotal.verdict,
        DayTotal.hits,
        DayTotal.visitors,
    ).where(DayTotal.day == day)
    return session.execute(union_all(counted, kept)).all()
