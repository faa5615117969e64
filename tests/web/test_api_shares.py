"""Offers and shares by program, and the links that go along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from advocacy.clock import utc_now
from advocacy.conduct.checklist import QUESTIONS
from advocacy.db.session import Transactions
from advocacy.links.models import Share, ShareLink
from advocacy.offers.models import Post
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from tests.makers import make_employee, make_group, make_post
from tests.programs import MakeProgram, Program

ALL_ANSWERS = [question.key for question in QUESTIONS]


def offered(session: Session, **fields: Any) -> Post:
    """Make a post that can be shared now."""
    now = utc_now()
    window = {
        "share_from": now - timedelta(hours=1),
        "share_until": now + timedelta(days=3),
    }
    return make_post(session, **window | fields)


@pytest.fixture
def me(transactions: Transactions) -> Employee:
    """Employee behind the token."""
    with transactions() as session:
        return make_employee(session, email="me@waterland-techniek.example")


@pytest.fixture
def mine(program: MakeProgram, me: Employee) -> Program:
    """Program of that employee."""
    return program(Role.EMPLOYEE, me)


def test_an_employee_is_offered_what_is_meant_for_them(
    mine: Program, transactions: Transactions
) -> None:
    """With a ready text per network."""
    with transactions() as session:
        post = offered(session)
        offered(session, audience=[make_group(session)])

    said = mine.get("/offers")

    (offer,) = said.body["items"]
    assert said.body["next"] is None
    assert offer["item_id"] == post.item_id
    assert offer["posts"][0]["id"] == post.id
    assert offer["posts"][0]["state"] == "live"
    assert mine.get(f"/offers/{post.item_id}").body == offer


def test_what_is_not_offered_is_not_there(
    mine: Program, transactions: Transactions
) -> None:
    """No word about for whom it is."""
    with transactions() as session:
        post = offered(session, audience=[make_group(session)])

    assert mine.get(f"/offers/{post.item_id}").status == 404


def test_a_token_of_nobody_is_offered_nothing(comms: Program) -> None:
    """The sentence says what would help."""
    said = comms.get("/offers")

    assert said.status == 403
    assert "--email" in said.body["detail"]


def test_a_share_has_the_keys_that_scripts_rely_on(
    mine: Program, transactions: Transactions
) -> None:
    """A text to copy, a link to publish, a page to open."""
    with transactions() as session:
        post = offered(session)

    said = mine.post("/shares", post_id=post.id, network="linkedin")

    assert said.status == 201
    assert set(said.body) == {
        "id",
        "post_id",
        "network",
        "text",
        "share_url",
        "intent_url",
        "state",
    }
    assert said.body["post_id"] == post.id
    assert said.body["state"] == "started"
    assert said.body["text"] == f"{post.text}\n\n{said.body['share_url']}"
    intent = parse_qs(urlsplit(said.body["intent_url"]).query)
    assert intent["url"] == [said.body["share_url"]]
    assert said.headers["location"] == f"/api/v1/shares/{said.body['id']}"


def test_the_link_of_a_share_leads_to_the_story(
    mine: Program, web: TestClient, transactions: Transactions
) -> None:
    """Made by a program, opened by a reader."""
    with transactions() as session:
        post = offered(session)
    share_url = mine.post("/shares", post_id=post.id, network="linkedin").body[
        "share_url"
    ]

    opened = web.get(urlsplit(share_url).path, follow_redirects=False)

    assert opened.status_code == 302
    assert opened.headers["location"].startswith(post.target_url)


def test_sharing_again_that_day_is_the_same_share(
    mine: Program, transactions: Transactions
) -> None:
    """A program that tries again after a broken line counts nothing twice."""
    with transactions() as session:
        post = offered(session)

    first = mine.post("/shares", post_id=post.id, network="linkedin")
    again = mine.post("/shares", post_id=post.id, network="linkedin")

    assert again.status == 201
    assert again.body == first.body
    with transactions() as session:
        assert session.scalar(select(func.count()).select_from(Share)) == 1


def test_what_is_not_offered_cannot_be_shared(
    mine: Program, transactions: Transactions
) -> None:
    """The gate of the page is the gate of the program."""
    with transactions() as session:
        theirs = offered(session, audience=[make_group(session)])
        over = offered(session, share_until=utc_now() - timedelta(minutes=1))

    for post in (theirs, over):
        assert mine.post("/shares", post_id=post.id, network="linkedin").status == 404


def test_a_share_goes_to_the_network_of_its_post(
    mine: Program, transactions: Transactions
) -> None:
    """A text for LinkedIn need not fit elsewhere."""
    with transactions() as session:
        post = offered(session)

    assert mine.post("/shares", post_id=post.id, network="x").status == 422


@pytest.mark.parametrize("text", ["", "a" * 3_001])
def test_words_that_do_not_fit_are_not_shared(
    mine: Program, transactions: Transactions, text: str
) -> None:
    """Together with the link they must be postable."""
    with transactions() as session:
        post = offered(session)

    said = mine.post("/shares", post_id=post.id, network="linkedin", text=text)

    assert said.status == 422
    assert mine.get("/shares").body["items"] == []


def test_own_words_go_along_once_the_questions_are_ticked(
    mine: Program, transactions: Transactions
) -> None:
    """As on the page; the words themselves are kept nowhere."""
    with transactions() as session:
        post = offered(session)
    how = {"post_id": post.id, "network": "linkedin", "text": "Mooi werk!"}

    asked = mine.post("/shares", **how)
    shared = mine.post("/shares", **how, answers=ALL_ANSWERS)

    assert asked.status == 422
    assert shared.body["text"].startswith("Mooi werk!")
    with transactions() as session:
        assert session.scalars(select(Share)).one().own_words


def test_a_mastodon_page_opens_on_the_persons_own_server(
    mine: Program, transactions: Transactions
) -> None:
    """Without one there is nothing to open yet."""
    with transactions() as session:
        post = offered(session, network="mastodon")
    how = {"post_id": post.id, "network": "mastodon"}

    assert mine.post("/shares", **how).body["intent_url"] is None
    there = mine.post("/shares", **how, server="mastodon.social").body["intent_url"]
    assert there.startswith("https://mastodon.social/share?")
    assert mine.post("/shares", **how, server="no server").status == 422


def test_comms_share_on_behalf_of_somebody(
    comms: Program, mine: Program, me: Employee, transactions: Transactions
) -> None:
    """An intranet's button, for whoever presses it; the share is theirs."""
    with transactions() as session:
        post = offered(session)

    share = comms.post(
        "/shares", post_id=post.id, network="linkedin", email=me.email.upper()
    )
    said = comms.post(f"/shares/{share.body['id']}/confirm", email=me.email)

    assert share.status == 201
    assert said.body["state"] == "confirmed"
    assert mine.get("/shares").ids == [share.body["id"]]


def test_employees_share_on_behalf_of_nobody(
    mine: Program, transactions: Transactions
) -> None:
    """Not even of themselves by address: the token says who they are."""
    with transactions() as session:
        post = offered(session)
        other = make_employee(session)
    how = {"post_id": post.id, "network": "linkedin"}

    assert mine.post("/shares", **how, email=other.email).status == 403


def test_on_behalf_of_somebody_unknown_is_not_there(
    comms: Program, transactions: Transactions
) -> None:
    """And without saying for whom, a token of nobody shares nothing."""
    with transactions() as session:
        post = offered(session)
    how = {"post_id": post.id, "network": "linkedin"}

    assert comms.post("/shares", **how, email="who@example.org").status == 404
    assert comms.post("/shares", **how).status == 403


def test_a_share_is_confirmed_and_taken_back(
    mine: Program, transactions: Transactions
) -> None:
    """The employee's word, both ways, as often as they like."""
    with transactions() as session:
        post = offered(session)
    share = mine.post("/shares", post_id=post.id, network="linkedin").body
    path = f"/shares/{share['id']}"

    assert mine.get(path).body["confirmed_at"] is None
    assert mine.post(f"{path}/confirm").body["state"] == "confirmed"
    assert mine.send("POST", f"{path}/confirm").body["confirmed_at"] is not None
    assert mine.post(f"{path}/not-posted").body["state"] == "started"
    assert mine.get(path).body["confirmed_at"] is None


def test_shares_are_seen_by_their_owner_alone(
    mine: Program, program: MakeProgram, transactions: Transactions
) -> None:
    """Nobody is watched, and comms have figures."""
    with transactions() as session:
        post = offered(session)
        other = make_employee(session, role=Role.ADMIN)
    share = mine.post("/shares", post_id=post.id, network="linkedin").body["id"]
    boss = program(Role.ADMIN, other)

    assert boss.get("/shares").body["items"] == []
    assert boss.get(f"/shares/{share}").status == 404
    assert boss.post(f"/shares/{share}/confirm").status == 404


def test_a_list_of_shares_keeps_its_place(
    mine: Program, transactions: Transactions
) -> None:
    """The last first, whatever is shared meanwhile."""
    with transactions() as session:
        posts = [offered(session).id for _ in range(4)]
    old = [
        mine.post("/shares", post_id=one, network="linkedin").body["id"]
        for one in posts[:3]
    ]
    first = mine.get("/shares", limit=2)
    mine.post("/shares", post_id=posts[3], network="linkedin")

    second = mine.get("/shares", limit=2, cursor=first.body["next"])

    assert first.ids + second.ids == old[::-1]


def test_links_never_say_whose_they_are(
    comms: Program, mine: Program, me: Employee, transactions: Transactions
) -> None:
    """A personal link looks like any other."""
    with transactions() as session:
        session.get_one(Employee, me.id).wants_own_figures = True
        post = offered(session)
    share = mine.post("/shares", post_id=post.id, network="linkedin").body

    (link,) = comms.get("/links", post_id=post.id).body["items"]

    assert link == {
        "id": link["id"],
        "slug": share["share_url"].rpartition("/")[2],
        "share_url": share["share_url"],
        "post_id": post.id,
        "network": "linkedin",
        "target_url": link["target_url"],
        "state": "live",
    }
    assert comms.get(f"/links/{link['id']}").body == link
    with transactions() as session:
        assert session.get_one(ShareLink, link["id"]).personal


def test_a_list_of_links_goes_on_to_its_end(
    comms: Program, mine: Program, transactions: Transactions
) -> None:
    """The last made first; the state can be chosen."""
    with transactions() as session:
        posts = [offered(session).id for _ in range(3)]
    for post_id in posts:
        mine.post("/shares", post_id=post_id, network="linkedin")

    assert [row["post_id"] for row in comms.pages("/links", limit=2)] == posts[::-1]
    assert comms.pages("/links", state="withdrawn") == []
    assert comms.get("/links/404").status == 404
