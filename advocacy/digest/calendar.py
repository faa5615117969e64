"""When the letter of a week leaves: pure, and right across changes of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from advocacy.clock import week_of
from advocacy.errors import Invalid
from advocacy.i18n import N_

# From UTC+14 to UTC-12 a local hour passes over the earth in 26 h: planned this long
# before the organisation's own moment, nobody's moment has passed.
PLAN_AHEAD = timedelta(hours=26)
LATE_MAX = timedelta(hours=6)  # later than this, comms are asked first

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True)
class Timetable:
    """The hour at which letters leave, local to each reader."""

    weekday: int  # ISO: 1 is Monday
    hour: int
    zone: ZoneInfo  # of the organisation


def monday_of(week: str) -> date:
    """Give the first day of a week named as in `2026-W48`.

    Raises:
        Invalid: There is no such week.
    """
    found = _WEEK.fullmatch(week)
    try:
        if found:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise Invalid(
        N_("{week} is not a week; write it as 2026-W48."), week=repr(week[:20])
    )


def week_after(week: str) -> str:
    """Name the week after."""
    return week_of(monday_of(week) + timedelta(days=7))


def week_before(week: str) -> str:
    """Name the week before."""
    return week_of(monday_of(week) - timedelta(days=7))


def moment_of(
    week: str, timetable: Timetable, zone: ZoneInfo | None = None
) -> datetime:
    """Say when a week's letter leaves for readers in a zone, in UTC.

    An hour that the clock skips becomes the one after; of an hour that comes twice
    it is the first.
    """
    day = monday_of(week) + timedelta(days=timetable.weekday - 1)
    local = datetime.combine(day, time(timetable.hour), zone or timetable.zone)
    return local.astimezone(UTC)


def week_to_plan(now: datetime, timetable: Timetable) -> str:
    """Name the latest week whose edition should be there at a moment.

    Each moment has exactly one; it changes `PLAN_AHEAD` before the organisation's
    own hour.
    """
    week = week_after(week_of(now.astimezone(timetable.zone).date()))
    while now < moment_of(week, timetable) - PLAN_AHEAD:
        week = week_before(week)
    return week


def is_late(week: str, now: datetime, timetable: Timetable) -> bool:
    """Tell whether comms should be asked before a week's letter still leaves."""
    return now > moment_of(week, timetable) + LATE_MAX


@lru_cache(maxsize=1024)  # there are some 600 zones
def zone_named(name: str, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the zone of a name, or another where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise
