"""What a source's answer is made of: the one value that every adapter returns."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

ENTRIES_MAX = 500  # of one answer; the first ones, as the source orders them


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a source's answer: cleaned, with a title and a link."""

    guid: str  # as given; empty where the source has none
    url: str
    canonical_url: str
    title: str
    summary: str = ""
    author: str = ""
    image_url: str | None = None
    language: str | None = None  # only where the entry itself says
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None  # may lie in the future
    updated_at: datetime | None = None
    identity: str = ""  # set by `identified`, which sees the whole answer


@dataclass(frozen=True, slots=True)
class Validators:
    """What lets us ask whether anything changed."""

    etag: str | None = None
    last_modified: str | None = None  # as the server sent it
    body_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull brought."""

    entries: tuple[Entry, ...] | None  # None: nothing changed, nothing was read
    url: str  # of the feed itself; the next pull asks here
    kind: str  # the adapter for the next pull
    validators: Validators = field(default_factory=Validators)
    headers: Mapping[str, str] = field(default_factory=dict)  # for sources.timing
    title: str = ""
    language: str | None = None  # of the source as a whole
    ttl_s: int | None = None  # what an RSS feed asks for


def identified(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give each entry what makes it the same one at the next pull.

    A guid counts without its scheme, so that a site may turn to https. One that
    stands at several different entries counts together with the link; the very same
    entry twice counts once.
    """
    found = tuple(entries)
    links_of: dict[str, set[str]] = {}
    for entry in found:
        links_of.setdefault(_name(entry), set()).add(entry.canonical_url)
    seen: dict[str, Entry] = {}
    for entry in found:
        name = _name(entry)
        shared = len(links_of[name]) > 1
        identity = _short(f"{name} {entry.canonical_url}" if shared else name)
        seen.setdefault(identity, replace(entry, identity=identity))
    return tuple(seen.values())


def telling_links(entries: Sequence[Entry]) -> frozenset[str]:
    """List the links that point out one entry, unlike a home page that all name."""
    counts = Counter(entry.canonical_url for entry in entries)
    return frozenset(
        url
        for url, count in counts.items()
        if count == 1 and not re.fullmatch(r"https://[^/?]+/", url)
    )


def _name(entry: Entry) -> str:
    return re.sub(r"^https?://", "//", entry.guid.strip()) or entry.canonical_url


def _short(identity: str) -> str:
    """Keep an identity readable, and within what an index can hold."""
    if len(identity) <= 400:  # noqa: PLR2004 - characters; PostgreSQL takes 2,700 bytes
        return identity
    return "sha256:" + hashlib.sha256(identity.encode()).hexdigest()
