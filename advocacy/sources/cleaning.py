"""Making strangers' text harmless: plain words, web addresses, nothing else; pure."""

from __future__ import annotations

import html
import re
import unicodedata

import nh3
import regex

from advocacy.outbound.addresses import literal, may_ask
from advocacy.outbound.urls import NotAWebAddress, WebAddress, read_address

SUMMARY_MAX = 500  # characters
TITLE_MAX = 300
AUTHOR_MAX = 120
CATEGORY_MAX = 60
CATEGORIES_MAX = 10
HTML_MAX = 200_000  # of one field; a summary needs far less

# Kept as bare tags, since they part words; everything else vanishes around its text.
_BREAKS = {
    *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt"),
    *("figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
    *("hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th"),
    *("tr", "ul"),
}
# Their content is not for readers.
_DROPPED = {
    *("applet", "audio", "button", "canvas", "embed", "head", "iframe", "math"),
    *("noembed", "noframes", "noscript", "object", "option", "script", "select"),
    *("style", "svg", "template", "textarea", "title", "video", "xml"),
}
_CLEANER = nh3.Cleaner(tags=_BREAKS, clean_content_tags=_DROPPED, attributes={})
_TAG = re.compile(r"</?[a-z0-9]+(?: /)?>")
_WHITE = re.compile(r"\s+")
_CUT_BY_CMS = re.compile(r"\s*\[\s*(?:…|\.\.\.)\s*\]\s*$")

# Invisible, or able to turn the order of what follows: not for titles of others.
# U+200C and U+200D stay: Persian and emoji need them.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# Parameters that say how somebody came, not what the page is.
_TRACKING = re.compile(
    r"""(?ix) ^(?:
        utm_\w+ | at_(?:medium|campaign|custom\d?|source) | pk_\w+ | mtm_\w+
        | matomo_\w+ | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | msclkid
        | twclid | ttclid | li_fat_id | yclid | igshid | igsh | mc_cid | mc_eid
        | _ga | _gl | _hsenc | _hsmi | mkt_tok | vero_id | oly_enc_id
        | oly_anon_id | wickedid | phpsessid | jsessionid | aspsessionid\w*
    )$"""
)
_SESSION_IN_PATH = re.compile(r"(?i);jsessionid=[^/?]*")


def plain(text: str) -> str:
    """Turn HTML, or what may be HTML, into one line of words."""
    if "<" in text or "&" in text:
        safe = _CLEANER.clean(text[:HTML_MAX])
        text = html.unescape(_TAG.sub(" ", safe))
    return tidy(text)


def tidy(text: str) -> str:
    """Drop what cannot be seen, and fold white space."""
    composed = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _WHITE.sub(" ", _CONTROL.sub(" ", composed)).strip()


def shorten(text: str, length_max: int) -> str:
    """Cut at a word, with an ellipsis; never inside a letter or an emoji."""
    if len(text) <= length_max:
        return text
    room = text[: length_max - 1]
    at = room.rfind(" ")
    if at >= length_max // 2:
        return room[:at].rstrip(" ,;:–—-") + "…"
    # No blank in sight: keep whole grapheme clusters, but for the last.
    clusters = regex.findall(r"\X", text[:length_max])
    kept = ""
    for cluster in clusters[:-1]:
        if len(kept) + len(cluster) > length_max - 1:
            break
        kept += cluster
    return kept + "…"


def title(text: str) -> str:
    """Clean a title."""
    return shorten(plain(text), TITLE_MAX)


def summary(text: str) -> str:
    """Clean a summary, or the start of a body."""
    return shorten(_CUT_BY_CMS.sub("…", plain(text)), SUMMARY_MAX)


def author(text: str) -> str:
    """Clean an author's name; mail addresses are nobody's name."""
    name = plain(text)
    if match := re.fullmatch(r"\S+@\S+\s*\((?P<name>.*)\)", name):
        name = match["name"]
    name = re.sub(r"[(<]?\S+@\S+[)>]?", "", name).strip(" ()<>,")
    return shorten(name, AUTHOR_MAX)


def categories(texts: list[str]) -> tuple[str, ...]:
    """Clean category names; the same name in other letters is the same."""
    found: dict[str, str] = {}
    for text in texts:
        name = shorten(plain(text), CATEGORY_MAX)
        if name:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:CATEGORIES_MAX]


def language(text: str | None) -> str | None:
    """Read the language out of a tag such as `nl-NL`; None where it says nothing."""
    match = re.match(r"([A-Za-z]{2,3})(?:[-_]|$)", (text or "").strip())
    return match[1].lower() if match else None


def link(text: str | None, *, base: str) -> WebAddress | None:
    """Read a link that people may follow, without what only tracks them."""
    if not text or not text.strip():
        return None
    try:
        address = read_address(text, base=base)
        return read_address(_untracked(address))
    except NotAWebAddress:
        return None


def image(text: str | None, *, base: str, home: str = "") -> str | None:
    """Read the address of an image that any browser may load.

    Args:
        text: The address as given.
        base: What a relative one is relative to.
        home: The address that really answered with this content. Its own host may be
            inside, as of an intranet's CMS; readers' browsers are sent to no other.
    """
    if not text or not text.strip():
        return None
    try:
        address = read_address(text, base=base)
    except NotAWebAddress:
        return None
    number = literal(address.host)
    inside = _is_local(address.host) or (number is not None and not may_ask(number))
    if inside and address.host != _host_of(home):
        return None
    return str(address.without_fragment())


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".localdomain"))


def _host_of(home: str) -> str | None:
    try:
        return read_address(home).host
    except NotAWebAddress:
        return None


def canonical(address: WebAddress) -> str:
    """Give the form in which two addresses of the same page are equal."""
    path = address.path.rstrip("/") or "/"
    authority = address.authority if address.port not in {80, 443} else address.host
    return f"https://{authority}{path}" + (f"?{address.query}" if address.query else "")


def _untracked(address: WebAddress) -> str:
    kept = "&".join(
        pair
        for pair in address.query.split("&")
        if pair and not _TRACKING.match(pair.partition("=")[0])
    )
    path = _SESSION_IN_PATH.sub("", address.path)
    anchor = address.fragment
    end = (
        f"#{anchor}" if anchor and not _TRACKING.match(anchor.partition("=")[0]) else ""
    )
    query = f"?{kept}" if kept else ""
    return f"{address.scheme}://{address.authority}{path}{query}{end}"
