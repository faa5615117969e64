"""RSS, RDF and Atom: read by feedparser, trusted in nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Answer, Get
from advocacy.outbound.urls import WebAddress
from advocacy.sources import cleaning
from advocacy.sources.asking import ask_again, host_of
from advocacy.sources.dates import moment
from advocacy.sources.decoding import decode
from advocacy.sources.entries import (
    Entry,
    Pulled,
    Validators,
    identified,
)
from advocacy.sources.mending import Looks, look_at, mend
from advocacy.sources.parsing import AUTHOR_TEXTS, Document, Fields, parse
from advocacy.sources.pictures import picture_of

KIND = "feed"
TITLE_FROM_TEXT_MAX = 90  # characters, where an entry has no title of its own
AUTHORS_MAX = 3  # more become a list that nobody reads
AUTHORS_READ_MAX = 20
TTL_MAX_MIN = 7 * 24 * 60  # minutes; more is a mistake

# What a link without a type is not, if its name ends like this: an enclosure.
_MEDIA = re.compile(
    r"(?i)\.(?:mp3|m4a|ogg|oga|opus|wav|flac|mp4|m4v|mov|webm|avi|mkv"
    r"|jpe?g|png|gif|webp|avif|svg|zip|epub)$"
)
_FAILURES = {
    Looks.HTML: FailureKind.HTML,
    Looks.SITEMAP: FailureKind.SITEMAP,
    Looks.DANGEROUS: FailureKind.BROKEN_XML,
    Looks.OTHER: FailureKind.NOT_A_FEED,
}


@dataclass(frozen=True, slots=True)
class _Feed:
    """What an entry takes over from the feed it stands in."""

    url: str
    language: str | None
    is_atom: bool
    author: str


def pull(url: str, known: Validators, get: Get) -> Pulled:
    """Ask a feed for its entries.

    Raises:
        FetchFailed: There is no answer, or it is no feed that can be read.
    """
    asked = ask_again(url, known, get)
    if not asked.changed:
        return Pulled(None, url, KIND, asked.validators, asked.answer.headers)
    return read(asked.answer, url=url, validators=asked.validators)


def read(answer: Answer, *, url: str, validators: Validators) -> Pulled:
    """Read the entries of a feed.

    Args:
        answer: With the feed as its body.
        url: Where the next pull asks; redirects that may end are not followed for
            good.
        validators: Of this answer.

    Raises:
        FetchFailed: It is empty, something else, dangerous or too damaged.
    """
    document = _document(answer)
    channel = document.channel
    whole = _Feed(
        url=answer.url,
        language=cleaning.language(_text(channel, "language")),
        is_atom=document.is_atom,
        author=_author(channel),
    )
    entries = (_entry(raw, whole) for raw in document.entries)
    return Pulled(
        entries=identified(entry for entry in entries if entry is not None),
        url=url,
        kind=KIND,
        validators=validators,
        headers=answer.headers,
        title=cleaning.title(_text(channel, "title")),
        language=whole.language,
        ttl_s=_ttl(_text(channel, "ttl")),
    )


def _feed_text(answer: Answer) -> str:
    host = host_of(answer)
    text = decode(answer.body, answer.headers.get("content-type", ""))
    if not text.strip("\ufeff \t\r\n\x00"):
        raise FetchFailed(FailureKind.EMPTY, host=host)
    looks, text = look_at(text)
    if looks is not Looks.FEED:
        raise FetchFailed(_FAILURES[looks], host=host)
    return mend(text)


def _document(answer: Answer) -> Document:
    try:
        return parse(_feed_text(answer))
    except FetchFailed:
        raise
    except Exception as error:  # the input is hostile: any error means it is broken
        raise FetchFailed(FailureKind.BROKEN_XML, host=host_of(answer)) from error


def _entry(raw: Fields, feed: _Feed) -> Entry | None:
    """Make an entry; None without a link, or without any word for a title."""
    address = _link(raw, feed.url)
    if address is None:
        return None
    body, base = _body(raw)
    summary = cleaning.summary(_text(raw, "summary")) or cleaning.summary(body)
    title = cleaning.title(_text(raw, "title"))
    title = title or cleaning.shorten(summary, TITLE_FROM_TEXT_MAX)
    if not title:
        return None
    # A document-relative image stands beside the article, not beside the feed.
    beside = cleaning.link(base, base=feed.url) or address
    published, updated = _moments(raw, feed)
    language = cleaning.language(_language(raw))
    return Entry(
        guid=cleaning.tidy(_text(raw, "id"))[:2_000],
        url=str(address),
        canonical_url=cleaning.canonical(address),
        title=title,
        summary=summary,
        author=_author(raw) or (feed.author if feed.is_atom else ""),
        image_url=picture_of(
            raw, _text(raw, "summary") + body, base=str(beside), home=feed.url
        ),
        language=language if language != feed.language else None,
        categories=cleaning.categories(_categories(raw)),
        published_at=published,
        updated_at=updated,
    )


def _text(fields: Fields, name: str) -> str:
    """Give a field as it stands there; feedparser's own look-up guesses and warns."""
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def _list(fields: Fields, name: str) -> list[Fields]:
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return [part for part in value if part] if isinstance(value, list) else []


def _link(raw: Fields, feed_url: str) -> WebAddress | None:
    """Choose the page that an entry is about."""
    for text in _links(raw):
        address = cleaning.link(text, base=feed_url)
        if address is not None:
            return address
    return None


def _links(raw: Fields) -> Iterator[str]:
    yield _text(raw, "feedburner_origlink")
    pages = [
        _text(link, "href")
        for link in _list(raw, "links")
        if _text(link, "rel") == "alternate" and "html" in _text(link, "type")
    ]
    yield from (page for page in pages if not _MEDIA.search(page.partition("?")[0]))
    yield _text(raw, "link")
    guid = _text(raw, "id")
    if guid.startswith(("http://", "https://")):
        yield guid


def _body(raw: Fields) -> tuple[str, str]:
    """Give the text of an entry, and the xml:base that holds in it."""
    for content in _list(raw, "content"):
        kind = _text(content, "type").lower()
        if _text(content, "src") or kind.startswith(("image/", "audio/", "video/")):
            continue
        return _text(content, "value"), _text(content, "base")
    detail = dict.get(raw, "summary_detail") if isinstance(raw, dict) else None
    return "", _text(detail or {}, "base")


def _moments(raw: Fields, feed: _Feed) -> tuple[datetime | None, datetime | None]:
    """Give when an entry was published and updated; never the second first."""
    published = moment(_text(raw, "published")) or moment(_text(raw, "created"))
    updated = moment(_text(raw, "updated"))
    if published is None:
        # The only date of RSS 1.0 is dc:date, which feedparser takes for an update.
        return updated, updated if feed.is_atom else None
    return published, max(updated, published) if updated else None


def _author(raw: Fields) -> str:
    """Give the names of the first few authors."""
    names = [_text(person, "name") for person in _list(raw, "authors")]
    texts = dict.get(raw, AUTHOR_TEXTS, []) if isinstance(raw, dict) else []
    cleaned = dict.fromkeys(map(cleaning.author, [*names, *texts][:AUTHORS_READ_MAX]))
    return ", ".join([name for name in cleaned if name][:AUTHORS_MAX])


def _categories(raw: Fields) -> list[str]:
    """Give the names of categories; `term` is often only their slug."""
    return [_text(tag, "label") or _text(tag, "term") for tag in _list(raw, "tags")]


def _language(raw: Fields) -> str:
    """Give what xml:lang says where the entry's words stand."""
    for name in ("title_detail", "summary_detail"):
        detail = dict.get(raw, name) if isinstance(raw, dict) else None
        if detail and _text(detail, "language"):
            return _text(detail, "language")
    return ""


def _ttl(text: str) -> int | None:
    """Read an RSS ttl, which is in minutes."""
    if not re.fullmatch(r"\s*\d{1,6}\s*", text):
        return None
    minutes = int(text)
    return minutes * 60 if 0 < minutes <= TTL_MAX_MIN else None
