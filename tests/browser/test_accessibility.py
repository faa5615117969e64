"""Every page, for everybody: measured by axe, walked with a keyboard, on a phone."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from advocacy.demo.company import COMMS, EMPLOYEE
from tests.browser.browsing import DESK, PHONE, Company
from tests.browser.places import PLACES, Place, first_offer

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
TOUCH_MIN = 44  # CSS pixels
SMALL_BY_NATURE = "a:not(.button):not(nav a):not(.chips a)"  # links inside sentences


def _violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:150]}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_meets_wcag_in_both_schemes(company: Company, place: Place) -> None:
    """Light at a desk, dark on a phone: no violation that a machine can find."""
    looks: tuple[tuple[Literal["light", "dark"], tuple[int, int]], ...] = (
        ("light", DESK),
        ("dark", PHONE),
    )
    # Without motion: colours that are still fading have no contrast of their own.
    page = company.visitor(place.who, reduced_motion="reduce")
    place.reach(page, company.house)
    page.wait_for_load_state("networkidle")
    for scheme, (width, height) in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})

        assert _violations(page) == [], (place, scheme)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_fits_the_smallest_phone(company: Company, place: Place) -> None:
    """Nobody should have to scroll sideways (WCAG 1.4.10)."""
    page = company.visitor(place.who, size=(320, 700))
    place.reach(page, company.house)
    page.wait_for_load_state("networkidle")  # a click does not wait for the styles

    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )

    assert wider <= 0


def test_what_is_pressed_on_a_phone_is_large_enough(company: Company) -> None:
    """A thumb is wider than a mouse."""
    for who, path in (
        (EMPLOYEE, "/"),
        (COMMS, "/desk/queue"),
        (EMPLOYEE, "/preferences"),
    ):
        page = company.visitor(who, size=PHONE, touch=True)
        page.goto(path)

        small = page.evaluate(
            """([least, free]) => [...document.querySelectorAll(
                 "main button, main a, main select, main input:not([type=hidden])")]
               .filter(e => !e.matches(free) && e.offsetParent)
               .map(e => [e, (e.closest("label") ?? e).getBoundingClientRect()])
               .filter(([, box]) => box.height < least - 0.5)
               .map(([e, box]) => `${box.height} ${e.outerHTML.slice(0, 120)}`)""",
            [TOUCH_MIN, SMALL_BY_NATURE],
        )

        assert small == []


def test_a_story_is_shared_with_the_keyboard_alone(company: Company) -> None:
    """From the skip link to the thanks, with the focus to be seen all the way."""
    page = company.visitor(EMPLOYEE)
    first_offer(page, company.house)

    page.keyboard.press("Tab")
    assert "skip" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    _tab_to(page, "main form button.big")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share/*")
    _tab_to(page, "form[action$='/confirm'] button")
    page.keyboard.press("Enter")

    page.wait_for_url("**/shares")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """selector => {
                 const e = document.activeElement, style = getComputedStyle(e);
                 return [e.matches(selector), parseFloat(style.outlineWidth) || 0,
                         style.outlineStyle, e.outerHTML.slice(0, 120)];
               }""",
            selector,
        )
        assert focus[1] >= 2, focus
        assert focus[2] != "none", focus
        if focus[0]:
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_who_wants_no_motion_gets_none(company: Company) -> None:
    """Moving things make some people ill."""
    page = company.visitor(EMPLOYEE, reduced_motion="reduce")
    page.goto("/")

    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(e => {
             const s = getComputedStyle(e);
             return [s.transitionDuration, s.animationDuration].some(
               d => d.split(",").some(one => parseFloat(one) > 0.01));
           }).map(e => e.outerHTML.slice(0, 80))"""
    )

    assert moving == []
