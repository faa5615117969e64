"""The kinds of sources: a new kind is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable

from advocacy.i18n import N_
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Get
from advocacy.sources import feeds
from advocacy.sources.asking import ask_again, host_of
from advocacy.sources.decoding import decode
from advocacy.sources.discovery import feeds_in
from advocacy.sources.entries import Pulled, Validators
from advocacy.sources.mending import Looks, look_at

Adapter = Callable[[str, Validators, Get], Pulled]
"""Asks a source's address for its entries.

It says in `Pulled.url` and `Pulled.kind` whom to ask the next time, gives `None` for
entries when nothing changed, and raises `FetchFailed` alone.
"""

AUTO = "auto"


def discover(url: str, known: Validators, get: Get) -> Pulled:
    """Find out what an address is: a feed, or a page that names one.

    Raises:
        FetchFailed: Neither.
    """
    asked = ask_again(url, Validators(), get)
    answer = asked.answer
    looks, text = look_at(decode(answer.body, answer.headers.get("content-type", "")))
    if looks is not Looks.HTML:
        return feeds.read(answer, url=url, validators=asked.validators)
    failure = FetchFailed(FailureKind.HTML, host=host_of(answer))
    for found in feeds_in(text, url=answer.url):
        return feeds.pull(found, known, get)
    raise failure


ADAPTERS: dict[str, Adapter] = {
    AUTO: discover,
    feeds.KIND: feeds.pull,
}

KINDS: dict[str, str] = {
    AUTO: N_("Find out by itself"),
    feeds.KIND: N_("Feed (RSS or Atom)"),
}
"""What people call the kinds."""
