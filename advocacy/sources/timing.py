"""When to ask a source again; pure.

Every wait is a plain number of seconds, and chance is an argument, so that the rules
can be tested as arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DEFAULT_S = 30 * 60  # nothing is known of the source yet
SHORTEST_S = 10 * 60
LONGEST_S = 6 * 3600
OBSERVED = timedelta(days=28)  # how far back publishing is looked at
ASKS_PER_ITEM = 24  # news is found within this part of the usual gap

FLOOR_S = 5 * 60  # whatever a server's headers say
CEILING_S = 24 * 3600
FIRST_RETRY_S = 5 * 60
GONE_RETRY_S = 3600
ASKED_TO_WAIT_S = (60, 24 * 3600)  # Retry-After is taken within these
FIXED_FLOOR_S = 60  # for a time between pulls that comms set

JITTER = 0.15  # of the wait: sources that failed together do not come back together


def usual_wait(recent: int | None, *, every_s: int | None = None) -> int:
    """Say how long to wait between two pulls when all goes well.

    Args:
        recent: Items published in the last 28 days; None where none was ever seen.
        every_s: A fixed time that comms chose.
    """
    if every_s is not None:
        return max(FIXED_FLOOR_S, every_s)
    if recent is None:
        return DEFAULT_S
    if recent == 0:
        return LONGEST_S
    gap_s = OBSERVED.total_seconds() / recent
    return int(min(LONGEST_S, max(SHORTEST_S, gap_s / ASKS_PER_ITEM)))


def wait_after_success(
    usual_s: int, *, fixed: bool, hints: tuple[int | None, ...], spread: float
) -> timedelta:
    """Say how long to wait after an answer.

    Args:
        usual_s: From `usual_wait`.
        fixed: Comms chose that time; the server's caching does not change it.
        hints: max-age and ttl in seconds, where the server said so.
        spread: A random number in [0, 1).

    Returns:
        At least five minutes (one, where fixed) and at most a day, less the jitter.
    """
    wanted = max(usual_s, *(hint or 0 for hint in hints)) if not fixed else usual_s
    floor = FIXED_FLOOR_S if fixed else FLOOR_S
    return _spread(min(CEILING_S, max(floor, wanted)), spread)


def wait_after_failure(failures: int, *, spread: float) -> timedelta:
    """Say how long to wait after `failures` failed pulls in a row, one or more.

    Never for ever: five minutes, doubling up to a day.
    """
    doublings = min(max(failures, 1) - 1, 20)
    return _spread(min(CEILING_S, FIRST_RETRY_S * 2**doublings), spread)


def at_least(wait: timedelta, asked_s: int | None, *, spread: float) -> timedelta:
    """Respect what the server asked for in Retry-After, and no less."""
    if asked_s is None:
        return wait
    shortest, longest = ASKED_TO_WAIT_S
    asked = min(longest, max(shortest, asked_s))
    return max(wait, timedelta(seconds=min(longest, asked * (1 + JITTER * spread))))


def _spread(seconds: float, spread: float) -> timedelta:
    return timedelta(seconds=seconds * (1 - JITTER * spread))


_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


def max_age_s(headers: Mapping[str, str]) -> int | None:
    """Read for how long an answer stays fresh.

    Source:
        RFC 9111, section 5.2.2 (Cache-Control).
    """
    cache_control = headers.get("cache-control", "")
    if _NO_CACHE.search(cache_control):
        return None
    found = _MAX_AGE.search(cache_control)
    return int(found[1]) if found else None


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> int | None:
    """Read how long a server asks us to stay away.

    A date counts from the server's own Date, since its clock may be wrong.

    Returns:
        A positive number of seconds, not yet clamped; None where nothing sensible is
        said.

    Source:
        RFC 9110, section 10.2.3 (Retry-After).
    """
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,12}", said):
        return int(said) or None
    then = _http_date(said)
    if then is None:
        return None
    start = _http_date(headers.get("date", "")) or now
    seconds = int((then - start).total_seconds())
    return seconds if seconds > 0 else None


def _http_date(text: str) -> datetime | None:
    if not text or len(text) > 60:  # noqa: PLR2004 - characters; the longest form is 33
        return None
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
