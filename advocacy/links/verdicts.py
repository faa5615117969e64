"""Whether a hit is a click, and which rule says so; pure.

Nothing is thrown away: every hit keeps its verdict with the rule's name, and only
`human` counts as a click. The rules stand in the order in which they are asked.
"""

from __future__ import annotations

from typing import NamedTuple

from advocacy.links.agents import Agent, Kind
from advocacy.links.states import Verdict

REPEAT_MS = 30_000  # a visitor's taps within this are one click

# Loads made before anybody asked for them. Sec-Purpose is the standard, the others
# are what older Chrome, Firefox, Safari and Facebook's app send.
PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-moz", "x-purpose")
_PURPOSES = ("prefetch", "prerender", "preview")

_OF_KIND = {
    Kind.PREVIEW: Verdict.PREVIEW,
    Kind.SCANNER: Verdict.SCANNER,
    Kind.BOT: Verdict.BOT,
    Kind.UNCLEAR: Verdict.UNKNOWN,
}


class Seen(NamedTuple):
    """What a hit showed of itself. Lives as long as the request, and is never kept."""

    agent: Agent
    method: str = "GET"
    purposes: tuple[str, ...] = ()  # values of the PURPOSE_HEADERS that were sent
    own: bool = False  # a browser in which a colleague is signed in
    live: bool = True  # the link still leads somewhere
    since_last_ms: int | None = None  # since this visitor's last click on this link


class Judgement(NamedTuple):
    """A verdict, and the name of the rule that gave it."""

    verdict: Verdict
    rule: str


def judge(seen: Seen) -> Judgement:  # noqa: PLR0911 - one return for each rule
    """Say what a hit was; the first rule that fits decides."""
    if seen.method == "HEAD":
        return Judgement(Verdict.PROBE, "head")
    if seen.purposes and any(_is_purpose(value) for value in seen.purposes):
        return Judgement(Verdict.PREFETCH, "purpose-header")
    kind, rule = seen.agent
    if kind is not Kind.BROWSER:
        return Judgement(_OF_KIND[kind], rule)
    if seen.own:
        return Judgement(Verdict.OWN, "own-browser")
    if not seen.live:
        return Judgement(Verdict.UNKNOWN, "after-the-end")
    if seen.since_last_ms is not None and seen.since_last_ms <= REPEAT_MS:
        return Judgement(Verdict.REPEAT, "within-30-seconds")
    return Judgement(Verdict.HUMAN, rule)


def _is_purpose(value: str) -> bool:
    value = value.lower()
    return any(purpose in value for purpose in _PURPOSES)
