"""What time it is, and which day and week a moment belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """Say what time it is, aware, in UTC; the only reader of the clock."""
    return datetime.now(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Say on which calendar day a moment falls in a zone."""
    return moment.astimezone(zone).date()


def week_of(day: date) -> str:
    """Name the ISO week of a day, as in `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
