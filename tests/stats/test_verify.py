"""Counting again."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from advocacy.db.engine import read_only
from advocacy.db.session import Transactions, transactions_on
from advocacy.links.hit_ids import new_id_at
from advocacy.links.recorder import HitRow, add_hits
from advocacy.stats.models import DayTotal
from advocacy.stats.rollup import advance
from advocacy.stats.verify import Difference, Verified, verify
from tests.makers import NOW

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2026, 11, 23)


def recount(reading: Transactions) -> Verified:
    """Recount the three days."""
    with reading() as session:
        return verify(
            session, from_day=MONDAY - timedelta(days=2), to_day=MONDAY, zone=ZONE
        )


def make_row(days_ago: int = 0, visitor: int = 1) -> HitRow:
    """Make a human hit."""
    hit_id = new_id_at(NOW - timedelta(days=days_ago)).bytes
    at_ms = int.from_bytes(hit_id[:6], "big")
    return HitRow(hit_id, 1, at_ms, "human", "browser", None, visitor)


@pytest.fixture
def reading(engine: Engine) -> Transactions:
    """Open transactions that cannot write, as the command does."""
    return transactions_on(read_only(engine))


@pytest.fixture
def counted(transactions: Transactions) -> Transactions:
    """Count three hits of three days."""
    with transactions() as session:
        add_hits(session, [make_row(days) for days in (0, 1, 2)])
    advance(transactions, NOW, zone=ZONE)
    return transactions


@pytest.mark.usefixtures("counted")
def test_totals_that_were_not_touched_agree(reading: Transactions) -> None:
    """And the recount changes nothing."""
    verified = recount(reading)

    assert verified.agrees
    assert (verified.days, verified.hits) == (3, 3)


def test_hits_that_nobody_counted_yet_are_no_difference(
    counted: Transactions, reading: Transactions
) -> None:
    """Neither those after the mark nor the late ones below it."""
    with counted() as session:
        add_hits(session, [make_row(1, visitor=9), make_row(0)])

    assert recount(reading).agrees


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("more", Difference(MONDAY - timedelta(days=1), 1, "human", 2, 1, 1, 1)),
        ("gone", Difference(MONDAY - timedelta(days=1), 1, "human", 0, 1, 0, 1)),
    ],
)
def test_the_first_total_that_was_touched_is_named(
    counted: Transactions, reading: Transactions, change: str, expected: Difference
) -> None:
    """Whoever changed it, by however little."""
    with counted() as session:
        total = session.scalars(
            select(DayTotal).where(DayTotal.day == expected.day)
        ).one()
        if change == "more":
            total.hits += 1
        else:
            session.delete(total)

    assert recount(reading).difference == expected


def test_an_empty_span_agrees(reading: Transactions) -> None:
    """There is nothing to disagree about."""
    with reading() as session:
        verified = verify(session, from_day=MONDAY, to_day=date(2026, 11, 1), zone=ZONE)

    assert (verified.agrees, verified.days) == (True, 0)
