"""Reading moments as feeds write them; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

LENGTH_MAX = 80  # characters; every honest date is shorter
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: the epoch, zero dates
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# Names of zones that feeds in Europe use, in hours; RFC 5322 knows the American ones.
_ZONES = {"WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEZ": 1}
_ZONE_AT_END = re.compile(r"\b(WEST|WET|BST|CEST|CET|MET|MEZ)$")
_DUTCH_MONTHS = {"mrt": "Mar", "mei": "May", "okt": "Oct", "maa": "Mar"}
_DUTCH_MONTH = re.compile(r"(?i)\b(mrt|mei|okt|maa)\b")
_WEEKDAY = re.compile(r"^[^\W\d]{2,12}\.?,\s*")
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?",
    re.IGNORECASE,
)
_DUTCH_ORDER = re.compile(r"(\d\d)-(\d\d)-(\d{4})(?: (\d\d):(\d\d)(?::(\d\d))?)?")
_SECONDS = re.compile(r"\d{9,10}|\d{12,13}")


def moment(text: str | None) -> datetime | None:
    """Read a moment; None where there is none, or none that can be meant.

    Without a zone it counts as UTC. A day that comes first or second depending on
    the country (3/2/2026) is not guessed.
    """
    written = (text or "").strip()
    if not written or len(written) > LENGTH_MAX or not written.isascii():
        return None
    try:
        found = _read(written)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    if found is None:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return None
    return found if OLDEST <= found < LATEST else None


def _read(text: str) -> datetime | None:
    if match := _ISO.fullmatch(text):
        return _made(match.group(1, 2, 3), match.group(4, 5, 6), match[7])
    if match := _DUTCH_ORDER.fullmatch(text):
        return _made(match.group(3, 2, 1), match.group(4, 5, 6), None)
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10] if len(text) > 10 else text), UTC)  # noqa: PLR2004
    text = _DUTCH_MONTH.sub(lambda m: _DUTCH_MONTHS[m[1].lower()], text)
    zone = _ZONE_AT_END.search(text)
    if zone:
        text = f"{text[: zone.start()]}+{_ZONES[zone[1]]:02d}00"
    text = _WEEKDAY.sub("", text)  # wrong as often as right, and never needed
    text = text.replace(":60 ", ":59 ")  # a leap second
    return parsedate_to_datetime(text) if re.match(r"\d{1,2}[ -]", text) else None


def _made(
    day: tuple[str, ...], clock: tuple[str | None, ...], zone: str | None
) -> datetime:
    year, month, date = map(int, day)
    hour, minute, second = (int(part or 0) for part in clock)
    midnight = (hour, minute, second) == (24, 0, 0)  # ISO 8601: the end of the day
    found = datetime(
        year,
        month,
        date,
        0 if midnight else hour,
        minute,
        min(second, 59),  # a leap second
        tzinfo=_zone(zone),
    )
    return found + timedelta(days=1) if midnight else found


def _zone(text: str | None) -> timezone:
    if text is None or text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
