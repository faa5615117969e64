from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.sources.adapters import AUTO, discover
from advocacy.sources.discovery import feeds_in
from advocacy.sources.entries import Validators
from tests.sites import Reply, Site, getter, rss, rss_item

SAMPLES = Path(__file__).parent.parent / "samples" / "feeds"
PAGES = json.loads((SAMPLES / "expected.json").read_text("utf-8"))["autodiscovery"]
HOME = "https://www.waterland-techniek.example/"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_feeds_of_real_home_pages_are_found(name: str) -> None:
    """As their generators announce them."""
    page = (SAMPLES / f"{name}.body").read_text("utf-8")

    assert set(feeds_in(page, url=HOME)) == set(PAGES[name])


def test_the_feed_of_comments_comes_last() -> None:
    """WordPress names both, and comments are no news of the company."""
    page = (SAMPLES / "wordpress.home.html.body").read_text("utf-8")

    assert feeds_in(page, url=HOME)[0] == f"{HOME}feed/"


@given(st.text(alphabet='<link rel="alternate" type=application/rss+xml href=x>\n'))
def test_any_page_names_feeds_or_none(page: str) -> None:
    """Never an exception."""
    assert isinstance(feeds_in(page, url=HOME), list)


def test_a_page_leads_to_its_feed_for_good() -> None:
    """The next pull asks the feed itself."""
    link = b'<html><link rel="alternate" type="application/rss+xml" href="/rss">'
    with Site() as site:
        site.pages["/"] = Reply(link)
        site.pages["/rss"] = Reply(rss(rss_item()))

        pulled = discover(site.url("/"), Validators(), getter())

    assert (pulled.url, pulled.kind) == (site.url("/rss"), "feed")
    assert [entry.title for entry in pulled.entries or ()] == ["Bericht 1"]


def test_a_feed_is_recognised_as_one() -> None:
    """Most people paste the feed's own address."""
    with Site() as site:
        site.pages["/feed/"] = Reply(rss(rss_item()))

        pulled = discover(site.url(), Validators(), getter())

    assert (pulled.url, pulled.kind) == (site.url(), "feed")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><body>Hello", FailureKind.HTML),
        (b"just words", FailureKind.NOT_A_FEED),
        (b'<html><link rel=alternate type=application/rss+xml href="/">', "html"),
    ],
)
def test_an_address_that_leads_to_no_feed_is_explained(
    body: bytes, kind: FailureKind
) -> None:
    """A page that names itself as its feed included."""
    with Site() as site:
        site.pages["/"] = Reply(body)

        with pytest.raises(FetchFailed) as caught:
            discover(site.url("/"), Validators(), getter())

    assert caught.value.kind == kind
    assert AUTO == "auto"
