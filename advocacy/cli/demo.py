"""The demo company inside `advocacy up`: its site, its people, its past, the tour."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from advocacy.cli import parts
from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.demo.company import demo_sources, set_up
from advocacy.demo.past import invent_past
from advocacy.demo.site import HOST
from advocacy.demo.tour import tour
from advocacy.i18n import SOURCE_LANGUAGE, best_language, translations

NETWORK = f"{HOST}/32"  # the one private address from which the demo is pulled
FIRST_PORT = 8090  # items lead there, so that it should be the same each time
NEWS_WITHIN_S = 60.0
ASK_EVERY_S = 0.25


@dataclass(frozen=True)
class Site:
    """The company's news site: where it is, and from when its news is dated."""

    port: int
    since: datetime

    @property
    def command(self) -> list[str]:
        """Give the command that serves it."""
        return [
            *(sys.executable, "-m", "advocacy.demo.site"),
            *("--port", str(self.port), "--since", self.since.isoformat()),
        ]


def found(settings: Settings) -> Site:
    """See to it that the company is there, in a database that has its tables.

    Raises:
        Conflict: Other people work here.
    """
    with closing(parts.listen_nearby(HOST, FIRST_PORT)) as free:
        port = int(free.getsockname()[1])
    engine = make_engine(settings.database_url)
    try:
        since = set_up(transactions_on(engine), site_url=_url(port), now=utc_now())
    finally:
        engine.dispose()
    return Site(port, since)


def is_there(site: Site) -> bool:
    """Tell whether the news site answers."""
    try:
        socket.create_connection((HOST, site.port), timeout=1).close()
    except OSError:
        return False
    return True


def prepare(
    settings: Settings, site: Site, *, stopping: Callable[[], bool]
) -> list[str]:
    """Wait for the company's news, invent its past, and tell where to look."""
    engine = make_engine(settings.database_url)
    transactions = transactions_on(engine)
    try:
        limit = time.monotonic() + NEWS_WITHIN_S
        while time.monotonic() < limit and not stopping():
            if _is_pulled(transactions):
                break
            time.sleep(ASK_EVERY_S)
        invent_past(transactions, now=utc_now(), zone=settings.timezone)
        with transactions() as session:
            stops = tour(
                session,
                base_url=settings.base_url,
                site_url=_url(site.port),
                now=utc_now(),
                gettext=translations(_language()).gettext,
            )
    finally:
        engine.dispose()
    return [f"{stop.title}\n  {stop.url}\n  {stop.hint}" for stop in stops]


def _is_pulled(transactions: Transactions) -> bool:
    with transactions() as session:
        return all(one.last_pulled_at is not None for one in demo_sources(session))


def _url(port: int) -> str:
    return f"http://{HOST}:{port}"


def _language() -> str:
    """Read the visitor's language from the terminal's settings."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    wanted = next((name for name in names if name), "")
    return best_language([wanted.partition("_")[0]], SOURCE_LANGUAGE)
