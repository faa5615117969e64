"""A person with a browser: signed in or not, on a phone or at a desk.

Whatever page they are on, an error in its console or an uncaught script error is
noted, and fails the test in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    Route,
    WebError,
    sync_playwright,
)

from tests.browser.demo_house import DemoHouse

DESK = (1280, 900)  # CSS pixels
PHONE = (390, 844)
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
REFUSED = 400  # HTTP status from which a page is an error page


@contextmanager
def browser(executable: Path) -> Iterator[Browser]:
    """Run a browser that reaches this machine alone."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@dataclass
class Company:
    """The demo company, and the browsers of those who visit it."""

    house: DemoHouse
    browser: Browser
    troubles: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    error_pages: set[str] = field(default_factory=set)

    def visitor(
        self,
        email: str = "",
        *,
        size: tuple[int, int] = DESK,
        touch: bool = False,
        script: bool = True,
        language: str = "nl-NL",
        scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce"] | None = None,
    ) -> Page:
        """Open a browser of somebody's own, signed in where an address is given."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=touch,
            is_mobile=touch,
            java_script_enabled=script,
            locale=language,
            color_scheme=scheme,
            reduced_motion=reduced_motion,
            base_url=self.house.base,
        )
        context.set_default_timeout(20_000)  # ms; the machine may be busy
        self.contexts.append(context)
        context.on("console", self._note_console)
        context.on("weberror", self._note_script_error)
        context.on("response", self._note_error_page)
        context.route("https://**/*", _elsewhere)
        page = context.new_page()
        if email:
            page.goto(self.house.sign_in_link(email))
            page.locator("main form button").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def close(self) -> None:
        """Close every browser window."""
        for context in self.contexts:
            context.close()

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        where = message.location["url"]
        if message.text.startswith("Failed to load resource") and (
            where in self.error_pages
        ):
            return  # an error page is an answer, too
        self.troubles.append(f"{where}: {message.text}")

    def _note_script_error(self, error: WebError) -> None:
        self.troubles.append(f"{error.page and error.page.url}: {error.error}")

    def _note_error_page(self, response: Response) -> None:
        if response.status >= REFUSED and response.request.is_navigation_request():
            self.error_pages.add(response.url)


def _elsewhere(route: Route) -> None:
    """Answer for other people's networks: a page with nothing on it."""
    name = urlsplit(route.request.url).hostname
    route.fulfill(
        content_type="text/html", body=f"<!doctype html><title>{name}</title>"
    )
