"""Posts by program: list, look, change the words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.offers.states import PostState
from advocacy.people.roles import Role
from tests.makers import make_comms_member, make_group, make_post
from tests.programs import MakeProgram, Program


def test_a_post_has_the_keys_that_scripts_rely_on(
    comms: Program, transactions: Transactions
) -> None:
    """And says for whom it is."""
    with transactions() as session:
        group = make_group(session)
        post = make_post(session, audience=[group])

    row = comms.get(f"/posts/{post.id}").body

    assert set(row) >= {"id", "item_id", "network", "language", "text", "state"}
    assert row["groups"] == [group.id]
    assert comms.get("/posts").body["items"] == [row]


def test_posts_can_be_asked_for_in_part(
    comms: Program, transactions: Transactions
) -> None:
    """By item, state and network."""
    with transactions() as session:
        one = make_post(session)
        x = make_post(session, network="x")
        gone = make_post(session, state=PostState.WITHDRAWN)

    assert comms.get("/posts", item_id=one.item_id).ids == [one.id]
    assert comms.get("/posts", network="x").ids == [x.id]
    assert comms.get("/posts", state="withdrawn").ids == [gone.id]


def test_a_list_of_posts_keeps_its_place(
    comms: Program, transactions: Transactions
) -> None:
    """Whatever is offered meanwhile."""
    with transactions() as session:
        old = [make_post(session).id for _ in range(3)]
    first = comms.get("/posts", limit=2)
    with transactions() as session:
        make_post(session)

    second = comms.get("/posts", limit=2, cursor=first.body["next"])

    assert first.ids + second.ids == old[::-1]
    assert second.body["next"] is None


def test_other_words_stay_with_the_post(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Whoever opens it next sees them."""
    with transactions() as session:
        noor = make_comms_member(session)
        post = make_post(session, share_until=utc_now() + timedelta(days=1))
    caller = program(Role.COMMS, noor)

    said = caller.patch(f"/posts/{post.id}", text="  Kom kijken!  ")

    assert said.body["text"] == "Kom kijken!"
    assert caller.get(f"/posts/{post.id}").body["text"] == "Kom kijken!"


@pytest.mark.parametrize("text", ["", "a" * 3_001])
def test_words_that_do_not_fit_change_nothing(
    comms: Program, transactions: Transactions, text: str
) -> None:
    """A post that cannot be sent is no post."""
    with transactions() as session:
        post = make_post(session, share_until=utc_now() + timedelta(days=1))

    assert comms.patch(f"/posts/{post.id}", text=text).status == 422
    assert comms.get(f"/posts/{post.id}").body["text"] == post.text


def test_a_post_that_is_over_stays_as_it_was(
    comms: Program, transactions: Transactions
) -> None:
    """What was shared with it is out there."""
    with transactions() as session:
        post = make_post(session, state=PostState.WITHDRAWN)

    assert comms.patch(f"/posts/{post.id}", text="Nieuw").status == 409
