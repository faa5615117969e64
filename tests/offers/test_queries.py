from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from advocacy.errors import NotFound
from advocacy.offers.audience import PersonFacts, PostFacts, Refusal, may_be_offered
from advocacy.offers.models import Post, SetAside
from advocacy.offers.offered import ItemOffer, NotOffered
from advocacy.offers.offering import approve_and_offer, withdraw_and_recall
from advocacy.offers.queries import (
    offer_of,
    offers_for,
    post_for,
    posts_of_item,
    words_chosen_before,
)
from advocacy.offers.setting_aside import bring_back, set_aside
from advocacy.offers.states import PostState
from advocacy.people.models import Employee
from advocacy.queue.decisions import reopen
from advocacy.queue.models import FollowedTopic, Item, Topic
from advocacy.queue.states import ItemState
from tests.makers import NOW, make_employee, make_group, make_item, make_post

HOUR = timedelta(hours=1)


def make_offer(session: Session, **fields: Any) -> Post:
    """Make a live post of an approved item, with fields of either."""
    names = ("title", "published_at", "topics", "language", "embargo_until")
    of_item = {name: fields.pop(name) for name in names if name in fields}
    item = make_item(session, state=ItemState.APPROVED, **of_item)
    return make_post(session, item=item, **fields)


def make_topic(session: Session, name: str) -> Topic:
    topic = Topic(key=name.casefold(), name=name)
    session.add(topic)
    session.flush()
    return topic


def listed(session: Session, employee: Employee, **options: Any) -> list[int]:
    """List the ids of the items offered to an employee."""
    return [
        offer.item_id for offer in offers_for(session, employee, now=NOW, **options)
    ]


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_an_offer_tells_what_was_approved(session: Session) -> None:
    """An edit at the source changes nothing of what comms said yes to."""
    post = make_offer(session, title="De sluis draait")
    item = session.get_one(Item, post.item_id)
    item.title, item.revision_hash = "Iets heel anders", "edited"

    (offer,) = offers_for(session, make_employee(session), now=NOW)

    assert offer.title == "De sluis draait"
    assert [one.post_id for one in offer.posts] == [post.id]
    assert offer.posts[0].network.label == "LinkedIn"


@pytest.mark.parametrize("seed", range(4))
def test_the_sieve_of_the_database_lets_through_what_the_rules_allow(
    session: Session, seed: int
) -> None:
    """The rule stands in two places, in SQL for speed; they may not disagree."""
    random = Random(seed)
    mine, others = make_group(session), make_group(session)
    employee = make_employee(session, groups=[mine])
    person = PersonFacts(groups=frozenset({mine.id}))
    expected = set()
    moments = [NOW - HOUR, NOW - HOUR, NOW, NOW + HOUR]
    for _ in range(60):
        state = random.choice([ItemState.APPROVED] * 6 + list(ItemState))
        item = make_item(
            session,
            state=state,
            approved_hash=random.choice(["a", "a", "a", "b"]),
            revision_hash="a",
            embargo_until=random.choice([*[None] * 6, *moments]),
        )
        post = make_post(
            session,
            item=item,
            revision_hash="a",
            state=random.choice([PostState.LIVE] * 3 + [PostState.WITHDRAWN]),
            share_from=random.choice(moments),
            share_until=random.choice([None, NOW + HOUR, NOW + HOUR, NOW]),
            audience=random.choice([[], [], [mine], [others], [mine, others]]),
        )
        aside = random.random() < 0.1
        if aside:
            set_aside(session, employee, item.id, NOW)
        facts = PostFacts(
            item_state=item.state,
            approved_hash=item.approved_hash,
            embargo_until=item.embargo_until,
            revision_hash=post.revision_hash,
            state=post.state,
            share_from=post.share_from,
            share_until=post.share_until,
            groups=frozenset(group.id for group in post.audience),
        )
        if may_be_offered(facts, PersonFacts(person.groups, aside), now=NOW):
            expected.add(item.id)

    assert set(listed(session, employee, limit=100)) == expected
    assert 3 < len(expected) < 57


def test_the_story_of_the_week_and_followed_topics_come_first(session: Session) -> None:
    """Then the newest, and at the end what this person shared before."""
    topic = make_topic(session, "Techniek")
    employee = make_employee(session)
    session.add(FollowedTopic(employee_id=employee.id, topic_id=topic.id))
    old = make_offer(session, published_at=NOW - 9 * HOUR)
    new = make_offer(session, published_at=NOW - HOUR)
    followed = make_offer(session, published_at=NOW - 8 * HOUR, topics=[topic])
    week = make_offer(session, published_at=NOW - 7 * HOUR, of_the_week=True)
    shared = make_offer(session, published_at=NOW, topics=[topic])

    offers = offers_for(session, employee, now=NOW, shared_items={shared.item_id})

    assert [offer.item_id for offer in offers] == [
        post.item_id for post in (week, followed, new, old, shared)
    ]
    reasons = [offer.because and offer.because.say(str) for offer in offers[:3]]
    assert reasons == ["our story of the week", "because you follow Techniek", None]
    assert offers[1].topics == ("Techniek",)
    assert [offer.shared for offer in offers] == [False] * 4 + [True]


def test_a_post_for_a_group_says_so(session: Session) -> None:
    """It is nice to know that something is meant for one's own team."""
    team = make_group(session, name="Werkplaats")
    make_offer(session, audience=[team])

    (offer,) = offers_for(session, make_employee(session, groups=[team]), now=NOW)

    assert offer.because is not None
    assert offer.because.say(str) == "meant for Werkplaats"


def test_a_reader_gets_their_own_language_per_network(session: Session) -> None:
    """Where a network has no post in it, the other language will do."""
    dutch = make_offer(session, network="linkedin", text="Trots")
    item = session.get_one(Item, dutch.item_id)
    english = make_post(
        session, item=item, network="linkedin", language="en", text="Proud"
    )
    only = make_post(session, item=item, network="mail")

    (offer,) = offers_for(session, make_employee(session, language="en"), now=NOW)
    (other,) = offers_for(session, make_employee(session, language="nl"), now=NOW)

    assert [one.post_id for one in offer.posts] == [english.id, only.id]
    assert offer.language == "en"
    assert [one.post_id for one in other.posts] == [dutch.id, only.id]


def test_the_least_shared_wording_is_offered(session: Session) -> None:
    """Otherwise a whole department posts the same sentence."""
    first = make_offer(session, variant=1)
    item = session.get_one(Item, first.item_id)
    second = make_post(session, item=item, variant=2)
    employee = make_employee(session)

    (offer,) = offers_for(
        session, employee, now=NOW, started=lambda _: {first.id: 3, second.id: 1}
    )

    assert [one.post_id for one in offer.posts] == [second.id]


def test_a_post_that_enough_people_shared_makes_place_for_another(
    session: Session,
) -> None:
    """The list is filled from below, as long as there is something."""
    full = make_offer(session, shares_max=2, of_the_week=True)
    rest = [make_offer(session).item_id for _ in range(3)]
    employee = make_employee(session)

    def started(_ids: object) -> dict[int, int]:
        return {full.id: 2}

    assert set(listed(session, employee, started=started, limit=3)) == set(rest)
    assert len(listed(session, employee, started=started, limit=1)) == 1
    with pytest.raises(NotOffered, match="Enough colleagues"):
        post_for(session, employee, full.id, now=NOW, started=started)
    with pytest.raises(NotOffered, match="Enough colleagues"):
        offer_of(session, employee, full.item_id, now=NOW, started=started)


def test_more_offers_take_no_more_queries(session: Session) -> None:
    """A page for a hundred items must not cost a hundred questions."""
    employee = make_employee(session)
    make_offer(session)
    with counted(session) as few:
        offers_for(session, employee, now=NOW, limit=20)
    for _ in range(15):
        make_offer(session)

    with counted(session) as many:
        offers_for(session, employee, now=NOW, limit=20)

    assert len(many) == len(few) <= 6


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": PostState.WITHDRAWN}, "not on offer at the moment"),
        ({"revision_hash": "other"}, "not on offer at the moment"),
        ({"share_from": NOW + HOUR}, "not on offer at the moment"),
        ({"share_until": NOW}, "has had its time"),
    ],
)
def test_what_is_not_on_offer_cannot_be_opened(
    session: Session, fields: dict[str, Any], said: str
) -> None:
    """An address kept from last month, or one that was guessed."""
    post = make_offer(session, **fields)
    employee = make_employee(session)

    with pytest.raises(NotOffered, match=said):
        post_for(session, employee, post.id, now=NOW)
    with pytest.raises(NotOffered, match=said):
        offer_of(session, employee, post.item_id, now=NOW)


def test_nothing_is_told_about_what_is_meant_for_others(session: Session) -> None:
    """A post for another group, over or not, looks like one that does not exist."""
    post = make_offer(session, audience=[make_group(session)], share_until=NOW)
    employee = make_employee(session)

    with pytest.raises(NotOffered) as theirs:
        post_for(session, employee, post.id, now=NOW)
    with pytest.raises(NotOffered) as none:
        post_for(session, employee, 999, now=NOW)

    assert str(theirs.value) == str(none.value)
    assert theirs.value.refusal is Refusal.OTHERS


def test_an_offer_can_be_opened_alone(session: Session) -> None:
    """A letter leads to one item, and a share to one post."""
    post = make_offer(session)
    employee = make_employee(session)

    assert offer_of(session, employee, post.item_id, now=NOW).posts == (
        post_for(session, employee, post.id, now=NOW),
    )


def test_comms_see_the_live_posts_of_an_item_in_a_fixed_order(session: Session) -> None:
    """As on the share page: LinkedIn first, mail last, wordings together."""
    mail = make_offer(session, network="mail")
    item = session.get_one(Item, mail.item_id)
    second = make_post(session, item=item, variant=2)
    first = make_post(session, item=item)
    make_post(session, item=item, network="x", state=PostState.WITHDRAWN)

    assert posts_of_item(session, item.id) == [first, second, mail]


def test_what_somebody_set_aside_comes_back_when_they_want_it(session: Session) -> None:
    """It is their list; nobody else's changes."""
    item_id = make_offer(session).item_id
    employee, other = make_employee(session), make_employee(session)

    set_aside(session, employee, item_id, NOW)
    set_aside(session, employee, item_id, NOW + HOUR)

    assert listed(session, employee) == []
    assert listed(session, other) == [item_id]
    assert isinstance(offer_of(session, employee, item_id, now=NOW), ItemOffer)
    bring_back(session, employee, item_id)
    bring_back(session, employee, item_id)
    assert listed(session, employee) == [item_id]
    assert session.scalars(select(SetAside)).all() == []


def test_only_an_item_that_exists_is_set_aside(session: Session) -> None:
    """A guessed number is answered kindly, not with a broken page."""
    with pytest.raises(NotFound, match="no item 999"):
        set_aside(session, make_employee(session), 999, NOW)


def test_a_refusal_travels_between_processes() -> None:
    """Errors are pickled on their way from a worker."""
    error = pickle.loads(pickle.dumps(NotOffered(Refusal.OVER)))  # noqa: S301 - our own bytes

    assert (str(error), error.refusal) == (str(NotOffered(Refusal.OVER)), Refusal.OVER)


def test_words_that_comms_chose_are_there_again_after_reopening(
    session: Session,
) -> None:
    """Nobody likes to write the same text twice."""
    item = make_item(session)
    approve_and_offer(
        session, item.id, by=None, via="page", now=NOW, text={"x": "Own words."}
    )
    withdraw_and_recall(session, item.id, by=None, via="page", now=NOW)
    reopen(session, item.id, by=None, via="page", now=NOW)

    assert words_chosen_before(session, item)["x"] == "Own words."

    item.revision_hash = "other content"
    assert words_chosen_before(session, item) == {}
