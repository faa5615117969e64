"""The demo company's news site, served on loopback alone.

`python -m advocacy.demo.site --port 8001` serves it; `DemoSite` does so inside a test.
"""

from __future__ import annotations

import hashlib
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType, TracebackType
from typing import Self
from urllib.parse import urlsplit

import click

from advocacy.clock import utc_now
from advocacy.demo import feeds, pages
from advocacy.demo.news import CONTENT, LANGUAGES, MEDIA_TYPE, Published, published

HOST = "127.0.0.1"  # never anything else: these people do not exist
HTML = "text/html; charset=utf-8"
IDLE_MAX_S = 10  # a connection that says nothing


@dataclass(frozen=True)
class Page:
    """What stands at an address."""

    body: bytes
    media_type: str
    changed_at: datetime
    status: HTTPStatus = HTTPStatus.OK

    @property
    def etag(self) -> str:
        """Name this very content."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


def page_at(path: str, *, base: str, since: datetime, now: datetime) -> Page:
    """Give what stands at an address of the site.

    Args:
        path: Without the query.
        base: Address of the site, without a slash at its end.
        since: When the demo began; articles are as old as they say from there.
        now: Articles after this moment are not there yet.
    """
    found = _fixed(path, since)
    for language in LANGUAGES:
        if found is not None:
            return found
        news = published(language, since=since, now=now)
        found = _of_language(path, language, news, base=base, since=since)
    if found is not None:
        return found
    language = "en" if path.startswith("/en/") else "nl"
    return Page(pages.missing(language, base), HTML, since, HTTPStatus.NOT_FOUND)


def _fixed(path: str, since: datetime) -> Page | None:
    if path == "/site.css":
        return Page(_stylesheet(), "text/css; charset=utf-8", since)
    image = _image(path.removeprefix("/images/"))
    return Page(image, MEDIA_TYPE, since) if image is not None else None


def _of_language(
    path: str, language: str, news: Sequence[Published], *, base: str, since: datetime
) -> Page | None:
    changed_at = news[0].at if news else since
    if path == pages.FRONTS[language]:
        return Page(pages.home(language, news, base), HTML, changed_at)
    if path == feeds.PATHS[language]:
        return Page(
            feeds.write(language, news, base, since=since),
            f"{feeds.MEDIA_TYPES[language]}; charset=utf-8",
            changed_at,
        )
    for one in news:
        if path == one.article.path:
            return Page(pages.article(one, news, base), HTML, one.at)
    return None


@cache
def _image(name: str) -> bytes | None:
    known = {file.name: file for file in (CONTENT / "images").glob("*.png")}
    return known[name].read_bytes() if name in known else None


@cache
def _stylesheet() -> bytes:
    return (CONTENT / "pages" / "site.css").read_bytes()


def is_unchanged(
    page: Page, if_none_match: str | None, if_modified_since: str | None
) -> bool:
    """Tell whether the asker has this content already.

    Source:
        RFC 9110, section 13.2.2: If-Modified-Since counts only without the other.
    """
    if if_none_match is not None:
        known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
        return "*" in known or page.etag in known
    if if_modified_since is None:
        return False
    try:
        moment = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return page.changed_at.replace(microsecond=0) <= moment


class DemoSite:
    """The site, serving from its first moment in a thread until it is stopped."""

    def __init__(
        self,
        *,
        port: int = 0,
        since: datetime | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Take a port of loopback, any free one for 0.

        Args:
            port: 0 to 65535.
            since: When the demo began; now, where nothing is said.
            clock: Says what time it is.

        Raises:
            OSError: The port is taken.
        """
        began = since or clock()

        class Handler(_Handler):
            def find(self, path: str) -> Page:
                return page_at(path, base=outer.url, since=began, now=clock())

        outer = self
        self.server = ThreadingHTTPServer((HOST, port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{HOST}:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer nobody any more, and give the port back."""
        if self._thread.is_alive():
            self.server.shutdown()
            self._thread.join()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; logs nothing, for there is nothing to learn from it."""

    server_version = "waterland-techniek"
    sys_version = ""
    timeout = IDLE_MAX_S

    def find(self, path: str) -> Page:
        raise NotImplementedError

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        page = self.find(urlsplit(self.path).path)
        unchanged = page.status is HTTPStatus.OK and is_unchanged(
            page, self.headers["If-None-Match"], self.headers["If-Modified-Since"]
        )
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else page.status)
        self.send_header("ETag", page.etag)
        self.send_header("Last-Modified", format_datetime(page.changed_at, usegmt=True))
        self.send_header("Cache-Control", "no-cache")  # ask again, 304 is cheap
        if not unchanged:
            self.send_header("Content-Type", page.media_type)
            self.send_header("Content-Length", str(len(page.body)))
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src 'self'",
            )
            self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@click.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0: any.")
@click.option(
    "--since", type=datetime.fromisoformat, help="When the demo began, ISO 8601."
)
def main(port: int, since: datetime | None) -> None:
    """Serve the demo company's news site until told to stop."""
    stop = threading.Event()

    def wake(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, wake)
    signal.signal(signal.SIGINT, wake)
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    try:
        site = DemoSite(port=port, since=since)
    except OSError as error:
        click.echo(f"Port {port} cannot be used: {error.strerror}.", err=True)
        sys.exit(1)
    with site:
        click.echo(f"Waterland Techniek is at {site.url}/")
        stop.wait()


if __name__ == "__main__":
    main()
