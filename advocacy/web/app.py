"""The web app: pages, API and health, with the share-link door in front."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from advocacy import __version__, jobs
from advocacy.config import Settings, settings
from advocacy.db.engine import make_engine, read_only
from advocacy.db.session import transactions_on
from advocacy.links.door import Door
from advocacy.outbound.mail import sender_for
from advocacy.web import errors, health
from advocacy.web.api.app import PREFIX, make_api
from advocacy.web.dead_ends import dead_end_page
from advocacy.web.deps import House
from advocacy.web.pages import (
    checks,
    item,
    letters,
    mailbox,
    offers,
    people,
    preferences,
    queue,
    share,
    sign_in,
    sources,
    stats,
)
from advocacy.web.pages import digest as digest_pages
from advocacy.web.rendering import static
from advocacy.web.security import BodyLimit, SameOriginOnly, SecurityHeaders

STATIC = Path(__file__).parent / "static"
ONE_CLICK = "/m/leave/"  # RFC 8058: a POST from a mail server, without cookie or origin
PAGES = (
    sign_in,
    offers,
    share,
    checks,
    preferences,
    letters,
    queue,
    item,
    sources,
    digest_pages,
    stats,
    people,
)


def make_app() -> ASGIApp:
    """Make the app of the settings; uvicorn calls this in each process."""
    return build(settings())


def build(current: Settings) -> ASGIApp:
    """Make the app: pages, API and health behind the share-link door."""
    engine = make_engine(current.database_url)
    writing = transactions_on(engine)
    house = House(
        settings=current,
        writing=writing,
        reading=transactions_on(read_only(engine)),
        sender=sender_for(current, writing),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        jobs.use_broker(jobs.broker_url(current))
        yield
        house.sender.close()
        engine.dispose()

    app = FastAPI(
        title="Advocacy",
        version=__version__,
        openapi_url=None,  # the API describes itself
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.house = house
    errors.install(app)
    app.include_router(health.router)
    for pages in PAGES:
        app.include_router(pages.router, include_in_schema=False)
    if current.demo and not current.smtp_url:
        app.include_router(mailbox.router, include_in_schema=False)
    app.mount(PREFIX, make_api(house))
    app.add_api_route("/favicon.ico", favicon, include_in_schema=False)
    app.mount("/static", KeptForever(StaticFiles(directory=STATIC)))
    guarded = SameOriginOnly(BodyLimit(app), open_paths=("/api/", ONE_CLICK))
    pages_and_api = SecurityHeaders(guarded, https=current.https)
    return Door(pages_and_api, current, render_page=partial(dead_end_page, current))


def favicon() -> RedirectResponse:
    """Lead browsers that ask where icons used to be to ours."""
    return RedirectResponse(static("favicon.svg"), status_code=308)


class KeptForever:
    """Static files, addressed by their content, may be kept by every browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, kept for a year where the address says which."""

        async def send_kept(message: Message) -> None:
            if (
                message["type"] == "http.response.start"
                and b"v=" in scope["query_string"]
            ):
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, send_kept)
