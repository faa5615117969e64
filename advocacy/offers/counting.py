"""How long a text is, as each network counts it; pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import regex
from twitter_text import extract_urls_with_indices, parse_tweet
from twitter_text.config import config as _x

from advocacy.offers.networks import Measure, Network

SHARE_PATH_LENGTH = len("/s/") + 8  # what follows our address in a share link
LINK_LENGTH_ROOMY = 80  # a share link is no longer, unless its host has 70 letters

# The library's search for addresses takes time that grows with the third power of
# a word's length ("a.a.a.…", 3,000 letters: 40 s), so long words never reach it.
_WORD_MAX = 128  # characters
_SEARCHED_MAX = 8_000  # characters; a text this long fits nowhere that shortens links
_X_UNIT = _x["defaults"]["scale"]
_X_LIGHT = tuple((span["start"], span["end"]) for span in _x["defaults"]["ranges"])

_WORD = regex.compile(r"\S+")
_CLUSTER = regex.compile(r"\X")
_LONG_ADDRESS = regex.compile(
    r"https?://[a-z0-9.-]{1,253}\.[a-z]{2,63}(?::\d{1,5})?(?:[/?#][!-~]*)?",
    regex.IGNORECASE,
)
# As the server reads a mention of somebody elsewhere: @name@host counts as @name.
_REMOTE_MENTION = regex.compile(
    r"(?<![=/\w])(@[a-z0-9_]++(?:[.-]++[a-z0-9_]++)*+)@(?:\w++|[.-]++(?=\w))++",
    regex.IGNORECASE,
)
# Control characters but tab and line feed, lone surrogates, and what no network keeps.
_UNSENDABLE = regex.compile(r"[^\P{Cc}\t\n]|\p{Cs}|[\uFFFE\uFFFF]")


@dataclass(frozen=True)
class Count:
    """How much of a network's room a text and its link take."""

    length: int
    limit: int
    remaining: int  # below zero: so much too long
    fits: bool
    in_bytes: bool = False  # the limit that is reached counts bytes


def link_length_of(link_base: str) -> int:
    """Say how long the share links are that begin with this address."""
    return len(link_base) + SHARE_PATH_LENGTH


def as_sent(text: str) -> str:
    """Give a text as it leaves: line ends as one sign, nothing that cannot be seen."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSENDABLE.sub("", lines).strip()


def length(text: str, network: Network, link_length: int = 0) -> Count:
    """Count a text the way a network does, together with the link that follows it.

    Args:
        text: What is written, without the share link.
        network: Where it goes.
        link_length: Characters of the share link as typed; 0: there is none. A
            network that gives every link the same length does so here too.

    Source:
        docs.x.com/fundamentals/counting-characters; Mastodon's
        StatusLengthValidator; the lexicon app.bsky.feed.post (300 graphemes, 3,000
        bytes); RFC 6068 for mail.
    """
    sent = as_sent(text)
    tail = _tail_length(sent, network, link_length)
    used = _units(sent, network) + tail
    left = network.length_max - used
    if left >= 0 and network.bytes_max is not None:
        used_bytes = len(sent.encode()) + tail
        if used_bytes > network.bytes_max:
            over = network.bytes_max - used_bytes
            return Count(used_bytes, network.bytes_max, over, fits=False, in_bytes=True)
    return Count(used, network.length_max, left, fits=left >= 0)


def _tail_length(sent: str, network: Network, link_length: int) -> int:
    """Count the link and what stands before it."""
    if not link_length:
        return 0
    link = link_length if network.link_length is None else network.link_length
    return link + (_units(network.before_link, network) if sent else 0)


def _units(text: str, network: Network) -> int:
    match network.measure:
        case Measure.WEIGHTED:
            return _weighted(unicodedata.normalize("NFC", text))
        case Measure.UTF16:
            return len(text.encode("utf-16-le")) // 2
        case Measure.GRAPHEMES if network.link_length is not None:
            return _clusters(_shortened(text, network.link_length))
        case Measure.GRAPHEMES:
            return _clusters(text)
        case Measure.ENCODED:
            return len(encoded(text))
        case Measure.CHARACTERS:
            return len(text)


def encoded(text: str) -> str:
    """Percent-encode a text for a mailto: address; a line end is CR LF (RFC 6068)."""
    return quote(text.replace("\n", "\r\n"), safe="")


def _clusters(text: str) -> int:
    return sum(1 for _ in _CLUSTER.finditer(text))


def _weighted(text: str) -> int:
    """Count as X does, word by word, since no address holds a space."""
    total = spaces_from = 0
    for word in _WORD.finditer(text):
        total += sum(map(_weight, text[spaces_from : word.start()]))
        total += _word_weight(word[0], searched=word.end() <= _SEARCHED_MAX)
        spaces_from = word.end()
    return total + sum(map(_weight, text[spaces_from:]))


def _word_weight(word: str, *, searched: bool) -> int:
    if len(word) <= _WORD_MAX and searched:
        return int(parse_tweet(word).weightedLength)
    if _LONG_ADDRESS.fullmatch(word):
        return int(_x["defaults"]["transformed_url_length"])
    return sum(map(_weight, word))  # an emoji of many parts counts more: never too few


def _weight(character: str) -> int:
    light = any(first <= ord(character) <= last for first, last in _X_LIGHT)
    return 1 if light else 2


def _shortened(text: str, link_length: int) -> str:
    """Put a text as Mastodon counts it: links of one length, mentions without host."""
    placeholder = "x" * link_length

    def shorten(word: regex.Match[str]) -> str:
        return _short_word(word[0], placeholder)

    head, rest = text[:_SEARCHED_MAX], text[_SEARCHED_MAX:]
    return _REMOTE_MENTION.sub(r"\1", _WORD.sub(shorten, head)) + rest


def _short_word(word: str, placeholder: str) -> str:
    if "://" not in word:
        return word
    if len(word) > _WORD_MAX:
        return placeholder if _LONG_ADDRESS.fullmatch(word) else word
    found = extract_urls_with_indices(word, extract_urls_without_protocol=False)
    for address in reversed(found):
        start, end = address["indices"]
        word = word[:start] + placeholder + word[end:]
    return word
