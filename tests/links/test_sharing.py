"""Sharing a post, and the link that goes with it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.errors import Conflict, NotFound
from advocacy.links import sharing
from advocacy.links.models import Share, ShareLink
from advocacy.links.sharing import (
    StartedShare,
    confirm_share,
    recall_links,
    retarget_links,
    revive_links,
    start_share,
    unconfirm_share,
)
from advocacy.links.states import LinkState, ShareState
from advocacy.offers.states import PostState
from advocacy.people.models import Employee
from tests.makers import NOW, make_employee, make_item, make_link, make_post

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def share(
    session: Session, employee: Employee, post_id: int, **changes: Any
) -> StartedShare:
    """Share as the page does."""
    given: dict[str, Any] = {
        "text": "Kijk eens",
        "own_words": False,
        "now": NOW,
        "tz": AMSTERDAM,
        "link_base": "https://go.example",
    }
    return start_share(session, employee, post_id, **given | changes)


def count(session: Session, table: type[Share | ShareLink]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_a_share_gives_a_link_to_the_content(session: Session) -> None:
    """With the parameters by which web statistics know it."""
    post = make_post(session, target_url="https://n.example/a?b=c#d", network="x")

    started = share(session, make_employee(session), post.id)

    assert started.share_url == f"https://go.example/s/{started.link.slug}"
    assert len(started.link.slug) == 8
    assert started.link.target_url == (
        "https://n.example/a?b=c&utm_source=x&utm_medium=employee-advocacy"
        f"&utm_campaign=2026-W48&utm_content={post.item_id}#d"
    )
    assert started.share.state is ShareState.STARTED
    assert started.text == "Kijk eens"


def test_the_same_person_post_and_day_is_one_share(session: Session) -> None:
    """A second press of the button is not a second share."""
    employee, post = make_employee(session), make_post(session)
    first = share(session, employee, post.id)

    again = share(session, employee, post.id, now=NOW + timedelta(hours=3))
    tomorrow = share(session, employee, post.id, now=NOW + timedelta(days=1))

    assert again.share.id == first.share.id
    assert tomorrow.share.id != first.share.id
    assert again.share_url == tomorrow.share_url == first.share_url


def test_the_day_is_the_organisations(session: Session) -> None:
    """Half past eleven at night in UTC is tomorrow in Amsterdam."""
    late = NOW.replace(hour=23, minute=30)

    started = share(session, make_employee(session), make_post(session).id, now=late)

    assert started.share.day.isoformat() == "2026-11-24"


def test_colleagues_share_one_link(session: Session) -> None:
    """So that a click says nothing about a person."""
    post = make_post(session)

    first = share(session, make_employee(session), post.id)
    second = share(session, make_employee(session), post.id)

    assert first.link.id == second.link.id
    assert not first.link.personal
    assert first.link.personal_to_id is None


def test_a_link_is_personal_only_for_who_chose_so(session: Session) -> None:
    """Their own figures need a link of their own."""
    post = make_post(session)
    chose = make_employee(session, wants_own_figures=True)

    own = share(session, chose, post.id)
    common = share(session, make_employee(session), post.id)

    assert own.link.id != common.link.id
    assert own.link.personal
    assert own.link.personal_to_id == chose.id


def test_who_changes_their_mind_on_the_same_day_keeps_the_link_they_published(
    session: Session,
) -> None:
    """The link of a share is the one that went out."""
    employee, post = make_employee(session), make_post(session)
    first = share(session, employee, post.id)
    employee.wants_own_figures = True

    again = share(session, employee, post.id)

    assert again.share.link_id == first.link.id == again.link.id


@pytest.mark.parametrize("gone", [True, False])
def test_nothing_withdrawn_leaves(session: Session, gone: bool) -> None:  # noqa: FBT001
    """Whoever still has the page open is told so."""
    post = make_post(session, state=PostState.WITHDRAWN)

    with pytest.raises(NotFound, match="no longer there"):
        share(session, make_employee(session), 999_999 if gone else post.id)

    assert count(session, ShareLink) == 0


def test_ten_people_at_once_get_one_link(
    engine: Engine, transactions: Transactions
) -> None:
    """The unique index is the judge."""
    with transactions() as session:
        post_id = make_post(session).id
        people = [make_employee(session).id for _ in range(10)]
    urls: list[str] = []

    def press(person: int) -> None:
        with transactions() as session:
            employee = session.get_one(Employee, person)
            urls.append(share(session, employee, post_id).share_url)

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(urls) == 10
    assert len(set(urls)) == 1
    with Session(engine) as session:
        assert (count(session, Share), count(session, ShareLink)) == (10, 1)


def test_a_slug_that_is_taken_is_drawn_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four slugs in the world, three of them taken."""
    taken = ["aaaaaaaa", "bbbbbbbb", "cccccccc"]
    for slug in taken:
        make_link(session, slug=slug)
    drawn = iter([*taken, "dddddddd"])
    monkeypatch.setattr(sharing, "new_slug", lambda: next(drawn))

    started = share(session, make_employee(session), make_post(session).id)

    assert started.link.slug == "dddddddd"


def test_five_taken_slugs_are_an_error_and_not_a_loop(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No luck explains that."""
    make_link(session, slug="aaaaaaaa")
    monkeypatch.setattr(sharing, "new_slug", lambda: "aaaaaaaa")

    with pytest.raises(Conflict, match="Try again"):
        share(session, make_employee(session), make_post(session).id)


def test_a_share_can_be_confirmed_and_that_taken_back(session: Session) -> None:
    """Saying so is a free choice, and reversible."""
    employee = make_employee(session)
    started = share(session, employee, make_post(session).id).share

    confirm_share(session, employee, started.id, now=NOW)
    confirm_share(session, employee, started.id, now=NOW + timedelta(days=1))

    assert (started.state, started.confirmed_at) == (ShareState.CONFIRMED, NOW)
    unconfirm_share(session, employee, started.id)
    assert (started.state, started.confirmed_at) == (ShareState.STARTED, None)


def test_a_share_is_its_owners_alone(session: Session) -> None:
    """Guessing a number shows nothing of somebody else."""
    started = share(session, make_employee(session), make_post(session).id).share
    somebody = make_employee(session)

    for share_id in (started.id, 999_999):
        with pytest.raises(NotFound, match="not one of yours"):
            confirm_share(session, somebody, share_id, now=NOW)
        with pytest.raises(NotFound, match="not one of yours"):
            unconfirm_share(session, somebody, share_id)
    assert started.state is ShareState.STARTED


def test_links_of_an_item_follow_its_posts(session: Session) -> None:
    """Withdrawn and brought back, and the other items' links are left alone."""
    item = make_item(session)
    post = make_post(session, item=item)
    link, other = make_link(session, post=post), make_link(session)
    later = NOW + timedelta(hours=1)

    assert recall_links(session, item.id, now=later) == 0
    post.state = PostState.WITHDRAWN
    assert recall_links(session, item.id, now=later) == 1
    session.refresh(link)
    assert (link.state, link.changed_at) == (LinkState.WITHDRAWN, later)

    post.state = PostState.LIVE
    assert revive_links(session, item.id, now=later + timedelta(hours=1)) == 1
    session.refresh(link)
    assert link.state is LinkState.LIVE
    assert other.state is LinkState.LIVE
    assert other.changed_at < later


def test_sharing_a_post_that_came_back_opens_its_link(session: Session) -> None:
    """Nobody is given an address that leads nowhere."""
    post = make_post(session)
    make_link(session, post=post, state=LinkState.WITHDRAWN)

    started = share(session, make_employee(session), post.id)

    assert (started.link.state, started.link.changed_at) == (LinkState.LIVE, NOW)


def test_a_corrected_target_reaches_the_links_that_are_out(session: Session) -> None:
    """A typo does not live for ever on forty profiles."""
    post = make_post(session)
    link = share(session, make_employee(session), post.id).link
    post.target_url = "https://n.example/right"
    later = NOW + timedelta(days=9)

    assert retarget_links(session, [post.id], now=later) == 1
    assert retarget_links(session, [post.id], now=later) == 0

    assert link.target_url.startswith("https://n.example/right?utm_source=linkedin")
    assert "utm_campaign=2026-W48" in link.target_url
    assert link.changed_at == later
