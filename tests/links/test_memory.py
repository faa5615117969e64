"""What the door remembers for a while."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from advocacy.links import memory
from advocacy.links.memory import DaySalts, RecentClicks

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVENING = datetime(2026, 11, 23, 22, 58, tzinfo=UTC)  # 23:58 in Amsterdam


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def test_a_click_is_remembered_for_half_a_minute_and_then_forgotten() -> None:
    """Longer is not needed, and would be more than we want to know."""
    clicks = RecentClicks()
    clicks.note(1, 7, 1_000_000)

    assert clicks.since_last_ms(1, 7, 1_005_000) == 5_000
    assert clicks.since_last_ms(2, 7, 1_005_000) is None
    clicks.note(2, 8, 1_040_000)
    clicks.note(2, 9, 1_080_000)
    assert clicks.since_last_ms(1, 7, 1_080_000) is None


def test_a_flood_of_visitors_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The oldest are let go of first."""
    monkeypatch.setattr(memory, "CLICKS_MAX", 100)
    clicks = RecentClicks()

    for visitor in range(1_000):
        clicks.note(1, visitor, 1_000_000)

    kept = [v for v in range(1_000) if clicks.since_last_ms(1, v, 1_000_001)]
    assert len(kept) <= 200
    assert 999 in kept


def test_the_salt_changes_at_local_midnight() -> None:
    """Not at midnight in Greenwich."""
    salts = DaySalts(AMSTERDAM)
    salts.learn(date(2026, 11, 23), b"monday")
    salts.learn(date(2026, 11, 24), b"tuesday")

    assert salts.at(ms(EVENING)) == b"monday"
    assert salts.at(ms(EVENING + timedelta(minutes=1, seconds=59))) == b"monday"
    assert salts.at(ms(EVENING + timedelta(minutes=2))) == b"tuesday"


def test_the_next_salt_is_asked_for_before_midnight() -> None:
    """So that midnight waits for no database."""
    salts = DaySalts(AMSTERDAM)
    salts.learn(date(2026, 11, 23), b"monday")

    assert salts.missing(EVENING, ahead=timedelta(minutes=1)) == []
    assert salts.missing(EVENING, ahead=timedelta(minutes=5)) == [date(2026, 11, 24)]


def test_without_a_database_a_salt_of_its_own_does_until_there_is_one() -> None:
    """Never a fixed one, and never none."""
    salts = DaySalts(AMSTERDAM)
    makeshift = salts.at(ms(EVENING))

    assert len(makeshift) == 16
    assert salts.at(ms(EVENING)) == makeshift
    assert DaySalts(AMSTERDAM).at(ms(EVENING)) != makeshift
    salts.learn(date(2026, 11, 23), b"monday")
    assert salts.at(ms(EVENING)) == b"monday"


def test_salts_of_days_that_are_over_are_forgotten() -> None:
    """In memory too."""
    salts = DaySalts(AMSTERDAM)
    for day in (22, 23, 24):
        salts.learn(date(2026, 11, day), b"%d" % day)

    salts.forget(EVENING)

    yesterday = EVENING - timedelta(days=1)
    assert salts.missing(yesterday, ahead=timedelta(days=2)) == [date(2026, 11, 22)]
