"""The demo’s site, its people and its feeds, pulled for real at a fixed moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from advocacy.config import settings
from advocacy.db.session import Transactions
from advocacy.demo.company import demo_sources, set_up
from advocacy.demo.site import DemoSite
from advocacy.queue.intake import pull_source
from tests.makers import NOW

Begin = Callable[[Transactions], Transactions]


@pytest.fixture
def company_site() -> Iterator[DemoSite]:
    """News site of the company, at its first moment."""
    with DemoSite(since=NOW, clock=lambda: NOW) as site:
        yield site


@pytest.fixture
def company(transactions: Transactions, company_site: DemoSite) -> Transactions:
    """Database in which the company stands, with nothing pulled yet."""
    set_up(transactions, site_url=company_site.url, now=NOW)
    return transactions


@pytest.fixture
def begin(company_site: DemoSite, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Set the company up in a database, and pull both of its feeds."""
    monkeypatch.setenv("ADVOCACY_FETCH_ALLOW", "127.0.0.0/8")
    settings.cache_clear()

    def _begin(transactions: Transactions) -> Transactions:
        set_up(transactions, site_url=company_site.url, now=NOW)
        with transactions() as session:
            ids = [source.id for source in demo_sources(session)]
        for source_id in ids:
            assert pull_source(transactions, source_id, now=NOW).result == "new"
        return transactions

    return _begin


@pytest.fixture
def pulled(transactions: Transactions, begin: Begin) -> Transactions:
    """Database of the company after the first pull of both feeds."""
    return begin(transactions)
