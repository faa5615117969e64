"""What could be better about a text as typed: only what is certain; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import regex

from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.offers.counting import LINK_LENGTH_ROOMY, Count, length
from advocacy.offers.networks import Network, network_of

TEXT_MAX = 100_000  # characters; no network takes more
HASHTAGS_MAX = 5
_SHOUTED_WORDS_MIN = 3  # fewer are a name: NOS, KLM Cargo

_TOO_MANY_SPACES = regex.compile(r"(?<=\S) {2,}(?=\S)")
_ADDRESS = regex.compile(r"https?://[^\s<>\"]+", regex.IGNORECASE)
_HASHTAG = regex.compile(r"(?<![\w&/#])#\w*\p{L}\w*")
_CAPITALS = regex.compile(r"(?<!\w)\p{Lu}{2,}+(?!\w)(?:[ \t,!]++\p{Lu}{2,}+(?!\w))*+")


class Kind(StrEnum):
    """What a finding is about."""

    TOO_LONG = "too_long"
    NO_TEXT = "no_text"
    SPACES = "spaces"
    OTHER_LINK = "other_link"
    PLAIN_HTTP = "plain_http"
    HASHTAGS = "hashtags"
    SHOUTING = "shouting"


@dataclass(frozen=True)
class Finding:
    """A place in the text, and what would make it better; never a ban.

    `start` and `end` count code points in the text as given.
    """

    kind: Kind
    start: int
    end: int
    message: str  # English, to be translated
    values: Mapping[str, str | int] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()  # to stand there instead

    def say(self, gettext: Callable[[str], str]) -> str:
        """Tell it in the language of `gettext`."""
        return gettext(self.message).format(**self.values)


@dataclass(frozen=True)
class Checked:
    """How long a text is on its network, and what was found, in reading order."""

    count: Count
    findings: tuple[Finding, ...]


def check_text(
    text: str, network_key: str, language: str, link_length: int = LINK_LENGTH_ROOMY
) -> Checked:
    """Check a text as typed, for the network it goes to.

    Args:
        text: What is written, without the share link.
        network_key: Where it goes.
        language: Of the text; spelling will ask for it.
        link_length: Characters of the share link as typed.

    Raises:
        Invalid: There is no such network, or the text is longer than any post.
    """
    del language  # no rule of today depends on it
    network = network_of(network_key)
    if len(text) > TEXT_MAX:
        raise Invalid(N_("No network takes a text this long."))
    count = length(text, network, link_length)
    findings = [
        *_no_text(text),
        *_too_long(text, network, count, link_length),
        *_spaces(text),
        *_links(text),
        *_hashtags(text),
        *_shouting(text),
    ]
    return Checked(count, tuple(sorted(findings, key=lambda one: (one.start, one.end))))


def _no_text(text: str) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(
            Kind.NO_TEXT,
            0,
            len(text),
            N_("A word of your own makes people curious about the link."),
        )


def _too_long(
    text: str, network: Network, count: Count, link_length: int
) -> Iterator[Finding]:
    if count.fits:
        return
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle], network, link_length).fits:
            low = middle
        else:
            high = middle - 1
    yield Finding(
        Kind.TOO_LONG,
        low,
        len(text),
        N_("This is too long for {network} by {over}, link included."),
        {"over": -count.remaining, "network": network.label},
    )


def _spaces(text: str) -> Iterator[Finding]:
    for found in _TOO_MANY_SPACES.finditer(text):
        yield Finding(
            Kind.SPACES,
            *found.span(),
            N_("One space is enough here."),
            suggestions=(" ",),
        )


def _links(text: str) -> Iterator[Finding]:
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(".,;:!?)…'’”")
        start, end = found.start(), found.start() + len(address)
        yield Finding(
            Kind.OTHER_LINK,
            start,
            end,
            N_("Your share link is added by itself; a second link draws readers away."),
            suggestions=("",),
        )
        if address[:5].lower() == "http:":
            yield Finding(
                Kind.PLAIN_HTTP,
                start,
                end,
                N_("This link is not secure; most sites answer to https as well."),
                suggestions=(f"https:{address[5:]}",),
            )


def _hashtags(text: str) -> Iterator[Finding]:
    found = list(_HASHTAG.finditer(text))
    if len(found) > HASHTAGS_MAX:
        yield Finding(
            Kind.HASHTAGS,
            found[HASHTAGS_MAX].start(),
            found[-1].end(),
            N_("A few hashtags work best; {count} is a lot."),
            {"count": len(found)},
        )


def _shouting(text: str) -> Iterator[Finding]:
    for found in _CAPITALS.finditer(text):
        if len(found[0].split()) >= _SHOUTED_WORDS_MIN:
            yield Finding(
                Kind.SHOUTING,
                *found.span(),
                N_("Capitals can sound like shouting; small letters read easier."),
                suggestions=(found[0].capitalize(),),
            )
