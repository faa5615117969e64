"""Opening connections: the address that was checked is the address dialled.

A name is looked up once per connection, every answer is checked, and the connection
goes to one of those answers. So neither a redirect nor a name server that changes
its mind (DNS rebinding) leads anywhere that was not checked.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import certifi
import httpcore

from advocacy.config import Network
from advocacy.outbound.addresses import literal, may_ask
from advocacy.outbound.failures import FailureKind, FetchFailed

Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host; raises OSError when there are none."""

DIALLED_MAX = 4  # answers of one name that are tried


def ask_dns(host: str, port: int) -> list[str]:
    """Look a name up with the machine's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in found]


@cache
def trusted_tls() -> ssl.SSLContext:
    """Give the rules for certificates: the machine's authorities and Mozilla's.

    A private authority is added with OpenSSL's own SSL_CERT_FILE or SSL_CERT_DIR.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@dataclass(frozen=True)
class Deadline:
    """The moment at which a request must be over, whatever the server does."""

    at: float  # time.monotonic()

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Set the deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def left(self, at_most: float | None = None) -> float:
        """Say how many seconds are left.

        Raises:
            httpcore.ReadTimeout: None are.
        """
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("out of time")
        return seconds if at_most is None else min(seconds, at_most)


class GuardedBackend(httpcore.NetworkBackend):
    """Dials only addresses that may be asked, and only until a deadline."""

    def __init__(
        self, *, resolve: Resolver, allow: Sequence[Network], deadline: Deadline
    ) -> None:
        self._resolve = resolve
        self._allow = allow
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look up, check every answer, and connect to the first that listens.

        Raises:
            FetchFailed: The name is unknown, or one of its answers is not allowed.
            httpcore.ConnectError: Nobody listens there.
        """
        refused: Exception | None = None
        for address in self._checked(host, port)[:DIALLED_MAX]:
            try:
                stream = self._plain.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.left(timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
            else:
                return GuardedStream(stream, self._deadline, host)
        raise refused or httpcore.ConnectError(host)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            answers = list(
                dict.fromkeys(
                    _within(self._deadline, lambda: self._resolve(host, port))
                )
            )
        except (OSError, UnicodeError) as error:
            raise FetchFailed(FailureKind.DNS, host=host) from error
        if not answers:
            raise FetchFailed(FailureKind.DNS, host=host)
        for answer in answers:
            address = literal(answer)
            if address is None or not may_ask(address, self._allow):
                raise FetchFailed(FailureKind.BLOCKED, host=host)
        return answers


class GuardedStream(httpcore.NetworkStream):
    """A connection on which no read or write outlives the deadline."""

    def __init__(
        self, stream: httpcore.NetworkStream, deadline: Deadline, host: str
    ) -> None:
        self._stream = stream
        self._deadline = deadline
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, waiting no longer than the deadline."""
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, waiting no longer than the deadline."""
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Secure the connection, or say that it cannot be trusted."""
        try:
            secured = self._stream.start_tls(
                ssl_context, server_hostname, self._deadline.left(timeout)
            )
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise FetchFailed(FailureKind.TLS, host=self._host) from error
            raise
        return GuardedStream(secured, self._deadline, self._host)

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection below knows."""
        return self._stream.get_extra_info(info)


def _within(deadline: Deadline, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Look up in a thread of its own: getaddrinfo knows no time limit."""
    answer: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answer.put(look_up())
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            answer.put(error)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left())
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name server does not answer") from None
    if isinstance(found, Exception):
        raise found
    return found
