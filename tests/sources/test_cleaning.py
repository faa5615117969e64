from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.sources import cleaning

BASE = "https://www.waterland-techniek.example/nieuws/een/"


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>Een</p><p>twee</p>", "Een twee"),
        ("R&D update: pumps < 5 kW", "R&D update: pumps < 5 kW"),
        ("Q&amp;A", "Q&A"),
        ("<b>Dik</b>gedrukt", "Dikgedrukt"),
        ("a<script>alert(1)</script>b", "ab"),
        ("<style>p{}</style>Tekst", "Tekst"),
        ('<a href="/x">Lees', "Lees"),
        ('Kort <a href="https://www.x', "Kort"),
        ("&lt;script&gt;", "<script>"),
        ("a\u202eb\u200bc\x00d\n\te", "abc d e"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("cafe\u0301", "café"),
    ],
)
def test_only_words_are_left_of_markup(markup: str, words: str) -> None:
    """They are escaped again wherever they are shown."""
    assert cleaning.plain(markup) == words


@given(st.text(), st.integers(2, 60))
def test_a_cut_text_fits(text: str, length_max: int) -> None:
    """Whatever is in it."""
    assert len(cleaning.shorten(text, length_max)) <= length_max


def test_a_text_is_cut_between_words() -> None:
    """With a sign that there was more."""
    assert cleaning.shorten("een twee drie vier", 12) == "een twee…"


def test_a_family_is_not_torn_apart() -> None:
    """One emoji can be many characters."""
    family = "👨‍👩‍👧‍👦"

    assert cleaning.shorten(family * 5, 2 * len(family) + 3) == family * 2 + "…"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """What is stored can be cleaned again without becoming another text."""
    once = cleaning.tidy(text)

    assert cleaning.tidy(once) == once


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("redactie@x.example (Redactie Waterland)", "Redactie Waterland"),
        ("Noor de Wit (noor@x.example)", "Noor de Wit"),
        ("Noor de Wit <noor@x.example>", "Noor de Wit"),
        ("noor@x.example", ""),
        ("Noor de Wit", "Noor de Wit"),
        ("<script>1</script>", ""),
    ],
)
def test_an_author_is_a_name_without_a_mail_address(text: str, name: str) -> None:
    """Nobody asked the author to publish it."""
    assert cleaning.author(text) == name


def test_categories_are_told_apart_by_their_words_alone() -> None:
    """R&D and r&amp;d are one; empty ones are none."""
    found = cleaning.categories(["R&amp;D", "r&d", " ", "<b>Nieuws</b>"])

    assert found == ("R&D", "Nieuws")


@pytest.mark.parametrize(
    ("text", "language"),
    [("nl-NL", "nl"), ("EN", "en"), ("en_US", "en"), ("", None), ("?", None)],
)
def test_a_language_is_its_first_part(text: str, language: str | None) -> None:
    """The queue speaks of nl and en."""
    assert cleaning.language(text) == language


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "", "//", "https://a@b.example"]
)
def test_a_link_that_is_no_web_address_is_none(text: str) -> None:
    """The entry falls back on its next link, or is left out."""
    assert cleaning.link(text, base="") is None


@pytest.mark.parametrize(
    "address",
    [
        "http://www.example.com/a/",
        "https://www.example.com/a",
        "https://www.example.com/a/?utm_source=rss&fbclid=1",
        "https://WWW.example.com:443/a#top",
        "https://www.example.com/a;jsessionid=12AB/?PHPSESSID=9",
    ],
)
def test_addresses_of_one_page_have_one_canonical_form(address: str) -> None:
    """So an article that comes by two ways is one item."""
    link = cleaning.link(address, base=BASE)

    assert link is not None
    assert cleaning.canonical(link) == "https://www.example.com/a"


def test_parameters_that_choose_the_page_stay() -> None:
    """Over-eager cleaning would lead everybody to another page."""
    link = cleaning.link("https://a.example/?p=33&ref=7&id=", base=BASE)

    assert link is not None
    assert cleaning.canonical(link) == "https://a.example/?p=33&ref=7&id="


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x.png", "http://localhost/x.png", "http://[::1]/x.png"],
)
def test_a_picture_inside_a_private_network_is_none(address: str) -> None:
    """Employees' browsers would ask their own machine."""
    assert cleaning.image(address, base=BASE) is None


def test_an_intranet_shows_its_own_pictures_and_no_others() -> None:
    """The host that answered may be inside; what its feed names elsewhere may not."""
    home = "http://10.1.2.3:8080/feed/"

    assert (
        cleaning.image("/a.png", base=home, home=home) == "http://10.1.2.3:8080/a.png"
    )
    assert cleaning.image("http://10.1.2.4/a.png", base=home, home=home) is None
    assert cleaning.image("http://printer.localhost/", base=home, home=home) is None


@given(st.text(alphabet="ht:/ps?&=utm_source#éa\\@[]% \n"))
def test_any_text_is_a_link_or_none(text: str) -> None:
    """And a link stays the same when it is read again."""
    link = cleaning.link(text, base=BASE)

    assert link is None or cleaning.link(str(link), base="") == link
