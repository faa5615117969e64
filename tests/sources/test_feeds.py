from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Answer
from advocacy.sources import feeds
from advocacy.sources.entries import ENTRIES_MAX, Entry, Pulled, Validators
from tests.sites import rss, rss_item

SAMPLES = Path(__file__).parent.parent / "samples"
FEED = "https://www.waterland-techniek.example/feed/"
EXPECTED = json.loads((SAMPLES / "feeds" / "expected.json").read_text("utf-8"))
REAL = sorted(EXPECTED["feeds"])


def read(body: bytes, content_type: str = "") -> Pulled:
    """Read a body as if it came from the company's own site."""
    answer = Answer(200, FEED, {"content-type": content_type}, body)
    return feeds.read(answer, url=FEED, validators=Validators())


def entries(body: bytes) -> list[Entry]:
    """Read the entries of a body."""
    return list(read(body).entries or ())


def hostile(name: str) -> bytes:
    """Give a hostile document."""
    return (SAMPLES / "hostile" / name).read_bytes().replace(b"{PORT}", b"9")


def _real() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in REAL:
        for item in EXPECTED["feeds"][name]:
            yield name, item


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("name", REAL)
def test_feeds_of_real_systems_are_read_as_their_makers_meant_them(name: str) -> None:
    """WordPress, Hugo, Jekyll and the others, each with its own slips."""
    body = (SAMPLES / "feeds" / f"{name}.body").read_bytes()
    found = {entry.url: entry for entry in entries(body)}
    wanted = EXPECTED["feeds"][name]

    assert set(found) == {item["link"] for item in wanted}
    for item in wanted:
        entry = found[item["link"]]
        assert entry.title == item["title"] or not item["title"]
        assert entry.title
        assert entry.guid == (item["id"] or "")
        assert entry.published_at == _moment(item["published"])
        assert entry.updated_at == _moment(item["updated"])
        assert entry.author == (item["author"] or "")
        assert set(entry.categories) == set(item["categories"])
        assert item["summary_contains"] in entry.summary
        if item["image"]:
            assert entry.image_url == item["image"]
        assert entry.image_url != item.get("image_must_not_be", "")


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("trunc-item.xml", ["Bericht 1", "Bericht 2"]),
        ("trunc-cdata.xml", ["Bericht 1"]),
        ("control-chars.xml", ["Voorna", "Bericht 2"]),
        ("charref-nul.xml", ["Nulref 😀", "Bericht 2"]),
        ("lead-php-warning.xml", ["Bericht 1", "Bericht 2"]),
        ("two-roots.xml", ["Bericht 1", "Bericht 2"]),
        ("undefined-prefix.xml", ["Bericht 1", "Bericht 2"]),
        ("html-entities.xml", ["Café € 5 ’t Veerhuis"]),
        ("nested-cdata.xml", ["A ]]> B"]),
        ("upper-tags.xml", ["Bericht 1", "Bericht 2"]),
        ("rss-ns.xml", ["Bericht 1", "Bericht 2"]),
        ("atom03.xml", ["Café"]),
        ("xinclude.xml", ["Bericht 1"]),
        ("feed-as-text.txt", ["Bericht 1", "Bericht 2"]),
        ("feed-as-html.xml", ["Bericht 1", "Bericht 2"]),
        ("item-twice.xml", ["Bericht 1"]),
        ("guid-dup.xml", ["Bericht 1", "Bericht 2", "Bericht 3"]),
        ("guid-case.xml", ["Bericht 1", "Bericht 2"]),
        ("double-escaped.xml", ["R&D <5 kW"]),
        ("no-id-no-link.xml", []),
        (
            "raw-ampersand.xml",
            ["Pompen & kleppen", "Dijk & sluis", "Bericht 3", "R&D < 5 kW"],
        ),
    ],
)
def test_a_damaged_feed_gives_what_is_whole_in_it(name: str, titles: list[str]) -> None:
    """Comms should not miss news because a generator forgot to escape a sign."""
    assert [entry.title for entry in entries(hostile(name))] == titles


@pytest.mark.parametrize(
    "name",
    [
        "cs-decl-utf8-body-1252.xml",
        "cs-bom-decl-latin1.xml",
        "cs-utf16le-bom.xml",
        "cs-utf16be-nodecl.xml",
        "cs-decl-utf16-body-utf8.xml",
        "cs-unknown.xml",
    ],
)
def test_letters_are_right_whatever_the_declaration_says(name: str) -> None:
    """The bytes know better."""
    pulled = read(hostile(name), "application/rss+xml; charset=utf-8")

    assert [entry.title for entry in pulled.entries or ()] == [
        "Café ’t Veerhuis déjà vu €"
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("trunc-head.xml", FailureKind.BROKEN_XML),
        ("empty.xml", FailureKind.EMPTY),
        ("blank.xml", FailureKind.EMPTY),
        ("quadratic.xml", FailureKind.BROKEN_XML),
        ("entity-loop.xml", FailureKind.BROKEN_XML),
        ("xxe-param.xml", FailureKind.BROKEN_XML),
        ("xxe-utf16.xml", FailureKind.BROKEN_XML),
        ("html-page.html", FailureKind.HTML),
        ("html-as-rss.xml", FailureKind.HTML),
        ("json-error-200.json", FailureKind.NOT_A_FEED),
        ("sitemap.xml", FailureKind.SITEMAP),
        ("plain.txt", FailureKind.NOT_A_FEED),
        ("pdf.xml", FailureKind.NOT_A_FEED),
    ],
)
def test_what_is_no_feed_is_named(name: str, kind: FailureKind) -> None:
    """Nothing that was there before is lost, and comms learn what to do."""
    with pytest.raises(FetchFailed) as caught:
        read(hostile(name))

    assert caught.value.kind is kind


@pytest.mark.parametrize(
    "path", sorted((SAMPLES / "hostile").iterdir()), ids=lambda path: path.name
)
def test_no_hostile_feed_brings_anything_but_text_and_web_links(path: Path) -> None:
    """Titles, names and summaries are words; links go to web pages."""
    try:
        found = entries(hostile(path.name))
    except FetchFailed:
        return

    for entry in found:
        assert entry.title
        assert entry.url.startswith(("http://", "https://"))
        assert "@" not in entry.url.split("/")[2]
        assert (entry.image_url or "https://").startswith(("http://", "https://"))
        assert "127.0.0.1" not in (entry.image_url or "")
        words = f"{entry.title}{entry.summary}{entry.author}{entry.categories}"
        assert "<script" not in words.lower()
        assert "<img" not in words.lower()
        assert "\x00" not in words


def test_markup_nested_very_deeply_is_survived() -> None:
    """A hundred thousand levels would end a parser that calls itself."""
    deep = "<b>" * 50_000 + "x" + "</b>" * 50_000

    found = entries(rss(rss_item(1, description=f"<![CDATA[{deep}]]>")))

    assert [entry.title for entry in found] == ["Bericht 1"]


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        (
            "link-tracking.xml",
            [
                "https://www.waterland-techniek.example/n/1?id=7",
                "https://www.waterland-techniek.example/n/2?source=archief&ref=7",
            ],
        ),
        ("feedburner.xml", ["https://www.waterland-techniek.example/n/1"]),
        (
            "xml-base.xml",
            ["https://www.waterland-techniek.example/basis/nieuws/2026/een"],
        ),
        (
            "link-userinfo.xml",
            [f"https://www.waterland-techniek.example/n/{n}" for n in (1, 2, 3, 4)],
        ),
    ],
)
def test_links_lead_to_the_page_and_nowhere_else(name: str, urls: list[str]) -> None:
    """Without trackers, detours, passwords or tricks with the base."""
    assert [entry.url for entry in entries(hostile(name))] == urls


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("media-group.xml", "https://www.waterland-techniek.example/groot.jpg"),
        ("image-tracker.xml", "https://www.waterland-techniek.example/img/echt.jpg"),
        (
            "xml-base.xml",
            "https://www.waterland-techniek.example/basis/nieuws/2026/img/a.png",
        ),
        ("image-svg.xml", None),
        ("xss-fields.xml", None),
    ],
)
def test_the_picture_is_the_largest_that_is_one(name: str, image: str | None) -> None:
    """No pixel that counts readers, no drawing that can carry a script."""
    assert [entry.image_url for entry in entries(hostile(name))] == [image]


def test_an_article_comes_before_the_recording_of_it() -> None:
    """Atom without rel: feedparser takes the last link, here the sound."""
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>
      <id>tag:x,2026:1</id><link href="https://x.example/a"/>
      <link href="https://x.example/a.mp3"/></entry></feed>"""

    assert [entry.url for entry in entries(body)] == ["https://x.example/a"]


def test_an_entry_without_title_is_named_by_its_first_words() -> None:
    """Short notes have none."""
    body = rss(rss_item(1, title="", description="Vandaag gesloten. " * 20))

    (entry,) = entries(body)

    assert entry.title.startswith("Vandaag gesloten.")
    assert len(entry.title) <= feeds.TITLE_FROM_TEXT_MAX


def test_an_entry_without_link_or_words_is_left_out() -> None:
    """It could be neither shared nor judged."""
    body = rss(
        rss_item(1, link="", guid="no-address"),
        rss_item(2, title="", description=""),
        rss_item(3),
    )

    assert [entry.title for entry in entries(body)] == ["Bericht 3"]


def test_an_identity_does_not_change_when_the_feed_moves() -> None:
    """A guid is no address: feedparser would join it to the feed's."""
    body = rss(rss_item(1, guid="bericht-1"))
    elsewhere = Answer(200, "https://elsewhere.example/new/feed", {}, body)

    moved = feeds.read(elsewhere, url=elsewhere.url, validators=Validators())

    assert entries(body)[0].identity == "bericht-1"
    assert [entry.identity for entry in moved.entries or ()] == ["bericht-1"]


def test_a_feed_with_very_many_entries_is_cut() -> None:
    """The first ones, as the source orders them."""
    body = rss(*(rss_item(number) for number in range(ENTRIES_MAX + 50)))

    assert len(entries(body)) == ENTRIES_MAX


def test_the_feeds_own_title_language_and_ttl_are_told() -> None:
    """The source takes its name over, and asks no sooner than it should."""
    pulled = read(rss(rss_item(), channel="<language>nl-NL</language><ttl>90</ttl>"))

    assert (pulled.title, pulled.language, pulled.ttl_s) == (
        "Waterland Techniek",
        "nl",
        5400,
    )


def test_an_empty_feed_is_no_failure() -> None:
    """A new site has no news yet."""
    assert entries(rss()) == []


markup = st.lists(
    st.sampled_from(
        [
            *(
                "<rss>",
                "<channel>",
                "<item>",
                "</item>",
                "<title>",
                "</title>",
                "<link>",
            ),
            *(
                "</link>",
                "<guid>",
                "http://a.example/",
                "<![CDATA[",
                "]]>",
                "&#x",
                "&amp",
            ),
            *(
                "&",
                ";",
                "<!--",
                "-->",
                "<feed>",
                "<entry>",
                "<?xml ",
                "?>",
                "<!DOCTYPE ",
            ),
            *(
                "[",
                "]",
                ">",
                '"',
                " xml:base=",
                "\ud800",
                "\x00",
                "é",
                "&#xD800;",
                "99",
            ),
        ]
    )
).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=300)
    | markup.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | markup.map(lambda text: rss(text.encode("utf-8", "replace").decode())),
    content_type=st.text(max_size=40),
)
def test_any_bytes_are_entries_or_a_named_failure(
    body: bytes, content_type: str
) -> None:
    """Whatever somebody's server sends, nothing else comes out of it."""
    try:
        pulled = read(body, content_type)
    except FetchFailed as failure:
        assert failure.kind in FailureKind  # noqa: PT017 - either is right
        return

    for entry in pulled.entries or ():
        assert entry.title
        assert entry.identity
        entry.title.encode()
        entry.summary.encode()
        entry.url.encode("ascii")
