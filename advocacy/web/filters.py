"""How moments, days and numbers are written for a reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from advocacy.clock import utc_now


def filters_for(language: str, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    """Make the template filters of one language and zone; nothing stays empty."""
    return {
        "day": partial(_day, language, zone),
        "moment": partial(_moment, language, zone),
        "ago": partial(_ago, language),
        "iso": partial(_iso, zone),
        "number": partial(_number, language),
    }


def _day(language: str, zone: ZoneInfo, value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(zone).date()
    return format_date(value, "d MMMM y", locale=language) if value else ""


def _moment(language: str, zone: ZoneInfo, value: datetime | None) -> str:
    if value is None:
        return ""
    return format_datetime(value, "d MMMM y HH:mm", tzinfo=zone, locale=language)


def _ago(language: str, value: datetime | None) -> str:
    if value is None:
        return ""
    return format_timedelta(value - utc_now(), add_direction=True, locale=language)


def _iso(zone: ZoneInfo, value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value.isoformat() if value else ""


def _number(language: str, value: float) -> str:
    return format_decimal(value, locale=language)
