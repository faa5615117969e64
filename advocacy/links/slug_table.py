"""Every share link in memory, so that a redirect reads no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from advocacy.links.models import ShareLink
from advocacy.links.states import LinkState
from advocacy.links.targets import location

# A link's `changed_at` is written before its transaction commits, perhaps by a
# machine whose clock is a little behind; looking back this far finds it all the same.
OVERLAP = timedelta(seconds=30)

NEVER_KEPT = [
    (b"cache-control", b"private, no-store"),  # each click comes to us
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]


class KnownLink(NamedTuple):
    """A share link as the door needs it."""

    link_id: int
    live: bool
    redirect: dict[str, Any] | None  # the ASGI message; None where it leads nowhere


def redirect_to(address: bytes) -> dict[str, Any]:
    """Make the ASGI message that sends a reader on."""
    return {
        "type": "http.response.start",
        "status": 302,
        "headers": [(b"location", address), (b"content-length", b"0"), *NEVER_KEPT],
    }


class SlugTable:
    """Slugs and where they lead; read by the door, renewed by another thread.

    The dictionary is only ever added to or overwritten entry by entry, which is safe
    to read from a second thread.
    """

    def __init__(self) -> None:
        self._links: dict[str, KnownLink] = {}
        self._newest: datetime | None = None

    def __len__(self) -> int:
        return len(self._links)

    def find(self, slug: str) -> KnownLink | None:
        """Give a link that is in memory."""
        return self._links.get(slug)

    def renew(self, session: Session, *, now: datetime) -> None:
        """Read every link the first time, and what changed since from then on."""
        query = _links()
        if self._newest is not None:
            since = min(self._newest, now) - OVERLAP
            query = query.where(ShareLink.changed_at >= since)
        self._take_in(session.execute(query).yield_per(1_000))

    def look_up(self, session: Session, slug: str) -> KnownLink | None:
        """Read one link that is not in memory yet."""
        self._take_in(session.execute(_links().where(ShareLink.slug == slug)))
        return self._links.get(slug)

    def _take_in(self, rows: Iterable[Row[int, str, str, LinkState, datetime]]) -> None:
        for link_id, slug, target, state, changed_at in rows:
            address = location(target)
            live = state is LinkState.LIVE and address is not None
            self._links[slug] = KnownLink(
                link_id, live, redirect_to(address) if live and address else None
            )
            if self._newest is None or changed_at > self._newest:
                self._newest = changed_at


def _links() -> Select[int, str, str, LinkState, datetime]:
    return select(
        ShareLink.id,
        ShareLink.slug,
        ShareLink.target_url,
        ShareLink.state,
        ShareLink.changed_at,
    )
