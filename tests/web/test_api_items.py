"""Items by program: the queue, and what is decided about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.links.models import ShareLink
from advocacy.links.states import LinkState
from advocacy.offers.networks import NETWORKS
from advocacy.people.roles import Role
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from tests.makers import (
    NOW,
    make_comms_member,
    make_group,
    make_item,
    make_link,
    make_source,
)
from tests.programs import MakeProgram, Program

CONTRACT = {
    "id",
    "state",
    "title",
    "url",
    "author",
    "published_at",
    "updated_at",
    "summary",
    "image_url",
    "language",
    "categories",
    "source_id",
    "guid",
}


def _items(transactions: Transactions, count: int) -> list[int]:
    with transactions() as session:
        source = make_source(session)
        return [
            make_item(session, source=source, seen_at=NOW + timedelta(minutes=one)).id
            for one in range(count)
        ]


def test_an_item_has_the_keys_that_scripts_rely_on(
    comms: Program, transactions: Transactions
) -> None:
    """The same as in `advocacy queue list --json`."""
    (item_id,) = _items(transactions, 1)

    (row,) = comms.get("/items").body["items"]

    assert set(row) >= CONTRACT
    assert row["id"] == item_id
    assert row["state"] == "pending"
    assert datetime.fromisoformat(row["published_at"]).utcoffset() is not None


def test_a_list_keeps_its_place_while_news_comes_in(
    comms: Program, transactions: Transactions
) -> None:
    """A page number would show an item twice; a cursor does not."""
    old = _items(transactions, 5)
    first = comms.get("/items", limit=2)
    with transactions() as session:
        new = [make_item(session, seen_at=NOW + timedelta(days=1)).id]

    second = comms.get("/items", limit=2, cursor=first.body["next"])
    third = comms.get("/items", limit=2, cursor=second.body["next"])

    assert first.ids + second.ids + third.ids == old[::-1]
    assert third.body["next"] is None
    assert comms.get("/items", limit=1).ids == new


def test_a_list_can_be_asked_for_in_part(
    comms: Program, transactions: Transactions
) -> None:
    """By state, by source, by words of the title."""
    with transactions() as session:
        lock = make_item(session, title="De sluis draait")
        no = make_item(session, title="De brug draait", state=ItemState.REJECTED)

    assert comms.get("/items", state="rejected").ids == [no.id]
    assert comms.get("/items", source_id=lock.source_id).ids == [lock.id]
    assert comms.get("/items", search="SLUIS").ids == [lock.id]
    assert comms.get("/items", state="eaten").status == 422


def test_a_cursor_of_somebody_else_is_refused(comms: Program) -> None:
    """It is told so, rather than shown some page or other."""
    for cursor in ("x", "WzFd", "WyIyMDI2LTAxLTAxIiwgMV0", "bnVsbA", "é", "0" * 1_001):
        assert comms.get("/items", cursor=cursor).status == 422


def test_one_item_shows_what_happened_to_it(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Who decided, by which door, and why."""
    with transactions() as session:
        item = make_item(session)
        noor = make_comms_member(session, email="noor@waterland-techniek.example")
    caller = program(Role.COMMS, noor)
    caller.post(f"/items/{item.id}/reject", reason="Old news.")

    decision = caller.get(f"/items/{item.id}").body["decisions"][0]

    assert decision["move"] == "reject"
    assert decision["by"] == noor.email
    assert decision["via"] == "api"
    assert decision["reason"] == "Old news."


def test_an_approved_item_is_offered_on_every_network(
    comms: Program, transactions: Transactions
) -> None:
    """One request does what the desk's button does; it may be empty."""
    (item_id,) = _items(transactions, 1)

    said = comms.send("POST", f"/items/{item_id}/approve")

    assert said.status == 200
    assert said.body["state"] == "approved"
    assert {post["network"] for post in said.body["posts"]} == set(NETWORKS)


def test_an_item_is_offered_as_asked(
    comms: Program, transactions: Transactions
) -> None:
    """On these networks, in these words, to these people, until then."""
    until = (utc_now() + timedelta(days=3)).replace(microsecond=0)
    with transactions() as session:
        item = make_item(session)
        group = make_group(session)

    said = comms.post(
        f"/items/{item.id}/approve",
        networks=["linkedin", "x"],
        text={"x": "Kom kijken bij de sluis!"},
        groups=[group.id],
        share_until=until.isoformat(),
    )

    posts = {post["network"]: post for post in said.body["posts"]}
    assert set(posts) == {"linkedin", "x"}
    assert posts["x"]["text"] == "Kom kijken bij de sluis!"
    assert posts["x"]["groups"] == [group.id]
    assert datetime.fromisoformat(posts["x"]["share_until"]) == until


def test_what_cannot_be_offered_leaves_the_item_as_it_was(
    comms: Program, transactions: Transactions
) -> None:
    """All of it happens, or nothing."""
    (item_id,) = _items(transactions, 1)
    wrong: tuple[dict[str, object], ...] = (
        {"networks": ["hyves"]},
        {"networks": []},
        {"text": {"x": "a" * 281}},
        {"text": {"x": " "}},
        {"groups": [404]},
        {"share_until": "2026-12-31T12:00:00"},  # without an offset
        {"share_until": "9999-12-31T23:59:59-12:00"},
        {"share_until": "2001-01-01T00:00:00+01:00"},  # over
    )
    for how in wrong:
        assert comms.post(f"/items/{item_id}/approve", **how).status == 422
    assert comms.get(f"/items/{item_id}").body["state"] == "pending"
    assert comms.get("/posts").body["items"] == []


def test_a_decision_about_another_version_is_refused(
    comms: Program, transactions: Transactions
) -> None:
    """Whoever looked at yesterday's words did not say yes to today's."""
    (item_id,) = _items(transactions, 1)
    seen = comms.get(f"/items/{item_id}").body["version"]
    with transactions() as session:
        session.get_one(Item, item_id).title = "Changed meanwhile"

    said = comms.post(f"/items/{item_id}/approve", expected_version=seen)

    assert said.status == 409
    assert (
        comms.post(f"/items/{item_id}/approve", expected_version=seen + 1).body["state"]
        == "approved"
    )


def test_a_no_needs_a_reason(comms: Program, transactions: Transactions) -> None:
    """Colleagues deserve one."""
    (item_id,) = _items(transactions, 1)

    assert comms.post(f"/items/{item_id}/reject").status == 422
    assert comms.post(f"/items/{item_id}/reject", reason=" ").status == 422
    said = comms.post(f"/items/{item_id}/reject", reason="Not for outside.")
    assert said.body["state"] == "rejected"


def test_a_move_that_the_state_does_not_allow_is_a_conflict(
    comms: Program, transactions: Transactions
) -> None:
    """The item is there; it is the moment that is wrong."""
    (item_id,) = _items(transactions, 1)

    said = comms.post(f"/items/{item_id}/withdraw")

    assert said.status == 409
    assert said.headers["content-type"] == "application/problem+json"


def test_a_withdrawn_item_takes_its_links_along(
    comms: Program, transactions: Transactions
) -> None:
    """The same function as behind the desk's button."""
    (item_id,) = _items(transactions, 1)
    posts = comms.post(f"/items/{item_id}/approve").body["posts"]
    with transactions() as session:
        link = make_link(session)
        link.post_id = posts[0]["id"]

    said = comms.post(f"/items/{item_id}/withdraw", reason="A mistake in it.")

    assert said.body["state"] == "withdrawn"
    with transactions() as session:
        assert session.get_one(ShareLink, link.id).state is LinkState.WITHDRAWN


def test_a_reopened_item_waits_again(
    comms: Program, transactions: Transactions
) -> None:
    """Every no can become a yes."""
    (item_id,) = _items(transactions, 1)
    comms.post(f"/items/{item_id}/reject", reason="Too early.")

    assert comms.post(f"/items/{item_id}/reopen").body["state"] == "pending"
