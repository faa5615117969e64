"""Web addresses: read strictly, once, before anything is asked or stored; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from advocacy.errors import Invalid
from advocacy.i18n import N_

LENGTH_MAX = 2_000  # characters; what browsers, mail clients and proxies agree on
PORTS = {"http": 80, "https": 443}

# Browsers drop these wherever they stand (WHATWG URL, section 4.4).
_DROPPED = re.compile(r"[\t\r\n]")
_OUTER = "".join(map(chr, range(0x21)))  # C0 controls and the blank
_PLAIN_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
_KEPT = "%/:=&?~+!$,;'@()*[]|"


class NotAWebAddress(Invalid):
    """This text is no address that we would ask or link to."""

    def __init__(self, text: str) -> None:
        """Keep the start of what was given, so that a person can see the mistake."""
        super().__init__(
            N_(
                "“{text}” is not a web address we can use. Give a whole one, "
                "as in https://www.example.com/feed/, without a user name in it."
            ),
            text=text[:200],
        )
        self.text = text

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.text,))


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https address in ASCII, without user name and password."""

    scheme: str
    host: str  # lower case, IDNA; an IPv6 address without brackets
    port: int
    path: str  # begins with a slash
    query: str = ""
    fragment: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Say whom credentials would go to."""
        return (self.scheme, self.host, self.port)

    @property
    def authority(self) -> str:
        """Give host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Give what stands in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        end = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{self.authority}{self.target}{end}"

    def without_fragment(self) -> Self:
        """Give what a server is asked for."""
        return replace(self, fragment="")


def read_address(text: str, *, base: str = "") -> WebAddress:
    """Read an address, or one that is relative to `base`.

    Raises:
        NotAWebAddress: Not http or https, a user name in it, no host, too long.
    """
    cleaned = _DROPPED.sub("", text.strip(_OUTER))
    try:
        whole = urljoin(base, cleaned) if base else cleaned
        parts = urlsplit(whole)
        host, port = _host(parts), parts.port
    except ValueError:  # brackets, ports and IDNA that make no sense
        raise NotAWebAddress(text) from None
    if (
        parts.scheme not in PORTS
        or not host
        or "@" in parts.netloc
        or "\\" in cleaned
        or port == 0
    ):
        raise NotAWebAddress(text)
    address = WebAddress(
        scheme=parts.scheme,
        host=host,
        port=port or PORTS[parts.scheme],
        path=_escaped(parts.path) or "/",
        query=_escaped(parts.query),
        fragment=_escaped(parts.fragment),
    )
    if len(str(address)) > LENGTH_MAX:
        raise NotAWebAddress(text)
    return address


def _host(parts: SplitResult) -> str:
    """Give the host in the form that goes over the wire.

    Raises:
        ValueError: It cannot be a host.
    """
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        return IPv6Address(host).compressed
    if host.isascii():
        if host and not _PLAIN_HOST.fullmatch(host):
            raise ValueError(host)
        return host
    return idna.encode(host, uts46=True).decode("ascii").lower()


def _escaped(part: str) -> str:
    """Percent-encode what may not stand in an address, leaving what already is."""
    return quote(part, safe=_KEPT, errors="replace")
