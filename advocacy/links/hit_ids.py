"""Identities of hits: UUIDs of version 7, whose order is the order in time.

The first 48 bits are the moment in milliseconds. So a hit's day is a range of the
primary key, and the table that takes the hits needs no second index.

Source: RFC 9562, sections 5.7 and 6.2 (method 2, a monotonic random part).
"""

from __future__ import annotations

import random
import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

_VERSION_AND_VARIANT = (7 << 76) | (2 << 62)
_RANDOM_BITS = 74
_LOW_62 = (1 << 62) - 1
_STEP_BITS = 32  # between two ids of one millisecond, which never runs full

FIRST = UUID(int=0)  # below every hit


def new_id_at(moment: datetime) -> UUID:
    """Make the id of a hit at a moment, for a hit that was not seen as it came."""
    random_part = secrets.randbits(_RANDOM_BITS)
    return UUID(bytes=_compose(_milliseconds(moment), random_part))


def floor_id(moment: datetime) -> UUID:
    """Give the lowest id that a hit at or after a moment can have."""
    return UUID(int=_milliseconds(moment) << 80)


def moment_of(hit_id: UUID) -> datetime:
    """Read the moment back from an id, to the millisecond."""
    milliseconds = hit_id.int >> 80
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


class HitIds:
    """Ids of one process, each above the one before, even when the clock steps back.

    Not safe between threads: the door draws them in its event loop.
    """

    def __init__(self) -> None:
        self._last_ms = 0
        self._random = 0
        # Ids have to differ, not to be secret; asking the system costs 5 us each time.
        self._draw = random.Random(secrets.randbits(256)).getrandbits  # noqa: S311

    def next(self, now_ms: int | None = None) -> bytes:
        """Draw the next id, as 16 bytes."""
        now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        if now_ms > self._last_ms:
            self._last_ms = now_ms
            # The top bit stays free, so that a millisecond never runs full.
            self._random = self._draw(_RANDOM_BITS - 1)
        else:
            self._random += 1 + self._draw(_STEP_BITS)
        return _compose(self._last_ms, self._random)


def _compose(milliseconds: int, random_part: int) -> bytes:
    high, low = random_part >> 62, random_part & _LOW_62
    value = (milliseconds << 80) | (high << 64) | low | _VERSION_AND_VARIANT
    return value.to_bytes(16, "big")


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
