"""XML to fields: feedparser's reading of RSS and Atom, on a budget.

feedparser knows every dialect, but was not made for enemies: its sanitiser lets
scripts through, its search for mail addresses takes minutes on a megabyte of dots, and
nothing bounds what it builds. So only its two readers are used, and they count.
"""

from __future__ import annotations

import io
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import feedparser.api

from advocacy.sources.entries import ENTRIES_MAX

ELEMENTS_MAX = 150_000  # a feed of a hundred long articles has five thousand
PIECES_MAX = 600_000  # of text between tags
AUTHOR_MAX = 500  # characters; the text of an author is cut there
AUTHOR_TEXTS = "author_texts"  # every author of an entry, as written

Fields = Mapping[str, Any]


class HopelessError(Exception):
    """Nothing can be read, or it would cost too much."""


class _EnoughError(Exception):
    """There are as many entries as we take."""


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of a feed."""

    channel: Fields
    entries: list[Fields]
    is_atom: bool


class _Budget:
    """Counts what a reader builds, in front of feedparser's own methods."""

    budget_elements = 0
    budget_texts = 0
    resolve_relative_uris = False  # slow; sources.cleaning resolves what it keeps
    sanitize_html = False  # slow and leaky; sources.cleaning cleans

    def unknown_starttag(self, tag: str, attrs: Any) -> Any:
        self.budget_elements += 1
        if self.budget_elements > ELEMENTS_MAX:
            raise HopelessError("too many elements")
        result = super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        if len(self.entries) > ENTRIES_MAX:  # type: ignore[attr-defined]
            raise _EnoughError
        return result

    def handle_data(self, *args: Any, **kwargs: Any) -> None:
        self.budget_texts += 1
        if self.budget_texts > PIECES_MAX:
            raise HopelessError("too many pieces of text")
        super().handle_data(*args, **kwargs)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Keep each author's text as it is, instead of looking for mail in it."""
        context = self._get_context()  # type: ignore[attr-defined]
        text = context.get(key)
        if key == "author" and isinstance(text, str) and text:
            context[key] = text[:AUTHOR_MAX]
            texts = context.setdefault(AUTHOR_TEXTS, [])
            if len(texts) < AUTHOR_MAX and context[key] not in texts[-1:]:
                texts.append(context[key])


class _Strict(_Budget, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    """Reads well-formed XML."""


class _Loose(_Budget, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    """Reads what is nearly XML."""


def parse(text: str) -> Document:
    """Read a mended feed: strictly, else loosely.

    Raises:
        HopelessError: There is no entry in it, and it is damaged; or it is a bomb.
    """
    data = text.encode("utf-8", "replace")
    strict = _Strict("", None, "utf-8")
    try:
        _read_strictly(strict, data)
    except _EnoughError:
        return _document(strict)
    except xml.sax.SAXException as error:
        loose = _Loose("", None, "utf-8", {})
        with suppress(_EnoughError):
            loose.feed(data.decode("utf-8"))
        document = _document(loose)
        if not document.entries:
            raise HopelessError(str(error)) from error
        return document
    return _document(strict)


def _read_strictly(reader: Any, data: bytes) -> None:
    parser = xml.sax.make_parser()  # noqa: S317 - entities were refused before
    parser.setFeature(xml.sax.handler.feature_namespaces, True)
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    parser.setContentHandler(reader)
    parser.setErrorHandler(_Raising())
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    parser.parse(source)


class _Raising(xml.sax.handler.ErrorHandler):
    """Ends the strict reading at the first error."""


def _document(reader: Any) -> Document:
    return Document(
        reader.feeddata,
        reader.entries[:ENTRIES_MAX],
        is_atom=str(reader.version).startswith("atom"),
    )
