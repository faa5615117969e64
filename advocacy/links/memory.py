"""What the door remembers for a short while: recent clicks, and the days' salts."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from advocacy.clock import day_of
from advocacy.links.verdicts import REPEAT_MS
from advocacy.links.visitors import SALT_BYTES

CLICKS_MAX = 200_000  # remembered at once, about 30 MB


class RecentClicks:
    """Who clicked on what in the last half minute; forgotten in two steps."""

    def __init__(self) -> None:
        self._new: dict[tuple[int, int], int] = {}
        self._old: dict[tuple[int, int], int] = {}
        self._turned_ms = 0

    def since_last_ms(self, link_id: int, visitor: int, now_ms: int) -> int | None:
        """Say how long ago this visitor clicked on this link, if that was just now."""
        key = (link_id, visitor)
        last = self._new.get(key) or self._old.get(key)
        return None if last is None else max(now_ms - last, 0)

    def note(self, link_id: int, visitor: int, now_ms: int) -> None:
        """Remember a click."""
        if now_ms - self._turned_ms > REPEAT_MS or len(self._new) >= CLICKS_MAX:
            self._old, self._new = self._new, {}
            self._turned_ms = now_ms
        self._new[link_id, visitor] = now_ms


class DaySalts:
    """The salts of today and tomorrow.

    Where the database could not give one in time, a salt of this process alone does:
    a visitor may then be counted twice that day, and is as unknown as ever.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._salts: dict[date, bytes] = {}
        self._salt = b""
        self._until_ms = 0

    def at(self, now_ms: int) -> bytes:
        """Give the salt of a moment."""
        if now_ms >= self._until_ms:
            self._turn(now_ms)
        return self._salt

    def missing(self, now: datetime, *, ahead: timedelta) -> list[date]:
        """List the days whose salt is needed now or soon and is not here yet."""
        days = {day_of(now, self._zone), day_of(now + ahead, self._zone)}
        return sorted(days - self._salts.keys())

    def learn(self, day: date, salt: bytes) -> None:
        """Take the salt of a day from the database."""
        self._salts[day] = salt
        self._until_ms = 0

    def forget(self, now: datetime) -> None:
        """Forget the salts of days that are over."""
        today = day_of(now, self._zone)
        for day in [known for known in self._salts if known < today]:
            del self._salts[day]

    def _turn(self, now_ms: int) -> None:
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        today = day_of(now, self._zone)
        midnight = datetime.combine(today + timedelta(days=1), time(), self._zone)
        known = self._salts.get(today)
        self._salt = known or secrets.token_bytes(SALT_BYTES)
        self._until_ms = int(midnight.timestamp() * 1000)
