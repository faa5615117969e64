from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from advocacy.db.session import Transactions
from advocacy.demo.company import ADMIN, COMMS, EMPLOYEE
from advocacy.demo.tour import Stop, tour
from advocacy.i18n import translations
from advocacy.people.sign_in import LinkSpent, link_owner
from tests.makers import NOW

BASE = "http://localhost:8000"


def walk(transactions: Transactions, gettext: Callable[[str], str] = str) -> list[Stop]:
    with transactions() as session:
        return tour(
            session,
            base_url=BASE,
            site_url="http://127.0.0.1:8001",
            now=NOW,
            gettext=gettext,
        )


def tokens(stops: list[Stop]) -> list[str]:
    start = f"{BASE}/sign-in/"
    return [s.url.removeprefix(start) for s in stops if s.url.startswith(start)]


def test_a_tour_lets_the_visitor_in_as_each_role(company: Transactions) -> None:
    """One press each; hours later too, for somebody comes back after lunch."""
    found = tokens(walk(company))

    with company() as session:
        owners = [
            link_owner(session, token, now=NOW + timedelta(hours=11)).email
            for token in found
        ]
    assert owners == [COMMS, EMPLOYEE, ADMIN]


def test_every_stop_says_what_to_try(company: Transactions) -> None:
    """A bare address explains nothing."""
    stops = walk(company)

    assert all(stop.title and stop.hint and stop.url for stop in stops)
    assert f"{BASE}/dev/mailbox" in [stop.url for stop in stops]
    assert "Communications: Femke Bakker" in [stop.title for stop in stops]


def test_the_tenth_start_still_gets_links_and_the_old_ones_end(
    company: Transactions,
) -> None:
    """People have only so many unused links at a time, but demos are restarted."""
    first = tokens(walk(company))
    for _ in range(9):
        last = tokens(walk(company))

    with company() as session:
        assert link_owner(session, last[0], now=NOW).email == COMMS
        with pytest.raises(LinkSpent):
            link_owner(session, first[0], now=NOW)


def test_a_tour_speaks_the_visitors_language(company: Transactions) -> None:
    """What is printed goes through the catalogue, names and all."""
    stops = walk(company, gettext=lambda text: translations("nl").gettext(text))

    assert any("Femke Bakker" in stop.title for stop in stops)
    assert len(stops) == len(walk(company))
