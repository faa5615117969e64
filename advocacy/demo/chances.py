"""How people of an invented company share, and who clicks: pure, by the dice given.

The figures are those of a friendly company of forty: no campaign, some favourites,
quiet Fridays, and a third of all hits from programs rather than people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from advocacy.links.states import Verdict

SHARES_A_WEEK = (25, 45)
OWN_LANGUAGE = 5  # times likelier than a story in the other one
FRESH_DAYS = 6  # a story's charm halves in so many
OLD_DAYS = 28  # older than this, nobody shares it
CONFIRMED = 0.62  # of shares: somebody said "yes, posted"
OWN_WORDS = 0.3
PEEKS = 0.16  # the sharer has a look, in the same browser
BOTS = 0.55  # per share, on average
NAMELESS = 0.12  # a request that says nothing of itself

# Of clicks: loaded ahead, pressed twice, back after a while.
PREFETCHED, REPEATED, BACK_LATER = 0.02, 0.05, 0.06
MORNING = 7  # hour at which people look at their phones

# Letters come on Monday; hardly anybody shares at the weekend.
_WEEKDAYS = (1.3, 1.2, 1.0, 0.9, 0.7, 0.12, 0.15)
_HOURS = {7: 2, 8: 6, 9: 10, 10: 8, 11: 6, 12: 9, 13: 6, 14: 4, 15: 5, 16: 7, 17: 5}
_HOURS |= {18: 2, 19: 3, 20: 4, 21: 3, 22: 1}

TEAM_SPIRIT = {
    "Communicatie": 2.6,
    "Techniek en data": 1.6,
    "Sluizen en bruggen": 1.1,
    "Kantoor": 1.0,
    "Pompen en gemalen": 0.8,
    "Service en onderhoud": 0.6,  # on the road all day
}


@dataclass(frozen=True)
class Place:
    """How a network behaves: how often it is chosen, what it brings, who knocks."""

    chosen: float
    reach: float  # times the clicks of an ordinary share
    previews: tuple[int, int]  # programs that fetch a card, at least and at most
    scanners: float  # programs that look for danger, on average
    referrers: Mapping[str, float]  # host, or empty where the network hides itself


PLACES: Mapping[str, Place] = {
    "linkedin": Place(
        0.54,
        1.25,
        (1, 2),
        0.1,
        {"www.linkedin.com": 5, "lnkd.in": 2, "com.linkedin.android": 2, "": 1},
    ),
    "whatsapp": Place(0.16, 0.7, (1, 1), 0, {"": 9, "web.whatsapp.com": 1}),
    "facebook": Place(
        0.1,
        1.0,
        (1, 2),
        0,
        {"l.facebook.com": 4, "lm.facebook.com": 3, "m.facebook.com": 2, "": 1},
    ),
    "mail": Place(0.07, 0.4, (0, 0), 1.6, {"": 1}),
    "x": Place(0.06, 0.6, (1, 3), 0, {"t.co": 9, "": 1}),
    "bluesky": Place(0.05, 0.7, (1, 2), 0, {"go.bsky.app": 6, "bsky.app": 2, "": 2}),
    "mastodon": Place(0.02, 0.8, (5, 12), 0, {"": 1}),
}


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody who shares now and then."""

    id: int
    language: str
    zest: float  # how readily


@dataclass(frozen=True, eq=False)
class Story:
    """Something to share, on the networks on which it was offered."""

    id: int
    language: str
    since: datetime  # approved
    charm: float
    posts: Mapping[str, int]  # network to post


@dataclass(frozen=True)
class InventedShare:
    """One share that never was."""

    person: Person
    story: Story
    network: str
    at: datetime
    confirmed_at: datetime | None
    own_words: bool

    @property
    def post_id(self) -> int:
        """Name the post that was shared."""
        return self.story.posts[self.network]


@dataclass(frozen=True)
class InventedHit:
    """One request that never came, with the verdict it would have got."""

    at: datetime
    verdict: Verdict
    rule: str  # as in links.verdicts and links.agents
    referrer: str | None = None
    visitor: int | None = None


def zest_of(dice: Random, team: str) -> float:
    """Draw how readily a member of a team shares: a few much, most a little."""
    return TEAM_SPIRIT.get(team, 1.0) * dice.lognormvariate(0, 0.7)


def moment_on(dice: Random, day: date, zone: ZoneInfo) -> datetime:
    """Draw a moment of a day, when people have a minute."""
    hour = pick(dice, _HOURS)
    at = time(hour, dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, zone).astimezone(UTC)


def shares_between(
    dice: Random,
    first: date,
    until: date,
    *,
    people: Sequence[Person],
    stories: Sequence[Story],
    zone: ZoneInfo,
) -> Iterator[InventedShare]:
    """Draw the shares of some weeks; nobody shares a post twice on a day.

    Args:
        dice: Decides everything.
        first: First day.
        until: The day after the last.
        people: Who may share.
        stories: What there is to share.
        zone: The organisation's.
    """
    done: set[tuple[int, int, date]] = set()
    day = first
    lively = 1.0
    while day < until:
        if day == first or day.weekday() == 0:
            lively = dice.randint(*SHARES_A_WEEK) / sum(_WEEKDAYS)
        for _ in range(_about(dice, lively * _WEEKDAYS[day.weekday()])):
            share = _share(dice, moment_on(dice, day, zone), people, stories)
            if share and (key := (share.person.id, share.post_id, day)) not in done:
                done.add(key)
                yield share
        day += timedelta(days=1)


def _share(
    dice: Random, at: datetime, people: Sequence[Person], stories: Sequence[Story]
) -> InventedShare | None:
    there = [s for s in stories if s.since <= at < s.since + timedelta(days=OLD_DAYS)]
    if not there:
        return None
    person = pick(dice, {person: person.zest for person in people})
    story = pick(dice, {story: _appeal(story, person, at) for story in there})
    network = pick(dice, {key: PLACES[key].chosen for key in PLACES})
    confirmed = dice.random() < CONFIRMED
    return InventedShare(
        person=person,
        story=story,
        network=network if network in story.posts else next(iter(story.posts)),
        at=at,
        confirmed_at=at + timedelta(seconds=dice.randint(20, 240))
        if confirmed
        else None,
        own_words=dice.random() < OWN_WORDS,
    )


def _appeal(story: Story, person: Person, at: datetime) -> float:
    days = (at - story.since) / timedelta(days=1)
    mine = OWN_LANGUAGE if story.language == person.language else 1
    return float(story.charm * mine * 0.5 ** (days / FRESH_DAYS))


def hits_after(
    dice: Random, share: InventedShare, *, until: datetime, zone: ZoneInfo
) -> Iterator[InventedHit]:
    """Draw what came in on a share link because of one share, before a moment."""
    for hit in _hits(dice, share, zone):
        if hit.at < until:
            yield hit


def _hits(dice: Random, share: InventedShare, zone: ZoneInfo) -> Iterator[InventedHit]:
    place = PLACES[share.network]
    soon = share.at + timedelta(seconds=5)
    for _ in range(dice.randint(*place.previews)):
        at = soon + timedelta(seconds=dice.expovariate(1 / 20))
        yield InventedHit(at, Verdict.PREVIEW, "list-preview")
    for _ in range(_about(dice, place.scanners)):
        at = soon + timedelta(seconds=dice.expovariate(1 / 40))
        yield InventedHit(at, Verdict.SCANNER, "agent-scanner")
    if dice.random() < PEEKS:
        at = soon + timedelta(seconds=dice.randint(20, 120))
        yield InventedHit(at, Verdict.OWN, "own-browser", None, _visitor(dice))
    for _ in range(_about(dice, BOTS)):
        at = soon + timedelta(hours=dice.expovariate(1 / 30))
        rule = pick(dice, {"list-bot": 5, "agent-library": 3, "agent-headless": 1})
        yield InventedHit(at, Verdict.BOT, rule)
    if dice.random() < NAMELESS:
        at = soon + timedelta(hours=dice.expovariate(1 / 12))
        yield InventedHit(at, Verdict.UNKNOWN, "agent-empty")
    clicks = dice.lognormvariate(1.5, 0.8) * place.reach * share.story.charm
    for _ in range(_about(dice, clicks)):
        yield from _clicks(dice, share, zone)


def _clicks(
    dice: Random, share: InventedShare, zone: ZoneInfo
) -> Iterator[InventedHit]:
    at = share.at + timedelta(seconds=40, hours=dice.expovariate(1 / 11))
    local = at.astimezone(zone)
    if local.hour < MORNING:
        at += timedelta(hours=MORNING - local.hour)
    referrer = pick(dice, PLACES[share.network].referrers) or None
    visitor = _visitor(dice)
    if dice.random() < PREFETCHED:
        before = at - timedelta(seconds=1)
        yield InventedHit(before, Verdict.PREFETCH, "purpose-header", referrer)
    yield InventedHit(at, Verdict.HUMAN, "browser", referrer, visitor)
    if dice.random() < REPEATED:
        again = at + timedelta(seconds=dice.randint(2, 25))
        yield InventedHit(again, Verdict.REPEAT, "within-30-seconds", referrer, visitor)
    if dice.random() < BACK_LATER:  # a click, but no other visitor
        later = at + timedelta(minutes=dice.randint(3, 90))
        yield InventedHit(later, Verdict.HUMAN, "browser", referrer, visitor)


def _visitor(dice: Random) -> int:
    return dice.getrandbits(64) - 2**63


def _about(dice: Random, mean: float) -> int:
    """Round a number to one of its neighbours, so that the mean is kept."""
    return int(mean + dice.random())


T = TypeVar("T")


def pick(dice: Random, chances: Mapping[T, float]) -> T:
    """Draw one by weight."""
    return dice.choices(list(chances), weights=list(chances.values()))[0]
