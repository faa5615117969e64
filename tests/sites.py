"""Other people's servers for tests: real sockets on loopback that behave as told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any, Self

from advocacy.outbound.http import Answer, Get, Limits, get

LOOPBACK = ip_network("127.0.0.0/8")
IMPATIENT = Limits(total_s=1.0, connect_s=1, read_s=0.7)


@dataclass
class Reply:
    """What a site answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Behaviour = Reply | Callable[["Asked"], Reply | None]
"""A reply, or a function that makes one; None if it wrote to the socket itself."""


@dataclass
class Asked:
    """One request that came in."""

    path: str
    headers: Message
    write: Callable[[bytes], object]
    until_over: Callable[[float], bool]  # waits; true once the test is over


class Site:
    """A web server whose pages are set by the test."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.pages: dict[str, Behaviour] = {}
        self.asked: list[Asked] = []
        self._over = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: object) -> None:
                """Keep the tests' output quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:
                """Let a client hang up when it has had enough."""

        self._server = Server((host, 0), Handler)
        self.host = host
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=partial(self._server.serve_forever, poll_interval=0.02), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/feed/") -> str:
        """Give the address of a page."""
        return f"http://{self.host}:{self.port}{path}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        asked = Asked(
            handler.path, handler.headers, handler.wfile.write, self._over.wait
        )
        self.asked.append(asked)
        handler.close_connection = True
        page = self.pages.get(handler.path.partition("?")[0], Reply(status=404))
        reply = page if isinstance(page, Reply) else page(asked)
        if reply is None:
            return
        handler.send_response(reply.status)
        if reply.status not in {204, 304}:
            handler.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)


def getter(**options: Any) -> Get:
    """Make what asks sites on loopback, as `outbound.http.ask` asks the world."""

    def ask(url: str, headers: Mapping[str, str]) -> Answer:
        return get(url, headers=headers, **{"allow": [LOOPBACK]} | options)

    return ask


def rss(*items: str, channel: str = "") -> bytes:
    """Write a feed with these items in it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Waterland Techniek</title>{channel}{''.join(items)}</channel></rss>"
    ).encode()


def rss_item(number: int = 1, **fields: str) -> str:
    """Write one item of a feed; a field set to "" is left out."""
    link = f"https://www.waterland-techniek.example/nieuws/{number}/"
    given = {
        "title": f"Bericht {number}",
        "link": link,
        "guid": link,
        "pubDate": "Mon, 23 Nov 2026 06:00:00 GMT",
        "description": f"Tekst van bericht {number}.",
    } | fields
    return (
        "<item>"
        + "".join(f"<{name}>{text}</{name}>" for name, text in given.items() if text)
        + "</item>"
    )
