"""What kind of program a User-Agent names; pure.

Two sources: the open list `crawler-user-agents`, renewed with each release, and a
few rules of our own for what that list leaves out. Nearly all of its 1,500 patterns
are plain words, which are looked for as such: one joined regular expression would
try them all at every position of a text that anybody may send.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

LENGTH_MAX = 512  # characters read; longer agents are nobody's browser


class Kind(StrEnum):
    """What a program is."""

    BROWSER = "browser"
    PREVIEW = "preview"  # fetches a card for a chat or a network
    SCANNER = "scanner"  # looks for danger before a person may open the link
    BOT = "bot"
    UNCLEAR = "unclear"


class Agent(NamedTuple):
    """What a User-Agent was found to be, and by which rule."""

    kind: Kind
    rule: str


# Entries of the list that are people: the browser inside Facebook and Instagram.
_PEOPLE = {"MetaIAB Facebook"}

# Chats and networks that the list has under another tag, or not at all.
_PREVIEWS = (
    "akkoma",
    "cardyb",
    "embed.rocks",
    "gotosocial",
    "link preview",
    "link-preview",
    "linkpreview",
    "misskey",
    "pleroma",
    "unfurl",
    "url preview",
    "webexteams",
)

# Mail gateways and link checkers that say who they are.
_SCANNERS = (
    "barracuda",
    "bitdefender",
    "checkpoint",
    "cloudmark",
    "fortiguard",
    "ironport",
    "mimecast",
    "proofpoint",
    "safelinks",
    "symantec",
    "trendmicro",
    "urlscan",
    "virustotal",
    "zscaler",
)

# Programs' own HTTP libraries, at the beginning of the agent or as a word in it.
_LIBRARIES = re.compile(
    r"\b(?:aiohttp|apache-httpasyncclient|apache-httpclient|axios|curl|deno|electron-fetch"
    r"|faraday|feedparser|go-http-client|guzzlehttp|got|http\.rb|http_request2"
    r"|httpclient|httpie|httpx|java|jakarta|ktor-client|libcurl|libwww-perl|lwp"
    r"|lua-resty-http|mechanize|node|node-fetch|node-superagent|okhttp|perl|php"
    r"|postmanruntime|powershell|python|python-httpx|python-requests|python-urllib3?"
    r"|reactornetty|requests|rest-client|restsharp|reqwest|ruby|scrapy|symfony"
    r"|typhoeus|undici|unirest|urlgrabber|wget|winhttp)\b(?=[/ ;)]|$)",
    re.IGNORECASE | re.ASCII,
)
_HEADLESS = re.compile(
    r"headless|phantomjs|puppeteer|playwright|selenium|webdriver|cypress|slimerjs",
    re.IGNORECASE,
)
_BOT_WORDS = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|scrap(?:er|y|ing)|archiver|validator|monitor"
    r"|checker|fetcher|uptime",
    re.IGNORECASE,
)
_PAGE = re.compile(r"https?://|\bwww\.|[a-z0-9]@[a-z0-9]", re.IGNORECASE)
_BOT_FORMS = {
    "agent-headless": _HEADLESS,
    "agent-library": _LIBRARIES,
    "agent-bot-word": _BOT_WORDS,
    "agent-names-a-page": _PAGE,
}
_PLAIN = re.compile(r"(?:[\w \-/;:,@!~=&%\"#<>']|\\[./()+\-\[\] ])+", re.ASCII)


def agent_of(text: str) -> Agent:
    """Say what kind of program a User-Agent names; the first rule that fits decides."""
    text = text[:LENGTH_MAX].strip()
    if not text:
        return Agent(Kind.UNCLEAR, "agent-empty")
    return _listed(text) or _named(text.lower()) or _by_form(text)


def _named(lower: str) -> Agent | None:
    if any(word in lower for word in _PREVIEWS):
        return Agent(Kind.PREVIEW, "agent-preview")
    if any(word in lower for word in _SCANNERS):
        return Agent(Kind.SCANNER, "agent-scanner")
    return None


def _by_form(text: str) -> Agent:
    for rule, pattern in _BOT_FORMS.items():
        if pattern.search(text):
            return Agent(Kind.BOT, rule)
    # Every browser that people use, inside an app or not, begins like this.
    if text.startswith(("Mozilla/5.0 (", "Mozilla/4.0 (", "Opera/")):
        return Agent(Kind.BROWSER, "browser")
    return Agent(Kind.UNCLEAR, "agent-not-a-browser")


def _listed(text: str) -> Agent | None:
    previews, others, preview_pattern, other_pattern = _list()
    if any(word in text for word in previews) or preview_pattern.search(text):
        return Agent(Kind.PREVIEW, "list-preview")
    if any(word in text for word in others) or other_pattern.search(text):
        return Agent(Kind.BOT, "list-bot")
    return None


@cache
def _list() -> tuple[
    tuple[str, ...], tuple[str, ...], re.Pattern[str], re.Pattern[str]
]:
    """Sort the open list into plain words and the few true patterns, once."""
    words: dict[bool, list[str]] = {True: [], False: []}
    patterns: dict[bool, list[str]] = {True: [], False: []}
    for entry in CRAWLER_USER_AGENTS_DATA:
        pattern = entry["pattern"]
        if pattern in _PEOPLE:
            continue
        preview = "social-preview" in entry.get("tags", ())
        if _PLAIN.fullmatch(pattern):
            words[preview].append(re.sub(r"\\(.)", r"\1", pattern))
        else:
            patterns[preview].append(f"(?:{pattern})")
    never = r"(?!)"
    return (
        tuple(words[True]),
        tuple(words[False]),
        re.compile("|".join(patterns[True]) or never),
        re.compile("|".join(patterns[False]) or never),
    )
