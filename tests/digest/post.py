"""What the tests of editions share: a letterhead, news, and a mail server's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest.calendar import Timetable
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import Edition, Letter, LetterItem, LetterState
from advocacy.links.models import Share
from advocacy.offers.models import Post
from advocacy.outbound.mail import MailRefused
from advocacy.outbound.message import Mailbox
from advocacy.people.models import Employee
from advocacy.queue.models import Item, Topic, item_topic
from advocacy.queue.states import ItemState
from tests.makers import NOW, make_employee, make_item, make_link, make_post

WEEK = "2026-W48"  # NOW is its moment in Amsterdam
HEAD = Letterhead(
    organisation="Waterland Techniek",
    base_url="https://advocacy.example.org",
    sender=Mailbox("Waterland Techniek", "nieuws@example.org"),
    secret=b"a secret for tests alone",
    timetable=Timetable(weekday=1, hour=9, zone=ZoneInfo("Europe/Amsterdam")),
    items_max=5,
    small_group=5,
)


@dataclass
class Tray:
    """Takes mail as a mail server would, or refuses it as it is told."""

    refuse: Callable[[str], MailRefused | BaseException | None] = lambda _to: None
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    asked: int = 0

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Take a mail, or raise what was asked for."""
        assert sender == HEAD.sender.address
        self.asked += 1
        error = self.refuse(to)
        if error is not None:
            raise error
        self.taken.append((to, message))

    def close(self) -> None:
        """Nothing to close."""

    @property
    def readers(self) -> list[str]:
        """Give the addresses that got a mail, in order."""
        return sorted(to for to, _ in self.taken)

    def text_for(self, to: str) -> str:
        """Give the text of the mail that somebody got."""
        (raw,) = [message for reader, message in self.taken if reader == to]
        part = message_from_bytes(raw, policy=modern).get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Clock:
    """Tells the time that a test is at."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Say what time it is."""
        return self.at

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


def make_news(session: Session, **fields: Any) -> Item:
    """Make an approved item with a post that everybody may share."""
    post = fields.pop("post", {})
    item = make_item(session, **{"state": ItemState.APPROVED} | fields)
    make_post(session, **{"item": item, "share_from": NOW - timedelta(days=10)} | post)
    return item


def make_topic(session: Session, name: str, *items: Item) -> Topic:
    """Make a topic of some items."""
    topic = Topic(key=name.casefold(), name=name)
    session.add(topic)
    session.flush()
    for item in items:
        session.execute(item_topic.insert().values(item_id=item.id, topic_id=topic.id))
    return topic


def make_readers(session: Session, count: int, **fields: Any) -> list[Employee]:
    """Make employees who get the letter."""
    return [make_employee(session, **fields) for _ in range(count)]


def make_shares(
    session: Session, item: Item, people: list[Employee], *, at: datetime = NOW
) -> None:
    """Let people share an item."""
    (post, *_) = posts_of(session, item)
    link = make_link(session, post=post)
    for person in people:
        session.add(
            Share(
                employee_id=person.id,
                post_id=post.id,
                link_id=link.id,
                day=at.date(),
                started_at=at,
            )
        )
    session.flush()


def letters(transactions: Transactions, week: str = WEEK) -> list[Letter]:
    """Give the letters of a week."""
    with transactions() as session:
        return list(
            session.scalars(
                select(Letter)
                .join(Edition, Edition.id == Letter.edition_id)
                .where(Edition.week == week)
                .order_by(Letter.id)
            )
        )


def states(transactions: Transactions, week: str = WEEK) -> list[LetterState]:
    """Give how far the letters of a week are."""
    return [letter.state for letter in letters(transactions, week)]


def edition(transactions: Transactions, week: str = WEEK) -> Edition:
    """Give the edition of a week."""
    with transactions() as session:
        return session.scalars(select(Edition).where(Edition.week == week)).one()


def carried(transactions: Transactions, employee: Employee) -> list[LetterItem]:
    """Give what somebody's letter carries."""
    with transactions() as session:
        return list(
            session.scalars(
                select(LetterItem)
                .join(Letter, Letter.id == LetterItem.letter_id)
                .where(Letter.employee_id == employee.id)
                .order_by(LetterItem.position)
            )
        )


def withdraw(transactions: Transactions, item: Item) -> None:
    """Take an item back, as comms do."""
    with transactions() as session:
        session.get_one(Item, item.id).state = ItemState.WITHDRAWN


def open_to(**fields: Any) -> Letterhead:
    """Give a letterhead that differs in something."""
    return replace(HEAD, **fields)


def posts_of(session: Session, item: Item) -> list[Post]:
    """Give the posts of an item."""
    return list(session.scalars(select(Post).where(Post.item_id == item.id)))
