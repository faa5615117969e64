"""A post's words, made from an item's own, fitting a network with its link; pure."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from advocacy.offers.counting import as_sent, length
from advocacy.offers.networks import Network

ELLIPSIS = "…"
_TEASER_MIN = 40  # characters; fewer of a summary say too little to be worth a cut

_CLUSTER = regex.compile(r"\X")
_SENTENCE_END = regex.compile(r"[.!?…]++[\"'”’»)\]]*+(?=\s|$)")
_WORD_END = regex.compile(r"(?<=\S)(?=\s)")
# A full stop after one of these, or after a single letter, ends no sentence.
_ABBREVIATIONS = {
    "nl": "bijv blz bv ca dhr dr drs enz evt excl ing incl ir jl mevr min mr nl nr "
    "o.a ong pag prof resp st tel vgl z.g zgn",
    "en": "approx ca dr e.g etc fig i.e inc jr ltd mr mrs ms no prof sr st vs",
}
_SHORTENED = {
    language: frozenset(words.split()) for language, words in _ABBREVIATIONS.items()
}
_LAST_WORD = regex.compile(r"([^\s(\[\"'“‘«]+)\.$")
_ENDED = (".", "!", "?", ELLIPSIS)


def suggest(
    title: str, summary: str, *, network: Network, language: str, link_length: int
) -> str:
    """Make a post of an item's own words that fits the network with its link.

    As many whole sentences of the summary as fit stand under the title; where not
    one does, its first words; where there is no room, the title alone.

    Args:
        title: Of the item, plain text.
        summary: Of the item, plain text.
        network: Where the post goes.
        language: Of the item, so that `bijv.` ends no sentence.
        link_length: Characters of the share link as typed.
    """
    head, body = as_sent(title), as_sent(summary)
    if _says_it_already(head, body):
        head, body = body, ""
    if not head or not body:
        return fit(
            head or body, network=network, language=language, link_length=link_length
        )
    whole = f"{head}\n\n{body}"
    if length(whole, network, link_length).fits:
        return whole
    for end in reversed(_sentence_ends(body, language)):
        some = f"{head}\n\n{body[:end]}"
        if length(some, network, link_length).fits:
            return some
    least = len(head) + 2 + _TEASER_MIN
    teaser = _at_word(whole, network, link_length)
    if len(teaser) >= least:
        return teaser
    return fit(head, network=network, language=language, link_length=link_length)


def fit(text: str, *, network: Network, language: str, link_length: int) -> str:
    """Shorten a text until it fits the network with its link, if it does not yet.

    It ends after a sentence where that keeps at least half of what there is room
    for, otherwise after a word, with an ellipsis.
    """
    sent = as_sent(text)
    if length(sent, network, link_length).fits:
        return sent
    at_word = _at_word(sent, network, link_length)
    for end in reversed(_sentence_ends(sent, language)):
        if end < len(at_word) / 2:
            break
        if length(sent[:end], network, link_length).fits:
            return sent[:end]
    return at_word


def with_link(text: str, url: str, network: Network) -> str:
    """Give what goes to the clipboard or the share page: the text, then its link."""
    sent = as_sent(text)
    if not sent:
        return url
    return sent if url in sent.split() else f"{sent}{network.before_link}{url}"


def _says_it_already(head: str, body: str) -> bool:
    """Tell whether a summary only repeats the title, or begins with it."""
    return bool(head) and body.casefold().startswith(head.rstrip(".!?:…").casefold())


def _sentence_ends(text: str, language: str) -> list[int]:
    """Say after how many characters each sentence is over."""
    family = language.replace("_", "-").split("-")[0].lower()
    shortened = _SHORTENED.get(family, frozenset())
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not _is_abbreviation(text[max(0, match.end() - 20) : match.end()], shortened)
    ]


def _is_abbreviation(tail: str, shortened: frozenset[str]) -> bool:
    found = _LAST_WORD.search(tail)
    if found is None:
        return False
    word = found[1].lower()
    return len(word) == 1 or word.isdigit() or word in shortened


def _at_word(text: str, network: Network, link_length: int) -> str:
    """Cut after a word, or inside the first one where even that is too long."""
    words = [match.start() for match in _WORD_END.finditer(text)]
    cut = _longest(text, words, network, link_length)
    if cut:
        return cut
    first = text[: words[0]] if words else text
    if "://" in first:
        return ""  # half an address leads nowhere
    clusters = [match.end() for match in _CLUSTER.finditer(first)]
    return _longest(first, clusters, network, link_length)


def _longest(text: str, ends: Sequence[int], network: Network, link_length: int) -> str:
    """Cut at one of the last of these ends that leave room for an ellipsis.

    Nearly always the last: a longer text can count less, as half an address and
    the whole one do. Only an end that was seen to fit is ever returned.
    """
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits_cut(text[: ends[middle - 1]], network, link_length):
            low = middle
        else:
            high = middle - 1
    return _cut(text[: ends[low - 1]]) if low else ""


def _cut(text: str) -> str:
    if "://" in "".join(text.split()[-1:]):
        return f"{text} {ELLIPSIS}"  # what touches an address becomes part of it
    kept = text.rstrip(" \t\n,;:-–—")
    return kept if not kept or kept.endswith(_ENDED) else f"{kept}{ELLIPSIS}"


def _fits_cut(text: str, network: Network, link_length: int) -> bool:
    return length(_cut(text), network, link_length).fits
