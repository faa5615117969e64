"""Addresses that share links lead to; pure."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

MEDIUM = "employee-advocacy"
REFERRER_MAX = 255  # characters

# Everything that may stand in an address; all else is percent-encoded, so that no
# line break, space, quote or backslash can reach a header.
_SAFE = "!#$%&'()*+,-./:;=?@[]_~"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MISLEADING = re.compile(r"[@\\ ]")  # a host that shows another name than it has
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,253}[a-z0-9])?", re.ASCII)


def with_utm(target: str, *, network: str, campaign: str, content: str) -> str:
    """Add the parameters by which web statistics recognise a share.

    The target's own query and fragment stay byte for byte; a parameter that it
    carries already is left to it.
    """
    address, hash_sign, fragment = target.partition("#")
    path, _, query = address.partition("?")
    present = {part.partition("=")[0] for part in query.split("&")}
    added = "&".join(
        f"{name}={quote(value, safe='')}"
        for name, value in (
            ("utm_source", network),
            ("utm_medium", MEDIUM),
            ("utm_campaign", campaign),
            ("utm_content", content),
        )
        if name not in present
    )
    if not added:
        return target
    joined = f"{query}&{added}" if query and not query.endswith("&") else query + added
    return f"{path}?{joined}{hash_sign}{fragment}"


def location(target: str) -> bytes | None:
    """Write a target as a Location header's value; None if it is no web address."""
    target = target.strip(" ")
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    if (
        parts.scheme.lower() not in {"http", "https"}
        or not host
        or _CONTROL.search(target)
        or _MISLEADING.search(parts.netloc)
    ):
        return None
    if not host.isascii():
        try:
            ascii_host = host.encode("idna").decode()
        except UnicodeError:
            return None
        netloc = parts.netloc.lower().replace(host, ascii_host)
        target = target.replace(parts.netloc, netloc, 1)
    return quote(target, safe=_SAFE).encode("ascii")


def referrer_host(referrer: bytes) -> str | None:
    """Keep only the host of a Referer header: enough to tell the networks apart."""
    try:
        host = (urlsplit(referrer.decode("ascii")).hostname or "").rstrip(".")
    except ValueError:  # not ASCII, or brackets that make no sense
        return None
    if len(host) > REFERRER_MAX or _HOST.fullmatch(host) is None:
        return None
    return host
