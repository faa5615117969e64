"""What is known of shares."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from advocacy.links.models import Share, ShareLink
from advocacy.links.queries import (
    shared_item_ids,
    shared_networks,
    shares_of,
    started_counts,
)
from advocacy.people.models import Employee
from tests.makers import NOW, make_employee, make_item, make_link, make_post


def make_share(
    session: Session, employee: Employee | None, link: ShareLink, day: int = 23
) -> Share:
    """Make a share of the post of a link."""
    share = Share(
        employee_id=employee.id if employee else None,
        post_id=link.post_id,
        link_id=link.id,
        day=date(2026, 11, day),
        started_at=NOW.replace(day=day),
    )
    session.add(share)
    session.flush()
    return share


def test_people_see_their_own_shares_the_last_first(session: Session) -> None:
    """And nobody else's."""
    me, link = make_employee(session), make_link(session)
    make_share(session, me, link, day=20)
    make_share(session, me, link, day=21)
    make_share(session, make_employee(session), link, day=22)

    shares = shares_of(session, me)

    assert [share.day.day for share in shares] == [21, 20]
    assert shares[0].network == "linkedin"
    assert len(shares_of(session, me, limit=1)) == 1


def test_people_count_once_per_post(session: Session) -> None:
    """A cap is about people; an erased one is not counted."""
    me, link, other = make_employee(session), make_link(session), make_link(session)
    make_share(session, me, link, day=20)
    make_share(session, me, link, day=21)
    make_share(session, make_employee(session), link)
    make_share(session, None, link)

    counts = started_counts(session, [link.post_id, other.post_id])

    assert counts == {link.post_id: 2}
    assert started_counts(session, []) == {}


def test_it_is_known_what_somebody_shared_and_where(session: Session) -> None:
    """So that it is not offered to them again."""
    me, item = make_employee(session), make_item(session)
    for network in ("x", "linkedin"):
        post = make_post(session, item=item, network=network)
        make_share(session, me, make_link(session, post=post))

    assert shared_item_ids(session, me) == {item.id}
    assert shared_networks(session, me, [item.id]) == {item.id: {"x", "linkedin"}}
    assert shared_item_ids(session, make_employee(session)) == set()
    assert shared_networks(session, me, []) == {}
