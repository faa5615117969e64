"""Asking somebody else's server: within limits, on allowed addresses, politely.

No connection outlives its request. Sources are asked minutes apart, so little is
lost, and bytes that a broken server sends too many can never be taken for the
answer to the next question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpcore

from advocacy import __version__
from advocacy.config import Network, settings
from advocacy.outbound.dialling import (
    Deadline,
    GuardedBackend,
    Resolver,
    ask_dns,
    trusted_tls,
)
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.inflating import ACCEPTED, CannotUnpackError, inflate
from advocacy.outbound.urls import NotAWebAddress, WebAddress, read_address

__all__ = ["Answer", "FailureKind", "FetchFailed", "Limits", "ask", "get"]

AGENT = f"Advocacy/{__version__}"
REDIRECTS = {301, 302, 303, 307, 308}
MIB = 1024 * 1024

# What may go along to another origin: nothing that says who we are to the first.
_HARMLESS = {"accept", "if-none-match", "if-modified-since"}


@dataclass(frozen=True)
class Limits:
    """How much of our time and memory a server may take."""

    total_s: float = 30
    connect_s: float = 5
    read_s: float = 15  # without a single byte
    body_bytes: int = 5 * MIB  # after unpacking
    hops_max: int = 5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Hop:
    """One redirect: where it stood, and what kind it was."""

    url: str
    status: int


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` has lower-case names."""

    status: int
    url: str  # after all redirects
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()


Get = Callable[[str, Mapping[str, str]], Answer]
"""Asks an address with extra headers, as `ask` does."""


def ask(url: str, headers: Mapping[str, str]) -> Answer:
    """Get an address on the networks that the administrator allows.

    Raises:
        FetchFailed: As `get`.
    """
    return get(
        url,
        headers=headers,
        allow=settings().fetch_allow,
        agent=f"{AGENT} (+{settings().base_url})",
    )


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    allow: Sequence[Network] = (),
    agent: str = AGENT,
    resolve: Resolver = ask_dns,
) -> Answer:
    """Get an address, following redirects by hand.

    Args:
        url: http or https.
        headers: Sent to the first origin; credentials do not go to another one.
        limits: On time, size and redirects, all of them together.
        allow: Private networks that may be asked.
        agent: How we introduce ourselves.
        resolve: Looks names up.

    Returns:
        An answer with a status of 2xx or 304.

    Raises:
        FetchFailed: Everything else; `kind` says what.
    """
    asked = _Asked(limits, Deadline.after(limits.total_s), tuple(allow), agent, resolve)
    try:
        return asked.follow(_read(url), dict(headers or {}), ACCEPTED)
    except FetchFailed as failure:
        if failure.kind is not FailureKind.BAD_ENCODING:
            raise
    # Some servers say gzip and send none; asked for plain text, they may do better.
    return asked.follow(_read(url), dict(headers or {}), "identity")


@dataclass(frozen=True)
class _Asked:
    """One request with everything that bounds it."""

    limits: Limits
    deadline: Deadline
    allow: tuple[Network, ...]
    agent: str
    resolve: Resolver

    def follow(
        self, address: WebAddress, headers: dict[str, str], encoding: str
    ) -> Answer:
        hops: list[Hop] = []
        while True:
            answer = self._once(address, headers, encoding)
            if answer.status not in REDIRECTS:
                return _accepted(answer, address, tuple(hops))
            hops.append(Hop(answer.url, answer.status))
            onwards = self._onwards(address, answer, len(hops))
            if onwards.origin != address.origin:
                headers = {
                    name: value
                    for name, value in headers.items()
                    if name.lower() in _HARMLESS
                }
            address = onwards

    def _onwards(self, address: WebAddress, answer: Answer, hops: int) -> WebAddress:
        """Say where a redirect leads, if we may go there."""
        failure = FetchFailed(FailureKind.REDIRECTS, host=address.host)
        place = answer.headers.get("location")
        if hops > self.limits.hops_max or not place:
            raise failure
        try:
            onwards = read_address(_as_text(place), base=str(address))
        except NotAWebAddress:
            raise failure from None
        if address.scheme == "https" and onwards.scheme == "http":
            raise failure
        return onwards.without_fragment()

    def _once(
        self, address: WebAddress, headers: Mapping[str, str], encoding: str
    ) -> Answer:
        backend = GuardedBackend(
            resolve=self.resolve, allow=self.allow, deadline=self.deadline
        )
        request = httpcore.Request(
            "GET",
            httpcore.URL(
                scheme=address.scheme.encode(),
                host=address.host.encode(),
                port=address.port,
                target=address.target.encode(),
            ),
            headers=self._headers(address, headers, encoding),
            extensions={
                "timeout": {
                    "connect": self.limits.connect_s,
                    "read": self.limits.read_s,
                    "write": self.limits.read_s,
                }
            },
        )
        try:
            with httpcore.ConnectionPool(
                ssl_context=trusted_tls(),
                max_keepalive_connections=0,
                network_backend=backend,
            ) as pool:
                response = pool.handle_request(request)
                try:
                    return self._read(address, response)
                finally:
                    response.close()
        except httpcore.TimeoutException as error:
            raise FetchFailed(FailureKind.TIMEOUT, host=address.host) from error
        except httpcore.NetworkError as error:
            raise FetchFailed(FailureKind.RESET, host=address.host) from error
        except httpcore.ProtocolError as error:
            raise FetchFailed(_protocol_kind(error), host=address.host) from error

    def _headers(
        self, address: WebAddress, headers: Mapping[str, str], encoding: str
    ) -> list[tuple[bytes, bytes]]:
        given = {name.lower(): value for name, value in headers.items()}
        ours = {
            "host": address.authority,
            "user-agent": self.agent,
            "accept": given.pop("accept", "*/*"),
            "accept-encoding": encoding,
            "connection": "close",
        }
        return [
            (name.encode("ascii"), value.encode("latin-1", "replace"))
            for name, value in (given | ours).items()
        ]

    def _read(self, address: WebAddress, response: httpcore.Response) -> Answer:
        headers = _headers_of(response)
        wanted = response.status == 200  # noqa: PLR2004 - only then the body counts
        body = self._body(address, response, headers) if wanted else b""
        return Answer(response.status, str(address), headers, body)

    def _body(
        self,
        address: WebAddress,
        response: httpcore.Response,
        headers: Mapping[str, str],
    ) -> bytes:
        too_big = FetchFailed(
            FailureKind.TOO_BIG,
            host=address.host,
            limit_mib=self.limits.body_bytes // MIB,
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self.limits.body_bytes:
            raise too_big
        body = bytearray()
        try:
            for piece in inflate(
                self._packed(response, too_big), headers.get("content-encoding", "")
            ):
                body += piece
                if len(body) > self.limits.body_bytes:
                    raise too_big
        except CannotUnpackError as error:
            raise FetchFailed(FailureKind.BAD_ENCODING, host=address.host) from error
        return bytes(body)

    def _packed(
        self, response: httpcore.Response, too_big: FetchFailed
    ) -> Iterator[bytes]:
        """Pass the answer on as it came over the wire, up to the limit."""
        count = 0
        for piece in response.iter_stream():
            count += len(piece)
            if count > self.limits.body_bytes:
                raise too_big
            self.deadline.left()
            yield piece


def _read(url: str) -> WebAddress:
    try:
        return read_address(url).without_fragment()
    except NotAWebAddress as error:
        raise FetchFailed(FailureKind.BAD_ADDRESS) from error


def _accepted(answer: Answer, address: WebAddress, hops: tuple[Hop, ...]) -> Answer:
    """Give an answer that has something to say, with the way that led to it."""
    status = answer.status
    if status in {200, 304}:
        return Answer(status, answer.url, answer.headers, answer.body, hops)
    kind = _kind_of(status)
    raise FetchFailed(kind, headers=answer.headers, host=address.host, status=status)


# RFC 9110, section 15: the first digit says whose move it is.
_KIND_BY_CLASS = {
    2: FailureKind.EMPTY,  # 204, 206 and the like: not the whole page
    3: FailureKind.REDIRECTS,
    4: FailureKind.CLIENT_ERROR,
    5: FailureKind.SERVER_ERROR,
}
_KIND_BY_STATUS = {410: FailureKind.GONE, 429: FailureKind.BUSY}


def _kind_of(status: int) -> FailureKind:
    by_class = _KIND_BY_CLASS.get(status // 100, FailureKind.PROTOCOL)
    return _KIND_BY_STATUS.get(status, by_class)


def _headers_of(response: httpcore.Response) -> dict[str, str]:
    """Fold the headers as RFC 9110, section 5.3 says."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _as_text(header: str) -> str:
    """Read an address in a header, which many servers send in raw UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return header


def _protocol_kind(error: httpcore.ProtocolError) -> FailureKind:
    """Tell an answer that broke off from one that was no HTTP."""
    broke_off = "without sending" in str(error)  # h11 and httpcore both say so
    return FailureKind.RESET if broke_off else FailureKind.PROTOCOL
