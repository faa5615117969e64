"""Waterland Techniek's people and sources: who works there, and what they publish."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.demo import feeds
from advocacy.demo.news import CONTENT, LANGUAGES
from advocacy.errors import Conflict
from advocacy.i18n import N_
from advocacy.people.directory import add_employee, count_people
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.queue.models import FollowedTopic, Topic
from advocacy.sources.catalog import add_source
from advocacy.sources.models import Approval, Source

BEFORE_THE_PAST = timedelta(days=120)  # everybody was there when the past began
NAMES = {"nl": "Waterland Techniek – nieuws", "en": "Waterland Techniek – news"}

COMMS = "femke.bakker@waterland-techniek.example"
ADMIN = "ruben.dekker@waterland-techniek.example"
EMPLOYEE = "sanne.degroot@waterland-techniek.example"

# Who asked to see what their own shares bring, and who rather gets no letter.
OWN_FIGURES = frozenset(
    f"{name}@waterland-techniek.example"
    for name in (
        "sanne.degroot",
        "nienke.postma",
        "tom.whitaker",
        "rutger.visser",
        "ines.carvalho",
        "lotte.vandijk",
    )
)
NO_DIGEST = frozenset(
    f"{name}@waterland-techniek.example"
    for name in ("truus.veenstra", "harm.terpstra", "klaas.honing")
)


def set_up(transactions: Transactions, *, site_url: str, now: datetime) -> datetime:
    """See to it that the company is there, and say when it began.

    Does nothing the second time, but for following the news site to another port.

    Args:
        transactions: Opens a transaction.
        site_url: Where its news site is served, without a slash at its end.
        now: When the demo begins, if it did not yet.

    Returns:
        The moment from which its news is dated, for `demo.site --since`.

    Raises:
        Conflict: Other people work here; invented ones must not come among them.
    """
    with transactions() as session:
        sources = demo_sources(session)
        if not sources:
            if count_people(session):
                raise Conflict(
                    N_("This database is in use. Start the demo on an empty one.")
                )
            add_people(session, now=now)
            sources = [
                _add_source(session, language, site_url, now=now)
                for language in LANGUAGES
            ]
        for source in sources:
            _follow(source, site_url, now=now)
        return min(source.created_at for source in sources)


def demo_sources(session: Session) -> Sequence[Source]:
    """List the demo's own feeds, Dutch first; none where there is no demo."""
    return session.scalars(
        select(Source)
        .where(Source.name.in_(NAMES.values()), Source.url.like("http://127.0.0.1:%"))
        .order_by(Source.id)
    ).all()


def add_people(session: Session, *, now: datetime) -> list[Employee]:
    """Add the forty who work there."""
    with (CONTENT / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = [
        add_employee(
            session,
            email=row["email"],
            name=row["name"],
            role=Role(row["role"]),
            groups=row["groups"].split(";"),
            language=row["language"],
            timezone=row["timezone"],
            now=now - BEFORE_THE_PAST,
        )
        for row in rows
    ]
    for person in people:
        person.wants_own_figures = person.email in OWN_FIGURES
        person.wants_digest = person.email not in NO_DIGEST
    session.flush()
    return people


def follow_topics(
    session: Session, dice: Random, employees: Sequence[Employee]
) -> None:
    """Let half of the people follow a subject or two, so that letters can say why."""
    topics = sorted(session.scalars(select(Topic)), key=lambda topic: topic.key)
    rows = [
        {"employee_id": employee.id, "topic_id": topic.id}
        for employee in employees[::2]
        for topic in dice.sample(topics, k=min(2, len(topics)))
    ]
    if rows:
        session.execute(insert(FollowedTopic), rows)


def _add_source(
    session: Session, language: str, site_url: str, *, now: datetime
) -> Source:
    return add_source(
        session,
        site_url + feeds.PATHS[language],
        name=NAMES[language],
        kind="feed",
        approval=Approval.REVIEW,
        every_s=None,
        language=language,
        now=now,
    )


def _follow(source: Source, site_url: str, *, now: datetime) -> None:
    """Ask a source at the site's new port, where it moved."""
    language = next(key for key, name in NAMES.items() if name == source.name)
    url = site_url + feeds.PATHS[language]
    if source.url != url:
        source.url = url
        source.etag = source.last_modified = source.body_sha256 = None
        source.next_pull_at = now
