"""Finding the feed that a web page names; pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from advocacy.outbound.urls import NotAWebAddress, read_address

HEAD_MAX = 512 * 1024  # characters; links stand in the head
TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}
_COMMENTS = re.compile(r"(?i)comment|reacties|kommentar|commentaire")


def feeds_in(page: str, *, url: str) -> list[str]:
    """List the feeds that a page names, the likeliest first.

    Feeds of comments come last: they are news about readers.
    """
    links = _Links()
    links.feed(page[:HEAD_MAX])
    base = urljoin(url, links.base) if links.base else url
    found: dict[str, bool] = {}
    for href, title in links.found:
        try:
            address = str(read_address(href, base=base).without_fragment())
        except NotAWebAddress:
            continue
        found.setdefault(address, bool(_COMMENTS.search(f"{address} {title}")))
    return sorted(found, key=lambda address: found[address])


class _Links(HTMLParser):
    """Collects `<link rel="alternate">` of feed types."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        if tag != "link" or not given.get("href"):
            return
        kind = given.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in given.get("rel", "").lower().split() and kind in TYPES:
            self.found.append((given["href"], given.get("title", "")))
