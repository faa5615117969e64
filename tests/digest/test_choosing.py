"""Which stories a letter carries: promises for every set of stories and reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from advocacy.digest.choosing import (
    FOLLOWS,
    FOR_YOUR_TEAM,
    NEWS,
    OF_THE_WEEK,
    REASONS,
    STILL_OPEN,
    Candidate,
    CandidatePost,
    Chosen,
    Reader,
    choose,
    stories_for,
)
from advocacy.offers.audience import PersonFacts, PostFacts, may_be_shared
from advocacy.offers.states import PostState
from advocacy.queue.states import ItemState

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)

some_ids = st.frozensets(st.integers(1, 4), max_size=2)
facts = st.builds(
    PostFacts,
    item_state=st.sampled_from([ItemState.APPROVED] * 4 + [ItemState.WITHDRAWN]),
    approved_hash=st.just("a"),
    embargo_until=st.sampled_from([None, None, NOW + timedelta(hours=1)]),
    revision_hash=st.sampled_from(["a", "a", "a", "b"]),
    state=st.sampled_from([PostState.LIVE] * 4 + [PostState.WITHDRAWN]),
    share_from=st.just(NOW - timedelta(days=1)),
    share_until=st.sampled_from([None, NOW, NOW + timedelta(days=9)]),
    shares_max=st.sampled_from([None, None, 3]),
    shares_started=st.integers(0, 4),
    groups=some_ids,
)
posts = st.builds(
    CandidatePost,
    id=st.integers(1, 9),
    language=st.sampled_from(["nl", "en"]),
    of_the_week=st.sampled_from([False] * 5 + [True]),
    facts=facts,
)
candidates = st.lists(
    st.builds(
        Candidate,
        item_id=st.integers(1, 99),
        source_id=st.integers(1, 3),
        topics=some_ids,
        published_at=st.integers(0, 500).map(
            lambda hours: NOW - timedelta(hours=hours)
        ),
        posts=st.lists(posts, max_size=3).map(tuple),
    ),
    max_size=12,
    unique_by=lambda item: item.item_id,
)
readers = st.builds(
    Reader,
    language=st.sampled_from(["nl", "en", "de"]),
    groups=some_ids,
    follows=some_ids,
    done=st.frozensets(st.integers(1, 99), max_size=20),
)
limits = st.integers(1, 6)


def letter(
    items: list[Candidate], reader: Reader, limit: int = 5, at: datetime = NOW
) -> list[Chosen]:
    """Choose as a letter is planned."""
    stories = stories_for(items, groups=reader.groups, language=reader.language, at=at)
    return choose(stories, reader, at=at, limit=limit)


def item(number: int, *, age_days: float = 1, **fields: object) -> Candidate:
    """Make a candidate with one post that everybody may share."""
    post = CandidatePost(
        id=number,
        language=str(fields.pop("language", "nl")),
        of_the_week=bool(fields.pop("of_the_week", False)),
        facts=PostFacts(
            item_state=ItemState.APPROVED,
            approved_hash="a",
            embargo_until=None,
            revision_hash="a",
            state=PostState.LIVE,
            share_from=NOW - timedelta(days=30),
            share_until=None,
            groups=fields.pop("groups", frozenset()),  # type: ignore[arg-type]  # one keyword of several
        ),
    )
    return Candidate(
        item_id=number,
        source_id=int(str(fields.pop("source_id", number))),
        topics=fields.pop("topics", frozenset()),  # type: ignore[arg-type]  # one keyword of several
        published_at=NOW - timedelta(days=age_days),
        posts=(post,),
    )


def ids(chosen: list[Chosen]) -> list[int]:
    """Give the items of a letter in their order."""
    return [story.item_id for story in chosen]


@given(items=candidates, reader=readers, limit=limits)
def test_a_letter_carries_only_what_its_reader_may_be_offered(
    items: list[Candidate], reader: Reader, limit: int
) -> None:
    """Approved, in its window, for this person, and not done with."""
    person = PersonFacts(groups=reader.groups)
    open_ids = {
        item.item_id
        for item in items
        if any(may_be_shared(post.facts, person, now=NOW) for post in item.posts)
    }

    chosen = ids(letter(items, reader, limit))

    assert set(chosen) <= open_ids - reader.done
    assert len(chosen) == len(set(chosen)) == min(limit, len(open_ids - reader.done))


@given(items=candidates, reader=readers, data=st.data())
def test_the_order_in_which_stories_are_found_does_not_matter(
    items: list[Candidate], reader: Reader, data: st.DataObject
) -> None:
    """A preview and the letter itself must not differ."""
    shuffled = data.draw(st.permutations(items))

    assert letter(shuffled, reader) == letter(items, reader)


@given(items=candidates, reader=readers, limit=limits)
def test_a_longer_letter_begins_as_the_shorter_one(
    items: list[Candidate], reader: Reader, limit: int
) -> None:
    """The best are the best, however many follow."""
    assert letter(items, reader, limit + 3)[:limit] == letter(items, reader, limit)


@given(items=candidates, reader=readers)
def test_stories_of_the_week_lead(items: list[Candidate], reader: Reader) -> None:
    """Comms chose them for everybody."""
    because = [story.because for story in letter(items, reader, 12)]

    assert because == sorted(because, key=lambda reason: reason != OF_THE_WEEK)


@given(items=candidates, reader=readers, topic=st.integers(1, 4))
def test_following_a_topic_never_takes_its_stories_away(
    items: list[Candidate], reader: Reader, topic: int
) -> None:
    """The first story of a topic comes no later for who follows it."""
    follower = Reader(
        reader.language, reader.groups, reader.follows | {topic}, reader.done
    )
    about = {item.item_id for item in items if topic in item.topics}
    before = [place for place, i in enumerate(ids(letter(items, reader))) if i in about]
    after = [
        place for place, i in enumerate(ids(letter(items, follower))) if i in about
    ]

    assert min(after, default=99) <= min(before, default=99)


@given(items=candidates, reader=readers)
def test_every_reason_can_be_said(items: list[Candidate], reader: Reader) -> None:
    """And the one about a topic names one that the reader follows."""
    for story in letter(items, reader):
        assert story.because in REASONS
        if story.because == FOLLOWS:
            assert story.topic_id in reader.follows
        else:
            assert story.topic_id is None


def test_what_is_new_comes_first() -> None:
    """All else being equal."""
    items = [item(1, age_days=3), item(2, age_days=1), item(3, age_days=2)]

    assert ids(letter(items, Reader("nl"))) == [2, 3, 1]


def test_what_is_followed_may_be_some_days_older() -> None:
    """And says why it is there."""
    items = [item(1, age_days=5, topics=frozenset({7})), item(2, age_days=1)]
    reader = Reader("nl", follows=frozenset({7}))

    assert letter(items, reader)[0] == Chosen(1, FOLLOWS, 7)


def test_one_topic_does_not_fill_a_letter() -> None:
    """Three stories about one thing are one too many."""
    pumps = frozenset({7})
    items = [item(n, age_days=1 + n / 10, topics=pumps) for n in range(1, 5)]
    items.append(item(9, age_days=3))

    assert ids(letter(items, Reader("nl"), 2)) == [1, 9]


def test_one_source_does_not_fill_a_letter() -> None:
    """A busy blog must not drown the quiet one."""
    items = [item(n, age_days=1 + n / 10, source_id=1) for n in range(1, 5)]
    items.append(item(9, age_days=2, source_id=2))

    assert ids(letter(items, Reader("nl"), 2)) == [1, 9]


def test_the_readers_own_language_comes_first_and_another_is_better_than_none() -> None:
    """Nobody gets an empty letter for reading English."""
    items = [item(1, age_days=1, language="nl"), item(2, age_days=6, language="en")]

    assert ids(letter(items, Reader("en"))) == [2, 1]


def test_the_reader_gets_the_post_in_their_language() -> None:
    """Of an item that has posts in both."""
    both = Candidate(
        item_id=1,
        source_id=1,
        topics=frozenset(),
        published_at=NOW,
        posts=item(1, language="nl").posts + item(2, language="en").posts,
    )

    (story,) = stories_for([both], groups=frozenset(), language="en", at=NOW)

    assert (story.post.id, story.post.language) == (2, "en")


def test_reasons_tell_a_team_news_and_what_is_still_open() -> None:
    """One sentence each, none of them a push."""
    team = frozenset({3})
    items = [item(1, groups=team), item(2, age_days=2), item(3, age_days=20)]

    assert [story.because for story in letter(items, Reader("nl", groups=team))] == [
        FOR_YOUR_TEAM,
        NEWS,
        STILL_OPEN,
    ]
