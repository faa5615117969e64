from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twitter_text import parse_tweet

from advocacy.offers.counting import length
from advocacy.offers.networks import NETWORKS, Capability, Measure, Network
from advocacy.offers.wording import fit, suggest, with_link

URL = "https://go.example.com/s/abcd2345"
LINK = len(URL)
X, LINKEDIN, BLUESKY = NETWORKS["x"], NETWORKS["linkedin"], NETWORKS["bluesky"]

# Narrow on purpose: a generated text is rarely long enough for a real network.
narrow = st.builds(
    Network,
    key=st.just("narrow"),
    label=st.just("Narrow"),
    length_max=st.integers(55, 110),
    measure=st.sampled_from(Measure),
    capability=st.sampled_from(Capability),
    advice=st.just(""),
    link_length=st.none() | st.integers(5, 30),
    bytes_max=st.none() | st.integers(60, 120),
)
words = st.text(max_size=12) | st.sampled_from(
    [
        "Sluis",
        "bijv.",
        "open!",
        "https://www.example.com/nieuws",
        "👨‍👩‍👧‍👦",
        "日本",
        "\n\n",
    ]
)
texts = st.text(max_size=80) | st.lists(words, max_size=25).map(" ".join)
languages = st.sampled_from(["nl", "en", "nl-BE", "fy", ""])


@given(text=texts, network=narrow, language=languages)
@example("https://e.co/x " * 9, X, "nl")
@example("👨‍👩‍👧‍👦" * 400, BLUESKY, "nl")
def test_a_post_fits_its_network_and_keeps_its_link(
    text: str, network: Network, language: str
) -> None:
    """Whatever comms write, the post can be sent."""
    post = fit(text, network=network, language=language, link_length=LINK)

    assert length(post, network, LINK).fits
    assert URL in with_link(post, URL, network)


@given(title=texts, summary=texts, network=narrow, language=languages)
def test_a_suggested_post_fits_its_network(
    title: str, summary: str, network: Network, language: str
) -> None:
    """One press offers an item on seven networks; none of them may refuse it."""
    post = suggest(title, summary, network=network, language=language, link_length=LINK)

    assert length(post, network, LINK).fits


@given(title=texts, summary=texts)
def test_x_itself_takes_what_we_suggest_for_x(title: str, summary: str) -> None:
    """Our own sums are checked against X's rules, on the whole post."""
    post = suggest(title, summary * 4, network=X, language="nl", link_length=LINK)

    assert parse_tweet(with_link(post, URL, X)).weightedLength <= 280


@given(text=texts, network=narrow)
def test_a_text_that_fits_is_left_alone(text: str, network: Network) -> None:
    """Comms's words are changed only where they must be."""
    once = fit(text, network=network, language="nl", link_length=LINK)

    assert fit(once, network=network, language="nl", link_length=LINK) == once


@given(text=texts, network=st.sampled_from(list(NETWORKS.values())))
def test_a_link_is_added_once(text: str, network: Network) -> None:
    """Who moves the link to another place in the text does not get a second."""
    post = with_link(text, URL, network)

    assert with_link(post, URL, network) == post
    assert post.split().count(URL) == 1


def test_title_and_summary_stand_under_one_another() -> None:
    """With room enough nothing is lost."""
    post = suggest(
        "De sluis draait",
        "Na een jaar bouwen.",
        network=LINKEDIN,
        language="nl",
        link_length=LINK,
    )

    assert post == "De sluis draait\n\nNa een jaar bouwen."


def test_a_summary_that_begins_with_the_title_does_not_repeat_it() -> None:
    """Many feeds put the title in front of the summary again."""
    post = suggest(
        "De sluis draait!",
        "De sluis draait, na een jaar bouwen.",
        network=LINKEDIN,
        language="nl",
        link_length=LINK,
    )

    assert post == "De sluis draait, na een jaar bouwen."


@pytest.mark.parametrize(
    ("title", "summary"), [("De sluis", ""), ("", "De sluis"), ("De sluis", "De sluis")]
)
def test_a_title_or_a_summary_alone_will_do(title: str, summary: str) -> None:
    """Not every source has both."""
    assert (
        suggest(title, summary, network=X, language="nl", link_length=LINK)
        == "De sluis"
    )


def test_whole_sentences_are_kept_as_far_as_they_fit() -> None:
    """A post that stops after a sentence reads as if it was meant so."""
    summary = "Kom bijv. op zaterdag kijken. " + "Er is veel te zien en te doen. " * 9

    post = suggest("Open dag", summary, network=X, language="nl", link_length=LINK)

    assert post.startswith("Open dag\n\nKom bijv. op zaterdag kijken. Er is")
    assert post.endswith("te doen.")
    assert length(post, X, LINK).remaining < 31


def test_an_abbreviation_ends_no_sentence() -> None:
    """`Kom bijv.` is not a sentence that anybody would post."""
    summary = f"Kom met o.a. J. de Wit en bijv. {'heel ' * 60}veel vrienden."

    post = suggest("Open dag", summary, network=X, language="nl", link_length=LINK)

    assert post.endswith("heel…")


def test_the_title_stands_alone_where_the_summary_would_be_a_shred() -> None:
    """Three words and an ellipsis make nobody curious."""
    title = "Waarom onze leerlingen " + "heel " * 40 + "graag bij de sluis werken"

    post = suggest(title, "Een verhaal " * 30, network=X, language="nl", link_length=1)

    assert post == title


def test_a_word_that_is_too_long_is_cut_between_signs() -> None:
    """Half a family is not a family."""
    post = fit("👨‍👩‍👧‍👦" * 400, network=BLUESKY, language="nl", link_length=LINK)

    assert post.removesuffix("…").replace("👨‍👩‍👧‍👦", "") == ""
    assert len(post) > 100


def test_an_address_is_never_cut_in_half() -> None:
    """Half an address leads nowhere, and what touches it becomes part of it."""
    text = "https://www.example.com/een/lang/adres" + " https://e.com/x" * 40

    post = fit(text, network=BLUESKY, language="nl", link_length=LINK)

    assert post.endswith("https://e.com/x …")
    assert (
        fit(
            "https://e.com/" + "x" * 400,
            network=BLUESKY,
            language="nl",
            link_length=LINK,
        )
        == ""
    )
