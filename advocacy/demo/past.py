"""Twelve weeks that never were: older news offered, mailed, shared and clicked.

Everything rests on items that a real pull brought in, and every share, hit and edition
is marked as invented. What is younger than a week is left to the visitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session, selectinload

from advocacy.clock import day_of
from advocacy.db.session import Transactions
from advocacy.demo.chances import (
    InventedHit,
    InventedShare,
    Person,
    Story,
    hits_after,
    shares_between,
    zest_of,
)
from advocacy.demo.company import COMMS, EMPLOYEE, demo_sources, follow_topics
from advocacy.demo.letters import invent_letters
from advocacy.links.hit_ids import new_id_at
from advocacy.links.models import Share
from advocacy.links.recorder import HitRow, add_hits
from advocacy.links.sharing import link_of
from advocacy.links.states import ShareState
from advocacy.offers.models import Post
from advocacy.offers.offering import approve_and_offer
from advocacy.people.directory import get_employee
from advocacy.people.models import Employee
from advocacy.queue.decisions import reopen
from advocacy.queue.models import Item, ItemRevision
from advocacy.queue.states import ItemState
from advocacy.stats import rollup

WEEKS = 12
THIS_WEEK = timedelta(days=7)  # younger items are for the visitor to decide on
SEED = "Waterland Techniek"
GUEST_ZEST = 4.0
NOTE = "Demo"  # the reason on every invented decision


@dataclass(frozen=True)
class Invented:
    """How much past there is now."""

    items: int
    letters: int
    shares: int
    hits: int


def invent_past(
    transactions: Transactions, *, now: datetime, zone: ZoneInfo
) -> Invented | None:
    """Give the demo a past, once its feeds were pulled; None if it is not the moment.

    The same items and people get the same past, whenever and wherever it is invented;
    it ends with yesterday, so that all that is counted today is real.

    Args:
        transactions: Opens a transaction.
        now: The moment of asking.
        zone: The organisation's.
    """
    with transactions() as session:
        if not is_time(session):
            return None
        invented = _invent(session, now=now, zone=zone)
    rollup.advance(transactions, now, zone=zone)
    return invented


def is_time(session: Session) -> bool:
    """Tell whether the feeds were pulled, and no past was invented yet."""
    sources = demo_sources(session)
    pulled = all(source.last_pulled_at is not None for source in sources)
    if not sources or not pulled:
        return False
    items = exists().where(Item.source_id.in_([source.id for source in sources]))
    begun = exists().where(Share.invented)
    return bool(session.scalar(select(items)) and not session.scalar(select(begun)))


def _invent(session: Session, *, now: datetime, zone: ZoneInfo) -> Invented:
    dice = Random(SEED)  # noqa: S311 - the same past every time is what is wanted
    today = day_of(now, zone)
    midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
    employees = sorted(
        session.scalars(
            select(Employee)
            .where(Employee.left_at.is_(None))
            .options(selectinload(Employee.groups))
        ),
        key=lambda one: one.email,  # here, since databases sort letters differently
    )
    people = [Person(one.id, one.language, _zest(dice, one)) for one in employees]
    stories = _offer_older_news(session, dice, before=midnight, now=now)
    letters = invent_letters(
        session, dice, employees, stories, weeks=WEEKS, now=now, zone=zone
    )
    shares = sorted(
        shares_between(
            dice,
            today - timedelta(weeks=WEEKS),
            today,
            people=people,
            stories=stories,
            zone=zone,
        ),
        key=lambda share: share.at,
    )
    links = _links(session, shares, employees, zone)
    _add_shares(session, shares, links, zone)
    hits = [
        (link_id, hit)
        for share, link_id in zip(shares, links, strict=True)
        for hit in hits_after(dice, share, until=midnight, zone=zone)
    ]
    add_hits(session, sorted(_hit_row(link_id, hit) for link_id, hit in hits))
    follow_topics(session, dice, employees)
    return Invented(len(stories), letters, len(shares), len(hits))


def _zest(dice: Random, employee: Employee) -> float:
    drawn = zest_of(dice, employee.groups[0].name if employee.groups else "")
    # Whom visitors sign in as has a page worth looking at.
    return GUEST_ZEST if employee.email == EMPLOYEE else drawn


def _offer_older_news(
    session: Session, dice: Random, *, before: datetime, now: datetime
) -> list[Story]:
    """Approve what is older than this week, a few hours after it was published."""
    comms = get_employee(session, COMMS)
    items = session.scalars(
        select(Item)
        .where(
            Item.source_id.in_([source.id for source in demo_sources(session)]),
            Item.state.in_([ItemState.PENDING, ItemState.ARCHIVED]),
            Item.published_at <= now - THIS_WEEK,
        )
        .order_by(Item.published_at, Item.identity)
    ).all()
    stories = []
    for item in items:
        charm = dice.lognormvariate(0, 0.45)
        decided_at = item.published_at + timedelta(minutes=dice.randint(25, 150))
        decided_at = min(decided_at, before)
        if item.state is ItemState.ARCHIVED:
            reopen(session, item.id, by=comms, via="page", now=decided_at, reason=NOTE)
        posts = approve_and_offer(
            session, item.id, by=comms, via="page", now=decided_at, reason=NOTE
        )
        stories.append(
            Story(
                id=item.id,
                language=item.language,
                since=decided_at,
                charm=charm,
                posts={post.network: post.id for post in posts},
            )
        )
    _backdate(session, [item.id for item in items])
    return stories


def _backdate(session: Session, item_ids: Sequence[int]) -> None:
    """Let the queue have seen the items when they came out, not all today."""
    session.flush()
    session.execute(
        update(Item).where(Item.id.in_(item_ids)).values(seen_at=Item.published_at)
    )
    published_at = (
        select(Item.published_at)
        .where(Item.id == ItemRevision.item_id)
        .scalar_subquery()
    )
    session.execute(
        update(ItemRevision)
        .where(ItemRevision.item_id.in_(item_ids))
        .values(seen_at=published_at)
        .execution_options(synchronize_session=False)
    )


def _links(
    session: Session,
    shares: Sequence[InventedShare],
    employees: Sequence[Employee],
    zone: ZoneInfo,
) -> list[int]:
    """Give the link of each share, made by whoever needs it first."""
    own = {one.id: one for one in employees if one.wants_own_figures}
    posts = {
        post.id: post
        for post in session.scalars(
            select(Post).where(Post.id.in_({share.post_id for share in shares}))
        )
    }
    made: dict[tuple[int, int | None], int] = {}
    links = []
    for share in shares:
        person = own.get(share.person.id)
        key = (share.post_id, person.id if person else None)
        if key not in made:
            made[key] = link_of(
                session,
                posts[share.post_id],
                personal_to=person,
                day=day_of(share.at, zone),
                now=share.at,
            ).id
        links.append(made[key])
    return links


def _add_shares(
    session: Session,
    shares: Sequence[InventedShare],
    links: Sequence[int],
    zone: ZoneInfo,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "employee_id": share.person.id,
            "post_id": share.post_id,
            "link_id": link_id,
            "day": day_of(share.at, zone),
            "state": ShareState.CONFIRMED if share.confirmed_at else ShareState.STARTED,
            "own_words": share.own_words,
            "started_at": share.at,
            "confirmed_at": share.confirmed_at,
            "invented": True,
        }
        for share, link_id in zip(shares, links, strict=True)
    ]
    if rows:
        session.execute(insert(Share), rows)


def _hit_row(link_id: int, hit: InventedHit) -> HitRow:
    at = hit.at.astimezone(UTC)
    return HitRow(
        id=new_id_at(at).bytes,
        link_id=link_id,
        at_ms=int(at.timestamp() * 1000),
        verdict=hit.verdict,
        rule=hit.rule,
        referrer=hit.referrer,
        visitor=hit.visitor,
        invented=True,
    )
