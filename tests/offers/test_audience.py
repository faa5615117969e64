from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.offers.audience import (
    PersonFacts,
    PostFacts,
    Refusal,
    language_for,
    may_be_offered,
    may_be_shared,
    why_not_offered,
    why_not_shared,
)
from advocacy.offers.states import PostState
from advocacy.queue.states import ItemState
from tests.makers import NOW

OPEN = PostFacts(
    item_state=ItemState.APPROVED,
    approved_hash="a",
    embargo_until=None,
    revision_hash="a",
    state=PostState.LIVE,
    share_from=NOW,
    share_until=NOW + timedelta(days=30),
)
HOUR = timedelta(hours=1)
moments = st.sampled_from([NOW - HOUR, NOW, NOW + HOUR])
groups = st.frozensets(st.integers(1, 3), max_size=2)
posts = st.builds(
    PostFacts,
    item_state=st.sampled_from([ItemState.APPROVED, *ItemState]),
    approved_hash=st.sampled_from(["a", "a", "b", None]),
    embargo_until=st.none() | moments,
    revision_hash=st.just("a"),
    state=st.sampled_from(PostState),
    share_from=moments,
    share_until=st.none() | moments,
    shares_max=st.none() | st.integers(0, 2),
    shares_started=st.integers(0, 2),
    groups=groups,
)
people = st.builds(
    PersonFacts, groups=groups, set_aside=st.booleans(), shared=st.booleans()
)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"item_state": ItemState.PENDING}, Refusal.UNAPPROVED),
        ({"item_state": ItemState.WITHDRAWN}, Refusal.UNAPPROVED),
        ({"approved_hash": "b"}, Refusal.UNAPPROVED),
        ({"approved_hash": None}, Refusal.UNAPPROVED),
        ({"state": PostState.WITHDRAWN}, Refusal.WITHDRAWN),
        ({"embargo_until": NOW + HOUR}, Refusal.EMBARGO),
        ({"embargo_until": NOW}, None),
        ({"share_from": NOW + HOUR}, Refusal.EARLY),
        ({"share_until": NOW}, Refusal.OVER),
        ({"share_until": None}, None),
        ({"shares_max": 3, "shares_started": 3}, Refusal.FULL),
        ({"shares_max": 3, "shares_started": 2}, None),
        ({"groups": frozenset({1, 2})}, Refusal.OTHERS),
        ({"groups": frozenset({2, 7})}, None),
    ],
)
def test_a_post_is_shared_only_when_everything_allows_it(
    change: dict[str, object], refusal: Refusal | None
) -> None:
    """Each fact alone can keep a post in."""
    post = replace(OPEN, **change)  # type: ignore[arg-type]

    assert why_not_shared(post, PersonFacts(groups=frozenset({7})), now=NOW) is refusal


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        (PersonFacts(set_aside=True), Refusal.SET_ASIDE),
        (PersonFacts(shared=True), Refusal.SHARED),
    ],
)
def test_what_a_person_set_aside_or_shared_is_not_offered_but_open_to_them(
    person: PersonFacts, refusal: Refusal
) -> None:
    """Nobody is asked twice, and nobody who comes back is sent away."""
    assert why_not_offered(OPEN, person, now=NOW) is refusal
    assert may_be_shared(OPEN, person, now=NOW)


@given(post=posts, person=people)
def test_nothing_unapproved_is_ever_shared(
    post: PostFacts, person: PersonFacts
) -> None:
    """The one promise to comms that no other rule may break."""
    if may_be_shared(post, person, now=NOW):
        assert post.item_state is ItemState.APPROVED
        assert post.approved_hash == post.revision_hash
        assert post.state is PostState.LIVE
        assert post.share_from <= NOW
        assert post.share_until is None or post.share_until > NOW
        assert not post.groups or post.groups & person.groups


@given(post=posts, person=people)
def test_what_is_offered_may_be_shared(post: PostFacts, person: PersonFacts) -> None:
    """An offer that leads to a refusal would be a broken promise."""
    if may_be_offered(post, person, now=NOW):
        assert may_be_shared(post, person, now=NOW)


@given(post=posts, person=people, more=groups)
def test_joining_a_group_never_takes_an_offer_away(
    post: PostFacts, person: PersonFacts, more: frozenset[int]
) -> None:
    """An audience adds people; it bars nobody."""
    if may_be_offered(post, person, now=NOW):
        wider = replace(person, groups=person.groups | more)
        assert may_be_offered(post, wider, now=NOW)


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        ({"nl", "en"}, ["en", "nl"], "en"),
        ({"nl"}, ["en", "nl"], "nl"),
        ({"nl-BE", "en"}, ["nl"], "nl-BE"),
        ({"nl", "en"}, ["nl-BE"], "nl"),
        ({"de", "fr"}, ["nl"], "de"),
        ({"nl-BE", "nl"}, ["nl"], "nl"),
        (set(), ["nl"], None),
    ],
)
def test_a_reader_gets_the_nearest_language(
    available: set[str], wanted: list[str], chosen: str | None
) -> None:
    """A story in another language is better than none."""
    assert language_for(available, wanted) == chosen


languages = st.sampled_from(["nl", "nl-BE", "en", "en_GB", "de"])


@given(available=st.sets(languages), wanted=st.lists(languages))
def test_a_reader_always_gets_a_language_that_there_is(
    available: set[str], wanted: list[str]
) -> None:
    """No preference can make an item vanish."""
    chosen = language_for(available, wanted)

    assert chosen in available if available else chosen is None
