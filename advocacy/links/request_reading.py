"""From a request to the row that is written: what is read, judged, and let go of."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from advocacy.config import Settings
from advocacy.links.agents import LENGTH_MAX, Agent, agent_of
from advocacy.links.hit_ids import HitIds
from advocacy.links.memory import DaySalts, RecentClicks
from advocacy.links.own_mark import COOKIE, own_mark
from advocacy.links.recorder import HitRow
from advocacy.links.slug_table import KnownLink
from advocacy.links.states import Verdict
from advocacy.links.targets import referrer_host
from advocacy.links.verdicts import PURPOSE_HEADERS, Seen, judge
from advocacy.links.visitors import client_address, visitor_key

_PURPOSES = tuple(name.encode() for name in PURPOSE_HEADERS)


class RequestReader:
    """Makes rows of requests. Address and agent stay in here; neither is in a row."""

    def __init__(self, settings: Settings, salts: DaySalts) -> None:
        self._trusted_proxies = settings.trusted_proxies
        self._own = f"{COOKIE}={own_mark(settings.secret)}".encode()
        self._salts = salts
        self._clicks = RecentClicks()
        self._ids = HitIds()

    def read(self, scope: MutableMapping[str, Any], link: KnownLink) -> HitRow:
        """Make the row of a request on a link, with its verdict."""
        now_ms = time.time_ns() // 1_000_000
        headers = dict(scope["headers"])  # of doubled ones the last, which is enough
        agent = headers.get(b"user-agent", b"")[: LENGTH_MAX * 2]
        visitor = visitor_key(self._salts.at(now_ms), self._address(scope), agent)
        verdict, rule = judge(
            Seen(
                agent=_agent(agent),
                method=scope["method"],
                purposes=tuple(
                    headers[name].decode("latin-1")
                    for name in _PURPOSES
                    if name in headers
                ),
                own=self._own in headers.get(b"cookie", b""),
                live=link.live,
                since_last_ms=self._clicks.since_last_ms(link.link_id, visitor, now_ms),
            )
        )
        if verdict is Verdict.HUMAN:
            self._clicks.note(link.link_id, visitor, now_ms)
        referrer = headers.get(b"referer")
        hit_id = self._ids.next(now_ms)
        return HitRow(
            hit_id,
            link.link_id,
            int.from_bytes(hit_id[:6], "big"),
            verdict.value,
            rule,
            _referrer(referrer) if referrer else None,
            visitor,
        )

    def _address(self, scope: MutableMapping[str, Any]) -> str:
        client = scope.get("client")
        peer = client[0] if client else ""
        if self._trusted_proxies == 0:
            return _plain_address(peer, "", 0)
        forwarded = ",".join(
            value.decode("latin-1")
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
        )
        return client_address(peer, forwarded, self._trusted_proxies)


# People come with few different agents; only strangers cost a reading.
@lru_cache(8_192)
def _agent(agent: bytes) -> Agent:
    return agent_of(agent.decode("latin-1"))


_referrer = lru_cache(1_024)(referrer_host)
_plain_address = lru_cache(1_024)(client_address)
