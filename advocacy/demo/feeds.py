"""The demo company's news as RSS 2.0 and as Atom 1.0."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from advocacy.demo.news import IMAGE_SIZE, MEDIA_TYPE, Article, Published

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
PATHS = {"nl": "/feed/", "en": "/en/atom.xml"}
MEDIA_TYPES = {"nl": "application/rss+xml", "en": "application/atom+xml"}
TTL_MIN = 10  # minutes between two looks at the feed

for _prefix, _name in (("content", CONTENT), ("dc", DC), ("media", MEDIA)):
    ET.register_namespace(_prefix, _name)


def write(
    language: str, news: Sequence[Published], base: str, *, since: datetime
) -> bytes:
    """Write the feed of a language: RSS in Dutch, Atom in English.

    Args:
        language: A key of PATHS.
        news: Latest first.
        base: Address of the site, without a slash at its end.
        since: When the demo began; the feed's age while it is empty.
    """
    if language == "nl":
        return _rss(news, base)
    return _atom(news, base, since=since)


def _rss(news: Sequence[Published], base: str) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", "Waterland Techniek – nieuws")
    _text(channel, "link", f"{base}/")
    _text(channel, "description", "Nieuws over pompen, sluizen en de mensen erachter.")
    _text(channel, "language", "nl")
    _text(channel, "ttl", str(TTL_MIN))
    if news:
        _text(channel, "lastBuildDate", format_datetime(news[0].at, usegmt=True))
    ET.SubElement(
        channel,
        f"{{{ATOM}}}link",
        href=base + PATHS["nl"],
        rel="self",
        type=MEDIA_TYPES["nl"],
    )
    for one in news:
        _rss_item(channel, one, base)
    return _document(root)


def _rss_item(channel: ET.Element, one: Published, base: str) -> None:
    article = one.article
    item = ET.SubElement(channel, "item")
    _text(item, "title", article.title)
    _text(item, "link", base + article.path)
    _text(item, "guid", article.guid, isPermaLink="false")
    _text(item, "pubDate", format_datetime(one.at, usegmt=True))
    _text(item, f"{{{DC}}}creator", article.author)
    for category in article.categories:
        _text(item, "category", category)
    _text(item, "description", article.lead)
    _text(item, f"{{{CONTENT}}}encoded", _body(article, base))
    picture = ET.SubElement(
        item,
        f"{{{MEDIA}}}content",
        url=base + article.image_path,
        medium="image",
        type=MEDIA_TYPE,
        width=str(IMAGE_SIZE[0]),
        height=str(IMAGE_SIZE[1]),
    )
    _text(picture, f"{{{MEDIA}}}description", article.image_alt, type="plain")


def _atom(news: Sequence[Published], base: str, *, since: datetime) -> bytes:
    root = ET.Element(f"{{{ATOM}}}feed", {_XML_LANG: "en"})
    _text(root, f"{{{ATOM}}}id", "tag:waterland-techniek.example,2026:en/news")
    _text(root, f"{{{ATOM}}}title", "Waterland Techniek – news")
    _text(root, f"{{{ATOM}}}updated", (news[0].at if news else since).isoformat())
    _link(root, base + PATHS["en"], rel="self", type=MEDIA_TYPES["en"])
    _link(root, f"{base}/en/", rel="alternate", type="text/html")
    for one in news:
        _atom_entry(root, one, base)
    return _document(root)


def _atom_entry(root: ET.Element, one: Published, base: str) -> None:
    article = one.article
    entry = ET.SubElement(root, f"{{{ATOM}}}entry")
    _text(entry, f"{{{ATOM}}}id", article.guid)
    _text(entry, f"{{{ATOM}}}title", article.title)
    _text(entry, f"{{{ATOM}}}published", one.at.isoformat())
    _text(entry, f"{{{ATOM}}}updated", one.at.isoformat())
    author = ET.SubElement(entry, f"{{{ATOM}}}author")
    _text(author, f"{{{ATOM}}}name", article.author)
    for category in article.categories:
        ET.SubElement(entry, f"{{{ATOM}}}category", term=category)
    _link(entry, base + article.path, rel="alternate", type="text/html")
    _link(entry, base + article.image_path, rel="enclosure", type=MEDIA_TYPE)
    _text(entry, f"{{{ATOM}}}summary", article.lead)
    _text(entry, f"{{{ATOM}}}content", _body(article, base), type="html")


_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def _body(article: Article, base: str) -> str:
    """Write an article's text as HTML, its picture first."""
    picture = (
        f'<p><img src="{html.escape(base + article.image_path)}"'
        f' alt="{html.escape(article.image_alt)}"'
        f' width="{IMAGE_SIZE[0]}" height="{IMAGE_SIZE[1]}"></p>'
    )
    return "\n".join(
        [picture]
        + [
            f"<p>{html.escape(text, quote=False)}</p>"
            for text in (article.lead, *article.paragraphs)
        ]
    )


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _link(parent: ET.Element, href: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"href": href} | attributes)


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
