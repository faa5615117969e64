"""The figures of a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from advocacy.digest.models import Edition, Letter, LetterItem, LetterState
from advocacy.errors import Invalid
from advocacy.links.models import Share, ShareLink
from advocacy.links.states import ShareState
from advocacy.offers.models import Post
from advocacy.people.models import Employee
from advocacy.stats.by_group import OTHERS
from advocacy.stats.figures import EXCLUDED, By, Figures
from advocacy.stats.models import DayTotal
from advocacy.stats.own import own_figures
from advocacy.stats.queries import figures
from tests.makers import (
    NOW,
    make_employee,
    make_group,
    make_item,
    make_link,
    make_post,
    make_source,
)

MONDAY = date(2026, 11, 23)
Ask = Callable[[By], Figures]


def add_hits(
    session: Session,
    link: ShareLink,
    human: int,
    day: date = MONDAY,
    **excluded: int,
) -> None:
    """Write totals as the rollup does."""
    for verdict, hits in {"human": human, **excluded}.items():
        visitors = (hits + 1) // 2 if verdict == "human" else 0
        session.add(
            DayTotal(
                day=day, link_id=link.id, verdict=verdict, hits=hits, visitors=visitors
            )
        )
    session.flush()


def add_share(
    session: Session,
    link: ShareLink,
    employee: Employee | None,
    state: ShareState = ShareState.STARTED,
    day: date = MONDAY,
) -> None:
    """Write a share."""
    session.add(
        Share(
            employee_id=employee.id if employee else None,
            post_id=link.post_id,
            link_id=link.id,
            day=day,
            state=state,
            started_at=NOW,
        )
    )
    session.flush()


def add_letter(session: Session, employee: Employee, *item_ids: int) -> None:
    """Write a letter that was sent, in an edition of its own."""
    edition = Edition(week=f"week {employee.id}", planned_at=NOW)
    session.add(edition)
    session.flush()
    letter = Letter(
        edition_id=edition.id,
        employee_id=employee.id,
        state=LetterState.SENT,
        send_after=NOW,
        sent_at=NOW,
    )
    session.add(letter)
    session.flush()
    for position, item_id in enumerate(item_ids, 1):
        session.add(
            LetterItem(
                letter_id=letter.id, item_id=item_id, position=position, because="fresh"
            )
        )
    session.flush()


@pytest.fixture
def ask(session: Session) -> Ask:
    """Ask for the figures of two weeks."""

    def asked(by: By) -> Figures:
        return figures(
            session,
            from_day=MONDAY - timedelta(days=7),
            to_day=MONDAY + timedelta(days=6),
            by=by,
            zone=ZoneInfo("Europe/Amsterdam"),
            small_group=5,
        )

    return asked


@pytest.fixture
def posts(session: Session) -> list[Post]:
    """Two networks of one item, and one of an item of another source."""
    first = make_item(
        session, source=make_source(session, name="Nieuws"), title="Sluis"
    )
    second = make_item(session, source=make_source(session, name="Blog"), title="Pomp")
    return [
        make_post(session, item=first, network="linkedin"),
        make_post(session, item=first, network="x"),
        make_post(session, item=second, network="linkedin"),
    ]


@pytest.fixture
def links(session: Session, posts: list[Post]) -> list[ShareLink]:
    """Give each post its link, shares, letters and clicks."""
    links = [make_link(session, post=post) for post in posts]
    somebody, other = make_employee(session), make_employee(session)
    add_hits(session, links[0], 41, preview=200, bot=12, unknown=6)
    add_hits(session, links[0], 1, day=MONDAY - timedelta(days=7))
    add_hits(session, links[0], 99, day=MONDAY - timedelta(days=8))  # before the period
    add_hits(session, links[1], 3)
    add_hits(session, links[2], 10, own=1, repeat=2)
    add_share(session, links[0], somebody, ShareState.CONFIRMED)
    add_share(session, links[0], other)
    add_share(session, links[2], other, day=MONDAY + timedelta(days=6))
    add_letter(session, somebody, posts[0].item_id, posts[2].item_id)
    add_letter(session, other, posts[0].item_id)
    return links


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("by", list(By))
def test_the_totals_are_the_same_however_it_is_cut(ask: Ask, by: By) -> None:
    """One truth."""
    totals = ask(by).totals

    assert (totals.offered, totals.shares, totals.shares_confirmed) == (3, 3, 1)
    assert (totals.clicks, totals.visitors) == (55, 29)
    assert (totals.unclear, totals.automatic) == (6, 215)


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize(
    "by", [By.DAY, By.WEEK, By.POST, By.ITEM, By.NETWORK, By.SOURCE]
)
def test_shares_and_clicks_of_the_rows_add_up(ask: Ask, by: By) -> None:
    """Each click is on one link, of one post."""
    found = ask(by)

    for name in ("shares", "shares_confirmed", "clicks", "visitors", "automatic"):
        added = sum(getattr(row, name) for row in found.rows)
        assert added == getattr(found.totals, name)


@pytest.mark.usefixtures("links")
def test_each_day_and_week_has_its_row(ask: Ask) -> None:
    """Those on which nothing happened too, so that a chart does not lie."""
    days, weeks = ask(By.DAY), ask(By.WEEK)

    assert len(days.rows) == 14
    assert days.rows[0].key == {"day": "2026-11-16"}
    assert [(row.key["week"], row.clicks) for row in weeks.rows] == [
        ("2026-W47", 1),
        ("2026-W48", 54),
    ]


@pytest.mark.usefixtures("links")
def test_posts_items_networks_and_sources_are_told_apart(ask: Ask) -> None:
    """What brought most comes first; an item is offered on all its networks."""

    def seen(by: By) -> list[tuple[str, int, int, int]]:
        return [(r.label, r.offered, r.shares, r.clicks) for r in ask(by).rows]

    assert seen(By.POST) == [
        ("Sluis", 2, 2, 42),
        ("Pomp", 1, 1, 10),
        ("Sluis", 2, 0, 3),
    ]
    assert seen(By.ITEM) == [("Sluis", 2, 2, 45), ("Pomp", 1, 1, 10)]
    assert seen(By.NETWORK) == [("linkedin", 3, 3, 52), ("x", 2, 0, 3)]
    assert seen(By.SOURCE) == [("Nieuws", 2, 2, 45), ("Blog", 1, 1, 10)]


@pytest.mark.usefixtures("links")
def test_scripts_find_the_keys_they_rely_on(ask: Ask) -> None:
    """The JSON of `advocacy stats`."""
    told = ask(By.NETWORK).as_json()

    assert (told["from"], told["to"]) == ("2026-11-16", "2026-11-29")
    keys = {"offered", "shares", "clicks", "visitors", "excluded"}
    assert keys <= told["totals"].keys()
    assert told["rows"][0]["network"] == "linkedin"
    assert keys <= told["rows"][0].keys()
    assert told["totals"]["excluded"] == {
        "preview": 200,
        "bot": 12,
        "scanner": 0,
        "prefetch": 0,
        "own": 1,
        "repeat": 2,
        "unknown": 6,
    }
    assert set(told["totals"]["excluded"]) == set(EXCLUDED)


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("by", list(By))
def test_a_table_has_a_cell_for_each_column(ask: Ask, by: By) -> None:
    """For the CSV."""
    columns, rows = ask(by).table()

    assert all(len(row) == len(columns) for row in rows)
    assert columns[-1] == "excluded_unknown"


def test_no_row_is_about_a_few_people(session: Session, ask: Ask) -> None:
    """Large groups apart, small ones and people without any together."""
    post = make_post(session)
    common = make_link(session, post=post)
    for name, people in (("Pompen", 6), ("Sluizen", 5), ("Directie", 2)):
        group = make_group(session, name=name)
        for _ in range(people):
            employee = make_employee(session, groups=[group])
            add_share(session, common, employee)
    add_share(session, common, None)  # somebody who was erased
    add_hits(session, common, 7)

    found = ask(By.GROUP)

    assert [(row.label, row.shares, row.clicks) for row in found.rows] == [
        ("Pompen", 6, 7),
        (OTHERS, 8, 7),
    ]
    assert sum(row.shares for row in found.rows) == found.totals.shares == 14


def test_a_small_organisation_is_not_shown_by_group(session: Session, ask: Ask) -> None:
    """Three people cannot hide among three people."""
    link = make_link(session)
    for _ in range(3):
        add_share(session, link, make_employee(session))

    assert ask(By.GROUP).rows == []


def test_somebody_of_two_groups_is_counted_once(session: Session, ask: Ask) -> None:
    """In the first by name."""
    link = make_link(session)
    first, second = (make_group(session, name=name) for name in ("Alpha", "Beta"))
    for n in range(10):
        groups = [first, second] if n < 5 else [second]
        add_share(session, link, make_employee(session, groups=groups))

    assert [(row.label, row.shares) for row in ask(By.GROUP).rows] == [
        ("Alpha", 5),
        ("Beta", 5),
    ]


def test_a_period_has_to_make_sense(session: Session) -> None:
    """And to fit on a page."""
    for days, words in ((-1, "ends before it begins"), (2_000, "at most three years")):
        with pytest.raises(Invalid, match=words):
            figures(
                session,
                from_day=MONDAY,
                to_day=MONDAY + timedelta(days=days),
                by=By.DAY,
                zone=ZoneInfo("UTC"),
                small_group=5,
            )


def test_own_clicks_are_for_who_chose_to_have_them(session: Session) -> None:
    """And are those on personal links alone."""
    me = make_employee(session, wants_own_figures=True)
    mine = make_link(session, personal=True, personal_to_id=me.id)
    common = make_link(session)
    for link in (mine, common):
        add_share(session, link, me, ShareState.CONFIRMED)
        add_hits(session, link, 4, bot=9)

    own = own_figures(session, me)

    assert (own.shares, own.shares_confirmed, own.clicks) == (2, 2, 4)
    assert own.clicks_of_link == {mine.id: 4}
    me.wants_own_figures = False
    assert own_figures(session, me).clicks is None
    assert own_figures(session, make_employee(session)).shares == 0
