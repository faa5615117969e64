"""One demo company and one browser for the tests in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Company, browser
from tests.browser.demo_house import DemoHouse, demo_house
from tests.servers import browser_or_skip


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHouse]:
    """Run the demo company once."""
    browser_or_skip()
    with demo_house(tmp_path_factory.mktemp("demo")) as house:
        yield house


# Not for the whole run: while it is open, no other test could run an event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start a real browser."""
    with browser(browser_or_skip()) as started:
        yield started


@pytest.fixture
def company(demo: DemoHouse, chromium: Browser) -> Iterator[Company]:
    """Give visitors their browsers, and fail where a page complained in its console."""
    company = Company(demo, chromium)
    yield company
    company.close()
    assert company.troubles == []
