"""People on their way through the demo, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from advocacy.demo.company import ADMIN, COMMS, EMPLOYEE
from tests.browser.browsing import PHONE, Company
from tests.browser.places import BAD_ROSTER, first_offer, share_started

LINK = re.compile(r"http://localhost:\d+/s/\w{8}")
OTHER = "daan.hofman@waterland-techniek.example"


def test_comms_approves_this_weeks_story(company: Company) -> None:
    """One press, a word of thanks, and it is no longer waiting."""
    page = company.visitor(COMMS)
    page.goto("/desk/queue")
    title = page.locator("article.item h2").first.inner_text()

    page.locator("form[action$='/approve-as-is'] button").first.click()

    expect(page.locator("[role=status]").first).to_contain_text(title)
    expect(page.locator("article.item h2", has_text=title)).to_have_count(0)


def test_a_text_that_is_too_long_is_told_at_once_and_kept(company: Company) -> None:
    """While typing, and again when it is sent; nothing that was typed is lost."""
    page = company.visitor(COMMS)
    page.goto("/desk/queue")
    page.locator("article.item h2 a").first.click()
    words = "Water is everybody's business. " * 12

    page.locator("#f-text_x").fill(words)
    expect(page.locator("#count-x .over")).to_be_visible()
    page.locator("form[action$='/approve'] button.big").click()

    expect(page.locator("#e-text_x")).to_be_visible()
    assert page.locator("#f-text_x").input_value().strip() == words.strip()


def test_text_and_link_are_on_the_clipboard_and_the_network_opens(
    company: Company,
) -> None:
    """LinkedIn takes the link alone, so the text goes along by the clipboard."""
    page = company.visitor(EMPLOYEE)
    page.context.grant_permissions(
        ["clipboard-read", "clipboard-write"], origin=company.house.base
    )
    share_started(page, company.house)
    shown = page.locator("[data-share-text]").input_value()

    with page.expect_popup() as popup:
        page.locator("[data-copy-and-open]").click()

    assert popup.value.url.startswith("https://www.linkedin.com/sharing/share-offsite/")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == shown
    assert LINK.search(copied)
    page.locator("form[action$='/confirm'] button").click()
    expect(page.locator("main .badge.ok").first).to_be_visible()


def test_own_words_bring_up_the_five_questions(company: Company) -> None:
    """And only own words: the suggested text needs none."""
    page = company.visitor(EMPLOYEE)
    first_offer(page, company.house)
    questions = page.locator("#f-answers")
    expect(questions).to_be_hidden()

    page.locator("#f-text").fill("Trots op mijn collega's!")

    expect(questions).to_be_visible()
    page.locator("main form button.big").click()
    expect(page.locator("#e-answers")).to_be_visible()
    for box in page.locator("input[name=answers]").all():
        box.check()
    page.locator("main form button.big").click()
    expect(page.locator("[data-share-text]")).to_have_value(
        re.compile("Trots op mijn collega's!")
    )


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_story_is_shared_from_the_mail_on_a_phone(
    company: Company, *, script: bool
) -> None:
    """Without signing in, and without anything else being open."""
    page = company.visitor(size=PHONE, touch=True, script=script)

    page.goto(company.house.letter_link(OTHER))
    page.locator("main form button.big").click()
    assert LINK.search(page.locator("[data-share-text]").input_value())
    page.locator("form[action$='/confirm'] button").click()

    expect(page.locator("h1")).to_be_visible()
    page.goto("/")
    assert "/sign-in" in page.url


def test_the_mail_is_stopped_in_one_press(company: Company) -> None:
    """And turned on again under preferences."""
    page = company.visitor(OTHER)
    page.goto(company.house.leave_link(OTHER))
    page.locator("main form button").click()

    page.goto("/preferences")
    expect(page.locator("#f-wants_digest")).not_to_be_checked()
    page.locator("#f-wants_digest").check()
    page.locator("form[action='/preferences'] button").last.click()
    expect(page.locator("#f-wants_digest")).to_be_checked()


def test_a_story_that_is_not_for_me_goes(company: Company) -> None:
    """Without a question."""
    page = company.visitor(OTHER)
    page.goto("/")
    title = page.locator("article.offer h2").first.inner_text()

    page.locator("form[action$='/set-aside'] button").first.click()

    expect(page.locator("article.offer h2", has_text=title)).to_have_count(0)


def test_the_language_is_changed_and_kept(company: Company) -> None:
    """Dutch and English, on every page."""
    page = company.visitor(OTHER)
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "nl")

    page.locator("button[name=language][value=en]").click()
    expect(page.locator("h1")).to_have_text("News to be proud of")
    page.goto("/preferences")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("button[name=language][value=nl]").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")


def test_a_broken_row_is_named_and_the_others_are_in(company: Company) -> None:
    """A row with a role that does not exist."""
    page = company.visitor(ADMIN)
    page.goto("/desk/people")
    good = b"good@waterland-techniek.example,Goed Voorbeeld,employee\n"
    page.locator("#f-file").set_input_files(
        {"name": "p.csv", "mimeType": "text/csv", "buffer": BAD_ROSTER + good}
    )
    page.locator("form[enctype] button").click()

    expect(page.locator("#report-head")).to_be_visible()
    expect(page.get_by_text("boss")).to_be_visible()
    page.goto("/desk/people?q=goed")
    expect(page.get_by_text("Goed Voorbeeld")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "nonsense"),
        ("https://feed.waterland.invalid/", "feed.waterland.invalid"),
    ],
)
def test_a_source_that_cannot_be_read_is_told_in_one_sentence(
    company: Company, address: str, words: str
) -> None:
    """At the field when it is no address; on its page when it does not answer."""
    page = company.visitor(COMMS)
    page.goto("/desk/sources")
    page.locator("#f-url").fill(address)
    page.locator("form[action='/desk/sources'] button").click()

    if address == "nonsense":
        expect(page.locator("#e-url")).to_contain_text(words)
        expect(page.locator("#f-url")).to_have_value(address)
        return
    _reload_until(page, "main .flash.error, main .field-error, main .small", words)


def _reload_until(page: Page, selector: str, words: str) -> None:
    for _ in range(60):
        if page.locator("main").inner_text().count(words) > 1:
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"nothing about {words} at {selector}")


def test_the_directory_says_nothing_of_what_people_do(company: Company) -> None:
    """Nobody is listed for sharing, or for not sharing."""
    page = company.visitor(ADMIN)
    page.goto("/desk/people")

    heads = page.locator("main th[scope=col]").all_inner_texts()

    assert len(heads) == 5
