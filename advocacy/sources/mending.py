"""Making XML out of what claims to be XML, and seeing what it is; pure.

Feeds in the wild carry bare ampersands, HTML entities, control characters, warnings
in front and missing ends. Mended, the strict parser reads them; the lenient one,
which is slower and guesses more, is left with the hopeless cases.
"""

from __future__ import annotations

import html.entities
import re
from collections import deque
from enum import Enum, auto

START_MAX = 20_000  # characters in front of the feed that may be noise


class Looks(Enum):
    """What a text is, judged by its own beginning."""

    FEED = auto()
    HTML = auto()
    SITEMAP = auto()
    DANGEROUS = auto()  # declares entities of its own
    OTHER = auto()


_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,40})")
_FEED_START = re.compile(
    r"<\?xml\s|<(?:\w{1,20}:)?(?:rss|feed|RDF)[\s>]", re.IGNORECASE
)
_HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE
)
_NAMES = {
    "rss": Looks.FEED,
    "feed": Looks.FEED,
    "rdf": Looks.FEED,
    "html": Looks.HTML,
    "urlset": Looks.SITEMAP,
    "sitemapindex": Looks.SITEMAP,
}


def look_at(text: str) -> tuple[Looks, str]:
    """Say what a text is, and give it without noise in front."""
    text = text.strip("\ufeff \t\r\n")
    looks = _judge(text)
    if looks is not Looks.OTHER:
        return looks, text
    found = _FEED_START.search(text, 0, START_MAX)
    if found and found.start():
        later = text[found.start() :]
        looks = _judge(later)
        if looks in {Looks.FEED, Looks.DANGEROUS, Looks.SITEMAP}:
            return looks, later
    if _HTML_START.search(text, 0, START_MAX):
        return Looks.HTML, text
    return Looks.OTHER, text


def _judge(text: str) -> Looks:
    at = _end_of_prolog(text)
    if at is None:
        return Looks.DANGEROUS
    root = _ROOT.match(text, at)
    return _NAMES.get(root[1].lower(), Looks.OTHER) if root else Looks.OTHER


def _end_of_prolog(text: str) -> int | None:
    """Find where the first element begins; None if entities are declared before it."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text[at : at + 2] == "<!":
            end = text.find(">", at)
            subset = text.find("[", at, end if end >= 0 else len(text))
            if subset >= 0 or text[at : at + 8].upper() == "<!ENTITY":
                return None
        else:
            return at
        if end < 0:
            return len(text)
        at = text.index(">", end) + 1


_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,500}>", re.IGNORECASE)
_DECLARATION = re.compile(r"\A<\?xml[^>]{0,300}\?>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_NUMBERED = re.compile(r"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});")
_GUID = re.compile(r"<(guid|id)>")
# CDATA and comments are left alone, whole or unfinished; the rest is looked at.
_AMPERSAND = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)"
    r"|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,30});|(?P<bare>(?!#\d|#x[0-9a-fA-F])))",
    re.DOTALL,
)
_OF_XML = {"amp", "lt", "gt", "quot", "apos"}


def mend(text: str) -> str:
    """Repair what is often broken; the text must look like a feed."""
    text = _DOCTYPE.sub("", _DECLARATION.sub("", text), count=1)
    text = _NOT_XML.sub("", text)
    text = _NUMBERED.sub(_character, text)
    text = _AMPERSAND.sub(_ampersand, text)
    # A guid need not be an address, and must not change when the feed moves: so it
    # is never resolved against the feed's.
    text = _GUID.sub(r'<\1 isPermaLink="false">', text)
    return _closed(text.rstrip())


def _character(match: re.Match[str]) -> str:
    """Drop references to what may not stand in XML, as U+0000 and half emoji."""
    digits = match[1]
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    allowed = (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF  # noqa: PLR2004 - XML 1.0, production 2
        or 0xE000 <= code <= 0xFFFD  # noqa: PLR2004
        or 0x10000 <= code <= 0x10FFFF  # noqa: PLR2004
    )
    return match[0] if allowed else ""


def _ampersand(match: re.Match[str]) -> str:
    name = match["name"]
    if name is None:
        return "&amp;" if match["bare"] is not None else match[0]
    if name in _OF_XML:
        return match[0]
    letters = html.entities.html5.get(f"{name};")
    if letters is None:
        return f"&amp;{name};"
    return "".join(f"&#{ord(letter)};" for letter in letters)


_END_OF_ENTRY = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)


def _closed(text: str) -> str:
    """Give a feed that was cut off its end back, without the half entry before it."""
    root = re.match(
        r"<((?:[\w.-]{1,40}:)?[\w.-]{1,40})", text[_end_of_prolog(text) or 0 :]
    )
    if root is None or f"</{root[1]}" in text[-2_000:]:
        return text
    ends = deque(_END_OF_ENTRY.finditer(text), maxlen=1)
    if not ends:
        return text
    whole = text[: ends[0].end()]
    inside = "</channel>" if "<channel" in whole and "</channel" not in whole else ""
    return f"{whole}{inside}</{root[1]}>"
