"""The share-link door: `/s/{slug}` answered before any framework wakes up.

Bare ASGI in front of the app. A reader is sent on only after the hit is safe
(links.recorder). Nothing in a request can change where a link leads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine, NullPool
from sqlalchemy.exc import SQLAlchemyError

from advocacy.config import Settings
from advocacy.db.dialect import appender
from advocacy.db.engine import make_engine, read_only
from advocacy.db.session import Transactions, transactions_on
from advocacy.links.dead_ends import (
    STATUS,
    DeadEnd,
    RenderPage,
    language_of,
    plain_page,
)
from advocacy.links.freshness import Freshness
from advocacy.links.memory import DaySalts
from advocacy.links.recorder import JOURNAL, Recorder
from advocacy.links.request_reading import RequestReader
from advocacy.links.slug_table import NEVER_KEPT, KnownLink, SlugTable, redirect_to
from advocacy.links.slugs import looks_like_slug
from advocacy.links.spool import FOLDER, Spool
from advocacy.links.targets import location

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)

PREFIX = "/s/"
LOOK_UP_WITHIN_S = 2.0
LOOK_UPS_MAX = 100  # unknown slugs looked up at once; guessing cannot fill the house
MISSING_MS = 1_000  # a slug that was not there is not looked for again so soon
MISSING_MAX = 10_000

_NO_BODY: Message = {"type": "http.response.body", "body": b""}
_PAGE_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    b" base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Door:
    """Answers share links, and hands everything else to the app behind it.

    The app behind it is to be the outermost of all others: what wraps the door is
    paid for by every click.
    """

    def __init__(
        self, app: App, settings: Settings, *, render_page: RenderPage = plain_page
    ) -> None:
        self._app = app
        self._settings = settings
        self._render_page = render_page
        fallback = location(settings.link_fallback_url)
        self._fallback = redirect_to(fallback) if fallback else None
        self._links = SlugTable()
        self._salts = DaySalts(settings.timezone)
        self._reader = RequestReader(settings, self._salts)
        self._open: _Open | None = None
        self._opening = asyncio.Lock()
        self._missing: dict[str, int] = {}
        self._looking_up = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a share link, or let the app answer."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._answer(scope, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def start(self) -> None:
        """Read every link and begin to write; done by the server's lifespan events."""
        async with self._opening:
            if self._open is None:
                self._open = await _Open.begin(self._settings, self._links, self._salts)

    async def stop(self) -> None:
        """Write what waits and let go of everything."""
        async with self._opening:
            if self._open is not None:
                await self._open.end()
                self._open = None

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start before the app and stop after it."""

        async def receive_and_start() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
            return message

        async def stop_and_send(message: Message) -> None:
            if message["type"] not in {
                "lifespan.startup.complete",
                "lifespan.shutdown.failed",
            }:
                await self.stop()
            await send(message)

        await self._app(scope, receive_and_start, stop_and_send)

    async def _answer(self, scope: Scope, send: Send) -> None:
        if self._open is None:  # a server without lifespan events
            await self.start()
            assert self._open is not None
        method = scope["method"]
        if method not in {"GET", "HEAD"}:
            await _refuse_method(send)
            return
        slug = scope["path"][len(PREFIX) :]
        link = self._links.find(slug)
        if link is None:
            found = await self._look_up(slug, self._open)
            if isinstance(found, DeadEnd):
                await self._show(found, scope, send)
                return
            link = found
        if method == "GET":  # HEAD answers alike and counts nothing
            await self._open.recorder.record(self._reader.read(scope, link))
        redirect = link.redirect or self._fallback
        if redirect is None:
            await self._show(DeadEnd.WITHDRAWN, scope, send)
            return
        await send(redirect)
        await send(_NO_BODY)

    async def _look_up(self, slug: str, opened: _Open) -> KnownLink | DeadEnd:
        """Read a link that another process may have made a moment ago."""
        now_ms = time.monotonic_ns() // 1_000_000
        if not looks_like_slug(slug) or self._missing.get(slug, 0) > now_ms:
            return DeadEnd.UNKNOWN
        if self._looking_up >= LOOK_UPS_MAX:
            return DeadEnd.BUSY
        self._looking_up += 1
        try:
            link = await asyncio.wait_for(
                opened.look_up(self._links, slug), LOOK_UP_WITHIN_S
            )
        except (SQLAlchemyError, TimeoutError):
            return DeadEnd.BUSY
        finally:
            self._looking_up -= 1
        if link is None:
            if len(self._missing) >= MISSING_MAX:
                self._missing.clear()
            self._missing[slug] = now_ms + MISSING_MS
            return DeadEnd.UNKNOWN
        return link

    async def _show(self, kind: DeadEnd, scope: Scope, send: Send) -> None:
        accept = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        language = language_of(accept, self._settings.default_locale)
        body = self._render_page(kind, language)
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"content-language", language.encode()),
            (b"content-security-policy", _PAGE_POLICY),
            (b"x-content-type-options", b"nosniff"),
            (b"vary", b"Accept-Language"),
            *NEVER_KEPT,
        ]
        if kind is DeadEnd.BUSY:
            headers.append((b"retry-after", b"5"))  # s
        start = {"type": "http.response.start", "status": STATUS[kind]}
        await send(start | {"headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})


class _Open:
    """What an open door holds: its connections and its threads."""

    def __init__(self, settings: Settings, links: SlugTable, salts: DaySalts) -> None:
        self._engine = make_engine(settings.database_url)
        self._reading: Transactions = transactions_on(read_only(self._engine))
        self._lookers = ThreadPoolExecutor(2, thread_name_prefix="slugs")
        spool = Spool(settings.var_dir / FOLDER)
        self.recorder = Recorder(
            appender(_engine_for_hits(settings.database_url), JOURNAL), spool
        )
        self._freshness = Freshness(
            links,
            salts,
            spool,
            writing=transactions_on(self._engine),
            reading=self._reading,
        )

    @classmethod
    async def begin(
        cls, settings: Settings, links: SlugTable, salts: DaySalts
    ) -> _Open:
        """Read every link, and start the threads."""
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(None, cls, settings, links, salts)
        await loop.run_in_executor(None, opened._freshness.start)  # noqa: SLF001 - ours
        opened.recorder.start(loop)
        log.info("%d share links are open", len(links))
        return opened

    async def end(self) -> None:
        """Write what waits, and stop the threads."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.recorder.stop)
        await loop.run_in_executor(None, self._freshness.stop)
        self._lookers.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    async def look_up(self, links: SlugTable, slug: str) -> KnownLink | None:
        """Read one link from the database."""

        def read() -> KnownLink | None:
            with self._reading() as session:
                return links.look_up(session, slug)

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._lookers, read)


def _engine_for_hits(database_url: str) -> Engine:
    """Make an engine for the one connection over which hits are written.

    A server that is gone without a word is noticed within seconds, not hours.
    """
    if database_url.startswith("sqlite"):
        return make_engine(database_url, poolclass=NullPool)
    alive = {
        "connect_timeout": 2,  # s
        "keepalives_idle": 5,  # s
        "keepalives_interval": 2,  # s
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # ms
    }
    return make_engine(
        database_url, poolclass=NullPool, pool_pre_ping=False, connect_args=alive
    )


async def _refuse_method(send: Send) -> None:
    headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0"), *NEVER_KEPT]
    start = {"type": "http.response.start", "status": 405, "headers": headers}
    await send(start)
    await send(_NO_BODY)
