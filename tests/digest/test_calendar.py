"""When a letter leaves: the same hour on the wall, everywhere and all year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.clock import week_of
from advocacy.digest.calendar import (
    LATE_MAX,
    PLAN_AHEAD,
    Timetable,
    is_late,
    moment_of,
    monday_of,
    week_after,
    week_before,
    week_to_plan,
    zone_named,
)
from advocacy.errors import Invalid

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY_9 = Timetable(weekday=1, hour=9, zone=AMSTERDAM)

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
moments = st.builds(datetime.combine, days, st.times(), st.just(UTC))
zones = st.sampled_from(sorted(available_timezones() - {"localtime"})).map(ZoneInfo)
timetables = st.builds(
    Timetable, weekday=st.integers(1, 7), hour=st.integers(0, 23), zone=zones
)


@pytest.mark.parametrize(
    ("week", "zone", "moment"),
    [
        ("2026-W12", AMSTERDAM, datetime(2026, 3, 16, 8, tzinfo=UTC)),
        ("2026-W13", AMSTERDAM, datetime(2026, 3, 23, 8, tzinfo=UTC)),
        ("2026-W14", AMSTERDAM, datetime(2026, 3, 30, 7, tzinfo=UTC)),  # summer
        ("2026-W43", AMSTERDAM, datetime(2026, 10, 19, 7, tzinfo=UTC)),
        ("2026-W44", AMSTERDAM, datetime(2026, 10, 26, 8, tzinfo=UTC)),  # winter
        ("2026-W10", NEW_YORK, datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ("2026-W11", NEW_YORK, datetime(2026, 3, 9, 13, tzinfo=UTC)),  # summer
        ("2026-W44", NEW_YORK, datetime(2026, 10, 26, 13, tzinfo=UTC)),
        ("2026-W45", NEW_YORK, datetime(2026, 11, 2, 14, tzinfo=UTC)),  # winter
    ],
)
def test_it_is_nine_on_the_wall_before_and_after_the_clock_changes(
    week: str, zone: ZoneInfo, moment: datetime
) -> None:
    """Europe and America change on different days, both ways."""
    assert moment_of(week, MONDAY_9, zone) == moment


def test_an_hour_that_the_clock_skips_becomes_the_next() -> None:
    """Sunday 2:30 does not exist in March; nobody is left out."""
    timetable = Timetable(weekday=7, hour=2, zone=AMSTERDAM)

    assert moment_of("2026-W13", timetable).astimezone(AMSTERDAM).hour == 3


def test_an_hour_that_comes_twice_is_the_first() -> None:
    """In October there are two; the letter leaves once anyhow."""
    timetable = Timetable(weekday=7, hour=2, zone=AMSTERDAM)

    assert moment_of("2026-W43", timetable) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@given(week=days.map(week_of), timetable=timetables, zone=zones)
def test_a_letter_leaves_once_in_each_week_of_each_zone(
    week: str, timetable: Timetable, zone: ZoneInfo
) -> None:
    """Two letters are a week apart, give or take what a country does to its clock."""
    here = moment_of(week, timetable, zone)
    next_one = moment_of(week_after(week), timetable, zone)

    # Samoa and others once skipped a day, or had one twice.
    assert timedelta(days=5) < next_one - here < timedelta(days=9)


@given(week=days.map(week_of))
def test_weeks_follow_one_another(week: str) -> None:
    """Also where a year has 53 of them."""
    assert week_before(week_after(week)) == week
    assert week_of(monday_of(week)) == week


def test_a_year_may_have_a_week_53() -> None:
    """2026 does, 2025 does not."""
    assert week_after("2026-W52") == "2026-W53"
    assert week_after("2026-W53") == "2027-W01"
    assert week_before("2027-W01") == "2026-W53"
    assert week_after("2025-W52") == "2026-W01"


@pytest.mark.parametrize("week", ["", "2025-W53", "2026-48", "2026-W00", "٢٠٢٦-W48"])
def test_what_is_no_week_is_said_to_be_none(week: str) -> None:
    """The name comes from a command line or an address."""
    with pytest.raises(Invalid, match="2026-W48"):
        monday_of(week)


@given(now=moments, timetable=timetables)
def test_each_moment_has_one_week_to_plan(now: datetime, timetable: Timetable) -> None:
    """From the planning of one letter until that of the next."""
    week = week_to_plan(now, timetable)

    assert moment_of(week, timetable) - PLAN_AHEAD <= now
    assert now < moment_of(week_after(week), timetable) - PLAN_AHEAD


@given(week=days.map(week_of), zone=zones)
def test_nobodys_hour_has_passed_when_a_letter_is_planned(
    week: str, zone: ZoneInfo
) -> None:
    """Whatever zone the reader is in."""
    planned_at = moment_of(week, MONDAY_9) - PLAN_AHEAD

    assert planned_at <= moment_of(week, MONDAY_9, zone) + timedelta(hours=1)


def test_a_letter_is_late_after_six_hours_and_not_before() -> None:
    """Then comms are asked: yesterday's letter may be worse than none."""
    due = moment_of("2026-W48", MONDAY_9)

    assert not is_late("2026-W48", due + LATE_MAX, MONDAY_9)
    assert is_late("2026-W48", due + LATE_MAX + timedelta(seconds=1), MONDAY_9)


@given(name=st.text() | st.sampled_from(["../etc/passwd", "/etc", "Europe", "", "\0"]))
def test_a_zone_that_does_not_exist_becomes_the_organisations(name: str) -> None:
    """It stands in a file that anybody may have filled in."""
    zone = zone_named(name, AMSTERDAM)

    assert zone is AMSTERDAM or zone.key in available_timezones()
