"""Every page of the product, and how a person gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import select

from advocacy.demo.company import ADMIN, COMMS, EMPLOYEE
from advocacy.links.models import ShareLink
from tests.browser.demo_house import DemoHouse

BAD_ROSTER = b"email,name,role\nnew@waterland-techniek.example,Nynke Nieuw,boss\n"


@dataclass(frozen=True)
class Place:
    """A page: its name, who goes there, and how."""

    name: str
    who: str  # an address, or empty: nobody is signed in
    reach: Callable[[Page, DemoHouse], object]

    def __str__(self) -> str:
        return self.name


def _at(name: str, who: str, path: str) -> Place:
    return Place(name, who, lambda page, _house: page.goto(path))


def first_offer(page: Page, _house: DemoHouse) -> None:
    """Open the first story on offer."""
    page.goto("/")
    page.locator("article.offer h2 a").first.click()


def share_started(page: Page, house: DemoHouse, network: str = "linkedin") -> None:
    """Share the first story on a network, and stay where the text is taken along."""
    first_offer(page, house)
    page.goto(f"{page.url.partition('?')[0]}?network={network}")
    page.locator("main form button.big").click()
    page.wait_for_url("**/share/*")


def _too_long(page: Page, house: DemoHouse) -> None:
    first_offer(page, house)
    page.goto(f"{page.url.partition('?')[0]}?network=x")
    page.locator("#f-text").fill("Water " * 80)
    page.locator("main form button.big").click()
    page.locator(".error-summary").wait_for()


def _confirmed_from_letter(page: Page, house: DemoHouse) -> None:
    page.goto(house.letter_link(EMPLOYEE))
    page.locator("main form button.big").click()
    page.locator("form[action$='/confirm'] button").click()


def _sign_in_sent(page: Page, _house: DemoHouse) -> None:
    page.goto("/sign-in")
    page.locator("#f-email").fill("nobody@waterland-techniek.example")
    page.locator("main form button").click()


def _sign_in_refused(page: Page, _house: DemoHouse) -> None:
    page.goto("/sign-in")
    page.locator("#f-email").fill("nobody")
    page.locator("main form button").click()


def _first_in_queue(page: Page, state: str) -> None:
    page.goto(f"/desk/queue?state={state}")
    page.locator("article.item h2 a").first.click()


def _roster_report(page: Page, _house: DemoHouse) -> None:
    page.goto("/desk/people")
    page.locator("#f-file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": BAD_ROSTER}
    )
    page.locator("#f-dry_run").check()
    page.locator("form[enctype] button").click()


def _source(page: Page, _house: DemoHouse) -> None:
    page.goto("/desk/sources")
    page.locator("main .list h2 a").first.click()


def _preview(page: Page, _house: DemoHouse) -> None:
    page.goto("/desk/digest")
    page.locator("form[action$='/preview'] button").click()


def _first_mail(page: Page, house: DemoHouse) -> None:
    assert house.letters_left
    page.goto("/dev/mailbox")
    page.locator("main .list a").first.click()


def _gone(page: Page, house: DemoHouse) -> None:
    with house.transactions() as session:
        slug = session.scalars(select(ShareLink.slug)).first()
    page.goto(f"/s/{slug}")


PLACES: tuple[Place, ...] = (
    _at("sign in", "", "/sign-in"),
    Place("sign in, not an address", "", _sign_in_refused),
    Place("sign in, link sent", "", _sign_in_sent),
    Place(
        "sign in, press to confirm",
        "",
        lambda page, house: page.goto(house.sign_in_link(EMPLOYEE)),
    ),
    _at("sign in, link used", "", "/sign-in/long-gone"),
    _at("unknown share link", "", "/s/aaaaaaaa"),
    _at("offers", EMPLOYEE, "/"),
    Place("share", EMPLOYEE, first_offer),
    Place("share, too long", EMPLOYEE, _too_long),
    Place("share started, LinkedIn", EMPLOYEE, share_started),
    Place(
        "share started, Mastodon",
        EMPLOYEE,
        lambda page, house: share_started(page, house, "mastodon"),
    ),
    _at("my shares", EMPLOYEE, "/shares"),
    _at("preferences", EMPLOYEE, "/preferences"),
    _at("no such page", EMPLOYEE, "/nowhere"),
    _at("not for you", EMPLOYEE, "/desk/queue"),
    _at("queue", COMMS, "/desk/queue"),
    _at("queue, approved", COMMS, "/desk/queue?state=approved"),
    _at("queue, rejected", COMMS, "/desk/queue?state=rejected"),
    Place("item, pending", COMMS, lambda page, _: _first_in_queue(page, "pending")),
    Place("item, approved", COMMS, lambda page, _: _first_in_queue(page, "approved")),
    _at("weekly mail", COMMS, "/desk/digest"),
    Place("weekly mail, preview", COMMS, _preview),
    _at("statistics", COMMS, "/desk/stats"),
    _at("statistics by group", COMMS, "/desk/stats?by=group"),
    _at("sources", COMMS, "/desk/sources"),
    Place("source", COMMS, _source),
    _at("people", ADMIN, "/desk/people"),
    Place("people, import tried", ADMIN, _roster_report),
    Place(
        "from the letter",
        "",
        lambda page, house: page.goto(house.letter_link(EMPLOYEE)),
    ),
    Place("from the letter, thanked", "", _confirmed_from_letter),
    Place(
        "leave the letter",
        "",
        lambda page, house: page.goto(house.leave_link(EMPLOYEE)),
    ),
    _at("mailbox", "", "/dev/mailbox"),
    Place("mail", "", _first_mail),
)
