"""Choosing the picture of an entry: from its fields, else from its text; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from advocacy.sources import cleaning

SMALLEST = 20  # pixels on a side; smaller ones count readers or part paragraphs
TEXT_MAX = 200_000  # characters that are looked through

_TRACKER = re.compile(
    r"(?i)(?:^|[/._-])(?:pixel|spacer|blank|tracker|tracking|beacon|1x1)\.(?:gif|png)"
    r"|//(?:feeds\.feedburner\.com|pixel\.wp\.com|stats\.wordpress\.com|feedads\.)"
    r"|/(?:s\.w\.org/images/core/emoji|smilies)/"
)


def picture_of(
    raw: Mapping[str, Any], markup: str, *, base: str, home: str
) -> str | None:
    """Choose the picture: media, thumbnail, enclosure, then the first in the text.

    Args:
        raw: What feedparser made of the entry.
        markup: The entry's HTML.
        base: What relative addresses are relative to.
        home: The address of the feed as it really answered.
    """
    for address in (*_in_fields(raw), *_in_text(markup)):
        image = cleaning.image(address, base=base, home=home)
        if image is not None and not _is_no_picture(image):
            return image
    return None


def _is_no_picture(address: str) -> bool:
    # SVG can carry scripts, and no network shows it in a preview.
    path = address.partition("?")[0].lower()
    return path.endswith((".svg", ".svgz")) or bool(_TRACKER.search(address))


def _in_fields(raw: Mapping[str, Any]) -> Iterator[str]:
    media = [part for part in raw.get("media_content") or [] if _is_image(part)]
    for part in sorted(media, key=_width, reverse=True):
        yield str(part.get("url", ""))
    for part in raw.get("media_thumbnail") or []:
        yield str(part.get("url", ""))
    for part in raw.get("links") or []:
        if part.get("rel") == "enclosure" and _is_image(part):
            yield str(part.get("href", ""))


def _is_image(part: Mapping[str, Any]) -> bool:
    kind = str(part.get("type", "")).lower()
    if "/" in kind:  # some generators write "None"
        return kind.startswith("image/") and "svg" not in kind
    medium = str(part.get("medium", "")).lower()
    address = str(part.get("url", part.get("href", ""))).partition("?")[0].lower()
    return medium == "image" or (
        not medium and address.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp"))
    )


def _width(part: Mapping[str, Any]) -> int:
    return _pixels(part.get("width")) or 0


def _pixels(value: object) -> int | None:
    digits = re.match(r"\s*(\d{1,5})", str(value or ""))
    return int(digits[1]) if digits else None


class _Images(HTMLParser):
    """Collects the addresses of images that are large enough to see."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        sides = (_pixels(given.get("width")), _pixels(given.get("height")))
        source = given.get("src")
        if tag == "img" and source and all(s is None or s >= SMALLEST for s in sides):
            self.found.append(source)


def _in_text(markup: str) -> list[str]:
    if "<img" not in markup[:TEXT_MAX].lower():
        return []
    images = _Images()
    images.feed(markup[:TEXT_MAX])
    return images.found
