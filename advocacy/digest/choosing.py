"""Which stories a person's letter carries, and why: pure.

Whether a post may be offered at all is `offers.audience`'s rule; here the best of
what may be offered is chosen. A point is a day of age: a story that the reader
follows may be a week older than another and still come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from advocacy.i18n import N_
from advocacy.offers.audience import (
    PersonFacts,
    PostFacts,
    language_for,
    may_be_shared,
)

THE_WEEKS_OWN = -10_000.0  # leads, whatever else counts
FOLLOWED = -7.0  # points, that is days; fewer come first
OTHER_LANGUAGE = 10.0  # than the reader's
SAME_TOPIC = 3.0  # as a story already chosen, for each one
SAME_SOURCE = 1.5  # as a story already chosen, for each one
FRESH = timedelta(days=8)  # younger is news; a week and a day of holiday

OF_THE_WEEK = "of_the_week"
FOLLOWS = "follows"
FOR_YOUR_TEAM = "team"
NEWS = "news"
STILL_OPEN = "open"

REASONS = {
    OF_THE_WEEK: N_("Our story of the week"),
    FOLLOWS: N_("Because you follow {topic}"),
    FOR_YOUR_TEAM: N_("Chosen for your team"),
    NEWS: N_("Fresh from us"),
    STILL_OPEN: N_("Still good to share"),
}
FOLLOWS_SOMETHING = N_("Because of what you follow")  # the topic is gone meanwhile


@dataclass(frozen=True)
class CandidatePost:
    """One post of a candidate; the words are those that were approved."""

    id: int
    language: str
    of_the_week: bool
    facts: PostFacts
    title: str = ""
    summary: str = ""
    image_url: str | None = None


@dataclass(frozen=True)
class Candidate:
    """An item that somebody may be offered."""

    item_id: int
    source_id: int
    topics: frozenset[int]
    published_at: datetime
    posts: tuple[CandidatePost, ...]


@dataclass(frozen=True)
class Reader:
    """What is known of a person who gets a letter."""

    language: str
    groups: frozenset[int] = frozenset()
    follows: frozenset[int] = frozenset()  # topics
    done: frozenset[int] = frozenset()  # items shared, set aside or mailed before


@dataclass(frozen=True)
class Story:
    """A candidate with the post that a reader would get to see."""

    item: Candidate
    post: CandidatePost
    own_language: bool
    of_the_week: bool
    for_team: bool


@dataclass(frozen=True)
class Chosen:
    """A story in a letter, with the reason for the reader."""

    item_id: int
    because: str  # a key in REASONS
    topic_id: int | None = None  # the one that `because` names


def stories_for(
    candidates: Iterable[Candidate],
    *,
    groups: frozenset[int],
    language: str,
    at: datetime,
) -> list[Story]:
    """Say what may be offered at a moment to people of these groups, and as what."""
    person = PersonFacts(groups=groups)
    found = [_story(item, person, language, at) for item in candidates]
    return [story for story in found if story is not None]


def choose(
    stories: Sequence[Story], reader: Reader, *, at: datetime, limit: int
) -> list[Chosen]:
    """Choose at most `limit` stories, the best first.

    The story of the week leads; then what is followed and what is new. Each topic
    and source that is in already makes the next story of it less welcome.
    """
    ranked = sorted(
        (
            (_points(story, reader, at), -story.item.item_id, story)
            for story in stories
            if story.item.item_id not in reader.done
        ),
        key=lambda ranks: ranks[:2],
    )
    chosen: list[Story] = []
    topics: Counter[int] = Counter()
    sources: Counter[int] = Counter()
    while ranked and len(chosen) < limit:
        best, best_points = 0, float("inf")
        for place, (points, _, story) in enumerate(ranked):
            if points >= best_points:
                break  # sorted: the rest can only have more
            repeats = sum(topics[topic] for topic in story.item.topics)
            total = points + SAME_TOPIC * repeats
            total += SAME_SOURCE * sources[story.item.source_id]
            if total < best_points:
                best, best_points = place, total
        _, _, story = ranked.pop(best)
        topics.update(story.item.topics)
        sources[story.item.source_id] += 1
        chosen.append(story)
    return [_explained(story, reader, at) for story in chosen]


def _story(
    item: Candidate, person: PersonFacts, language: str, at: datetime
) -> Story | None:
    posts = [post for post in item.posts if may_be_shared(post.facts, person, now=at)]
    best = language_for({post.language for post in posts}, [language])
    if best is None:
        return None
    post = min(
        (post for post in posts if post.language == best),
        key=lambda post: (not post.of_the_week, post.id),
    )
    return Story(
        item=item,
        post=post,
        own_language=best[:2] == language[:2],
        of_the_week=any(post.of_the_week for post in posts),
        for_team=bool(post.facts.groups),
    )


def _points(story: Story, reader: Reader, at: datetime) -> float:
    points = (at - story.item.published_at).total_seconds() / 86_400
    if story.of_the_week:
        points += THE_WEEKS_OWN
    if not reader.follows.isdisjoint(story.item.topics):
        points += FOLLOWED
    if not story.own_language:
        points += OTHER_LANGUAGE
    return points


def _explained(story: Story, reader: Reader, at: datetime) -> Chosen:
    item = story.item
    followed = reader.follows & item.topics
    if story.of_the_week:
        return Chosen(item.item_id, OF_THE_WEEK)
    if followed:
        return Chosen(item.item_id, FOLLOWS, min(followed))
    if story.for_team:
        return Chosen(item.item_id, FOR_YOUR_TEAM)
    fresh = at - item.published_at < FRESH
    return Chosen(item.item_id, NEWS if fresh else STILL_OPEN)
