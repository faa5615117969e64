from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from advocacy.errors import Conflict, Invalid, NotAllowed, NotFound
from advocacy.offers.counting import LINK_LENGTH_ROOMY, length
from advocacy.offers.models import Post
from advocacy.offers.networks import NETWORKS, UnknownNetwork
from advocacy.offers.offering import (
    SHARE_WINDOW,
    TextTooLong,
    approve_and_offer,
    approve_automatically,
    edit_post,
    withdraw_and_recall,
)
from advocacy.offers.states import PostState
from advocacy.queue.decisions import reopen
from advocacy.queue.models import Decision, Item
from advocacy.queue.states import ItemState, MoveRefused
from advocacy.sources.models import Approval
from tests.makers import (
    NOW,
    make_comms_member,
    make_employee,
    make_group,
    make_item,
    make_post,
    make_source,
)

DAY = timedelta(days=1)


def approved(session: Session, item: Item, **fields: object) -> dict[str, Post]:
    """Approve an item by command and give its posts by network."""
    posts = approve_and_offer(
        session,
        item.id,
        **{"by": None, "via": "command", "now": NOW} | fields,  # type: ignore[arg-type]
    )
    return {post.network: post for post in posts}


def reopened(session: Session, item: Item, *, changed: bool = False) -> None:
    """Withdraw and reopen an item, whose source may have edited it meanwhile."""
    withdraw_and_recall(session, item.id, by=None, via="command", now=NOW)
    reopen(session, item.id, by=None, via="command", now=NOW)
    if changed:
        item.title, item.revision_hash = "Een andere titel", "other"
        session.flush()


def count_posts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Post)) or 0


def test_an_approved_item_is_offered_on_every_network(session: Session) -> None:
    """One press is enough; comms need not write seven texts."""
    item = make_item(session)

    posts = approved(session, item)

    assert list(posts) == list(NETWORKS)
    assert item.state is ItemState.APPROVED
    for key, post in posts.items():
        assert post.state is PostState.LIVE
        assert post.revision_hash == item.approved_hash
        assert (post.title, post.target_url) == (item.title, item.url)
        assert post.language == item.language
        assert length(post.text, NETWORKS[key], LINK_LENGTH_ROOMY).fits


def test_comms_can_choose_networks_and_words(session: Session) -> None:
    """A text for a network that was not chosen is left where it is."""
    item = make_item(session)

    posts = approved(
        session, item, networks=["x", "mail"], text={"x": " Trots! ", "linkedin": ""}
    )

    assert list(posts) == ["x", "mail"]
    assert posts["x"].text == "Trots!"
    assert posts["mail"].text.startswith(item.title)


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"text": {"x": "a" * 300}}, TextTooLong, "for X is too long by 44"),
        ({"text": {"x": " \n"}}, Invalid, "Write a text for X"),
        ({"networks": ["myspace"]}, UnknownNetwork, "no network “myspace”"),
        ({"text": {"myspace": "a"}}, UnknownNetwork, "no network “myspace”"),
        ({"networks": []}, Invalid, "at least one network"),
        ({"groups": [999]}, Invalid, "groups does not exist"),
        ({"share_until": NOW}, Invalid, "after the first"),
        ({"expected_version": 99}, Conflict, "changed while you looked"),
    ],
)
def test_what_cannot_be_offered_is_refused(
    session: Session, fields: dict[str, object], error: type[Exception], said: str
) -> None:
    """Each refusal says what would do."""
    item = make_item(session)

    with pytest.raises(error, match=said):
        approved(session, item, **fields)

    assert count_posts(session) == 0


def test_an_item_is_approved_once(session: Session) -> None:
    """The second of two approvers is told, and nothing is doubled."""
    item = make_item(session)
    approved(session, item)

    with pytest.raises(MoveRefused):
        approved(session, item)

    assert count_posts(session) == len(NETWORKS)


def test_a_post_can_be_shared_for_thirty_days(session: Session) -> None:
    """Unless comms say otherwise."""
    item = make_item(session)

    post = approved(session, item)["linkedin"]

    assert (post.share_from, post.share_until) == (NOW, NOW + SHARE_WINDOW)


def test_an_embargo_moves_the_share_window(session: Session) -> None:
    """Approved today, shared from the day of the announcement."""
    item = make_item(session, embargo_until=NOW + DAY)

    post = approved(session, item)["linkedin"]

    assert post.share_from == NOW + DAY
    assert post.share_until == NOW + DAY + SHARE_WINDOW


def test_posts_are_meant_for_the_groups_that_comms_chose(session: Session) -> None:
    """A vacancy for mechanics goes to the workshop."""
    workshop = make_group(session)
    item = make_item(session)

    post = approved(session, item, groups=[workshop.id])["x"]

    assert post.audience == [workshop]


def test_approving_again_brings_the_same_posts_back(session: Session) -> None:
    """Share links hang on them, and comms's words with them."""
    item = make_item(session)
    first = approved(session, item, text={"x": "Onze woorden"})
    reopened(session, item)

    again = approved(session, item, now=NOW + DAY)

    assert {post.id for post in again.values()} == {post.id for post in first.values()}
    assert again["x"].text == "Onze woorden"
    assert again["x"].state is PostState.LIVE
    assert again["x"].share_until == NOW + DAY + SHARE_WINDOW


def test_approving_other_content_makes_other_words(session: Session) -> None:
    """An approval belongs to one revision, and so do the words for it."""
    item = make_item(session)
    first = approved(session, item, text={"x": "Onze woorden"})
    reopened(session, item, changed=True)

    again = approved(session, item)

    assert again["x"].id == first["x"].id
    assert again["x"].text.startswith("Een andere titel")
    assert again["x"].revision_hash == "other"


@pytest.mark.parametrize(
    ("changed", "networks", "state"),
    [
        (False, ["x"], PostState.LIVE),
        (True, ["x"], PostState.WITHDRAWN),
        (False, ["mail"], PostState.WITHDRAWN),
    ],
)
def test_other_wordings_come_back_with_the_content_they_were_written_for(
    session: Session, *, changed: bool, networks: Sequence[str], state: PostState
) -> None:
    """A second wording about news that changed may not be true any more."""
    item = make_item(session)
    approved(session, item)
    other = make_post(session, item=item, network="x", variant=2)
    reopened(session, item, changed=changed)

    approved(session, item, networks=networks)

    assert other.state is state


def test_withdrawing_an_item_takes_its_posts_back(session: Session) -> None:
    """What comms regret is offered to nobody from that moment."""
    item = make_item(session)
    posts = approved(session, item)

    recalled = withdraw_and_recall(
        session, item.id, by=None, via="command", now=NOW, reason="Fout in de kop"
    )

    assert {post.id for post in recalled} == {post.id for post in posts.values()}
    assert {post.state for post in recalled} == {PostState.WITHDRAWN}
    assert item.state is ItemState.WITHDRAWN


def test_only_trusted_sources_are_approved_by_themselves(session: Session) -> None:
    """And a rejected item stays rejected."""
    trusted = make_source(session, approval=Approval.AUTO)
    news = make_item(session, source=trusted)
    rejected = make_item(session, source=trusted, state=ItemState.REJECTED)
    review = make_item(session)

    posts = approve_automatically(session, [news.id, rejected.id, review.id], NOW)

    assert {post.item_id for post in posts} == {news.id}
    decision = session.scalars(select(Decision)).one()
    assert (decision.by_id, decision.via) == (None, "rule")
    assert approve_automatically(session, [], NOW) == []


def test_comms_can_give_a_post_other_words(session: Session) -> None:
    """The better words come to mind once it is out."""
    post = make_post(session, network="x")

    edit_post(session, post.id, text=" Beter ", by=make_comms_member(session), now=NOW)

    session.expire_all()
    found = session.get_one(Post, post.id, options=[selectinload(Post.item)])
    assert found.text == "Beter"


def test_a_post_is_changed_by_comms_within_its_window_or_not(session: Session) -> None:
    """What is over stays as people shared it."""
    post = make_post(session, network="x")
    comms = make_comms_member(session)

    with pytest.raises(NotAllowed, match="Only Communications"):
        edit_post(session, post.id, text="a", by=make_employee(session), now=NOW)
    with pytest.raises(NotFound, match="no post 999"):
        edit_post(session, 999, text="a", by=comms, now=NOW)
    with pytest.raises(Conflict, match="not offered any more"):
        edit_post(session, post.id, text="a", by=comms, now=NOW + 31 * DAY)
    with pytest.raises(TextTooLong):
        edit_post(session, post.id, text="a" * 257, by=comms, now=NOW)
