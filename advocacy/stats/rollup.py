"""Totals, brought up to date from the hits after the last mark.

Each step is one transaction: the totals, the visitors seen, and the mark move
together, so a step that is interrupted has not been. Hits that came in below the mark
(out of the spool, or from a machine whose clock is behind) stand in `late_hit`: they
are added to the totals of their own day, and taken off the list.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, literal, select, update
from sqlalchemy.orm import Session

from advocacy.clock import day_of
from advocacy.db.dialect import ensure_mark, insert_from, upsert
from advocacy.db.session import Transactions
from advocacy.links.hit_ids import floor_id, moment_of
from advocacy.links.models import Hit, LateHit, RollupMark
from advocacy.links.states import Verdict
from advocacy.stats.models import DayTotal, DayVisitor

HITS_PER_STEP = 5_000
# Between two full steps, so that a long catching up leaves the database to the door.
BREATH_S = 0.02
ROWS_PER_STATEMENT = 1_000


@dataclass(frozen=True)
class Advanced:
    """What one run brought into the totals."""

    hits: int
    late: int


def advance(
    transactions: Transactions,
    now: datetime,
    *,
    zone: ZoneInfo,
    step: int = HITS_PER_STEP,
) -> Advanced:
    """Bring every hit that is there into the totals, and say how many there were.

    Args:
        transactions: Opens a transaction for each step.
        now: The moment, noted beside the mark.
        zone: The organisation's zone, in which days begin and end.
        step: Hits in one transaction.
    """
    hits = late = 0
    while True:
        with transactions() as session:
            mark = _hold_mark(session)
            late_now = _count_late(session, mark, zone, step)
            new = _count_new(session, mark, zone, step, now)
        hits += new
        late += late_now
        if new < step and late_now < step:
            return Advanced(hits, late)
        time.sleep(BREATH_S)


def day_range(day: date, zone: ZoneInfo) -> tuple[UUID, UUID]:
    """Give the lowest id of a day, and the lowest of the day after."""
    start = datetime.combine(day, clock_time(), zone)
    end = datetime.combine(day + timedelta(days=1), clock_time(), zone)
    return floor_id(start.astimezone(UTC)), floor_id(end.astimezone(UTC))


def _hold_mark(session: Session) -> UUID:
    """Read the mark and keep every writer of hits out until the step is done."""
    ensure_mark(session, RollupMark.metadata.tables[RollupMark.__tablename__])
    return session.scalars(
        select(RollupMark.hit_id).where(RollupMark.id == 1).with_for_update()
    ).one()


def _count_new(
    session: Session, mark: UUID, zone: ZoneInfo, step: int, now: datetime
) -> int:
    chunk = select(Hit.id).where(Hit.id > mark).order_by(Hit.id).limit(step).subquery()
    # Not max(): PostgreSQL has none for uuid before version 18.
    ids = session.scalars(select(chunk.c.id).order_by(chunk.c.id)).all()
    if not ids:
        return 0
    _add(session, (Hit.id >= ids[0]) & (Hit.id <= ids[-1]), _days(ids, zone), zone)
    session.execute(
        update(RollupMark)
        .where(RollupMark.id == 1)
        .values(hit_id=ids[-1], advanced_at=now)
    )
    return len(ids)


def _count_late(session: Session, mark: UUID, zone: ZoneInfo, step: int) -> int:
    ids = session.scalars(
        select(LateHit.hit_id)
        .where(LateHit.hit_id <= mark)
        .order_by(LateHit.hit_id)
        .limit(step)
    ).all()
    if not ids:
        return 0
    those = LateHit.hit_id <= ids[-1]
    _add(
        session, Hit.id.in_(select(LateHit.hit_id).where(those)), _days(ids, zone), zone
    )
    session.execute(delete(LateHit).where(those))
    return len(ids)


def _days(ids: Any, zone: ZoneInfo) -> list[date]:
    return sorted({day_of(moment_of(hit_id), zone) for hit_id in ids})


def _add(
    session: Session, these: ColumnElement[bool], days: list[date], zone: ZoneInfo
) -> None:
    """Add hits to the totals of the days on which they came."""
    for day in days:
        first, after = day_range(day, zone)
        of_day = these & (Hit.id >= first) & (Hit.id < after)
        counted = session.execute(
            select(Hit.link_id, Hit.verdict, func.count())
            .where(of_day)
            .group_by(Hit.link_id, Hit.verdict)
        ).all()
        new_visitors = Counter(_add_visitors(session, of_day, day))
        rows = [
            {
                "day": day,
                "link_id": link_id,
                "verdict": verdict,
                "hits": hits,
                "visitors": new_visitors[link_id] if verdict == Verdict.HUMAN else 0,
            }
            for link_id, verdict, hits in counted
        ]
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            upsert(
                session,
                DayTotal,
                rows[start : start + ROWS_PER_STATEMENT],
                keys=("day", "link_id", "verdict"),
                add=("hits", "visitors"),
            )


def _add_visitors(
    session: Session, of_day: ColumnElement[bool], day: date
) -> list[int]:
    """Note who came, and give the link of each visitor that was not there before."""
    seen = (
        select(
            literal(day, DayVisitor.day.type).label("day"),
            Hit.link_id,
            Hit.visitor,
        )
        .where(of_day, Hit.verdict == Verdict.HUMAN.value, Hit.visitor.is_not(None))
        .distinct()
    )
    return insert_from(session, DayVisitor, seen, give=DayVisitor.link_id)
