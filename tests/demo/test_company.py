from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from advocacy.db.session import Transactions
from advocacy.demo.company import ADMIN, COMMS, EMPLOYEE, demo_sources, set_up
from advocacy.demo.news import LANGUAGES, articles
from advocacy.demo.site import DemoSite
from advocacy.errors import Conflict
from advocacy.people.directory import get_employee
from advocacy.people.models import Employee, Group
from advocacy.people.roles import Role
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from advocacy.sources.models import Source
from tests.makers import NOW, make_employee


def test_forty_people_work_in_six_teams(company: Transactions) -> None:
    """Two of them do communications, one keeps the service."""
    with company() as session:
        roles = Counter(session.scalars(select(Employee.role)))
        teams = session.scalar(select(func.count()).select_from(Group))
        guests = {email: get_employee(session, email) for email in (COMMS, ADMIN)}
        employee = get_employee(session, EMPLOYEE)

    assert roles == {Role.EMPLOYEE: 37, Role.COMMS: 2, Role.ADMIN: 1}
    assert teams == 6
    assert [one.role for one in guests.values()] == [Role.COMMS, Role.ADMIN]
    assert employee.wants_own_figures


def test_everybody_who_writes_works_there(company: Transactions) -> None:
    """A visitor who looks an author up finds a colleague."""
    with company() as session:
        names = set(session.scalars(select(Employee.name)))

    assert {one.author for code in LANGUAGES for one in articles(code)} <= names


def test_a_second_start_changes_nothing(
    company: Transactions, company_site: DemoSite
) -> None:
    """The demo is started again and again on the same data."""
    with company() as session:
        began = min(source.created_at for source in demo_sources(session))

    again = set_up(company, site_url=company_site.url, now=NOW + timedelta(days=3))

    with company() as session:
        assert again == began
        assert session.scalar(select(func.count()).select_from(Employee)) == 40
        assert session.scalar(select(func.count()).select_from(Source)) == 2


def test_the_sources_follow_the_site_to_another_port(company: Transactions) -> None:
    """The port of last time may be taken."""
    set_up(company, site_url="http://127.0.0.1:9", now=NOW)

    with company() as session:
        assert [source.url for source in demo_sources(session)] == [
            "http://127.0.0.1:9/feed/",
            "http://127.0.0.1:9/en/atom.xml",
        ]


def test_invented_people_do_not_come_among_real_ones(
    transactions: Transactions,
) -> None:
    """`--demo` on an organisation's own database is refused, with nothing done."""
    with transactions() as session:
        make_employee(session)

    with pytest.raises(Conflict, match="in use"):
        set_up(transactions, site_url="http://127.0.0.1:9", now=NOW)

    with transactions() as session:
        assert session.scalar(select(func.count()).select_from(Employee)) == 1


def test_a_real_pull_brings_every_article(
    pulled: Transactions,
) -> None:
    """What the visitor sees in the queue came over HTTP, through the parser."""
    with pulled() as session:
        items = session.scalars(select(Item)).all()

    assert Counter(item.language for item in items) == {"nl": 21, "en": 10}
    written = {one.guid: one for code in LANGUAGES for one in articles(code)}
    for item in items:
        article = written[item.guid]
        assert item.title == article.title
        assert item.summary == article.lead
        assert item.author == article.author
        assert item.categories == list(article.categories)
    fresh = [one for one in items if NOW - one.published_at < timedelta(days=7)]
    assert len(fresh) == 6
    assert {item.state for item in fresh} == {ItemState.PENDING}


def test_a_real_pull_brings_every_picture(pulled: Transactions) -> None:
    """Offers and letters without pictures would show the product at its poorest."""
    with pulled() as session:
        items = session.scalars(select(Item)).all()

    written = {one.guid: one for code in LANGUAGES for one in articles(code)}
    for item in items:
        assert item.image_url is not None
        assert item.image_url.endswith(written[item.guid].image_path)
