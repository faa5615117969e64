from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twitter_text import parse_tweet

from advocacy.offers.counting import as_sent, length, link_length_of
from advocacy.offers.networks import NETWORKS, Network

FAMILY = "👨‍👩‍👧‍👦"  # four people and three joiners
X, LINKEDIN, BLUESKY = NETWORKS["x"], NETWORKS["linkedin"], NETWORKS["bluesky"]
MASTODON, FACEBOOK, MAIL = NETWORKS["mastodon"], NETWORKS["facebook"], NETWORKS["mail"]

# Letters of which addresses, mentions, emoji and words are made, often.
pieces = st.lists(
    st.sampled_from(
        [
            "a",
            "Sluis ",
            "https://",
            "http://",
            "t.co",
            ".nl",
            "/x",
            " ",
            "\n",
            "@",
            "@jan",
            "#",
            "é",
            "e",
            "\u0301",
            "日",
            "👋",
            "🇳🇱",
            "👨\u200d👩\u200d👧\u200d👦",
            "\u200d",
            "(",
            ")",
            "?q=1&r",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Hello, world! 👋", 16),
        ("cafe\u0301", 4),
        (FAMILY, 2),
        ("https://example.com/" + "a" * 60, 23),
        ("https://example.com/" + "a" * 600, 23),
        ("Kijk op example.com", 8 + 23),
        ("日本語", 6),
        ("één", 3),
    ],
)
def test_x_counts_by_weight(text: str, units: int) -> None:
    """These are the examples on X's own page, and the ones people trip over."""
    assert length(text, X).length == units


@given(text=pieces)
def test_word_by_word_x_counts_the_same_as_in_one_go(text: str) -> None:
    """We split at spaces for safety; the outcome must not show it."""
    sent = as_sent(text)
    assume(all(len(word) <= 128 for word in sent.split()))

    assert length(text, X).length == parse_tweet(sent).weightedLength


@pytest.mark.parametrize("piece", ["a.", "a-", "http://a.", "@a.", "@a@b.", "(a", "a "])
@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda network: network.key)
@pytest.mark.timeout(20)
def test_no_text_keeps_the_counter_busy(piece: str, network: Network) -> None:
    """A search for addresses in `a.a.a.…` once took forty seconds."""
    text = piece * 30_000

    assert not length(text, network).fits or network is FACEBOOK


def test_linkedin_counts_utf16_units() -> None:
    """An emoji takes the room of two letters there, a family that of eleven."""
    assert length("Trots 👋", LINKEDIN).length == 8
    assert length(FAMILY, LINKEDIN).length == 11


def test_bluesky_counts_what_a_reader_calls_a_character() -> None:
    """A family is one picture, however it is made."""
    assert length(FAMILY, BLUESKY).length == 1
    assert length("cafe\u0301", BLUESKY).length == 4


def test_bluesky_has_a_second_limit_in_bytes() -> None:
    """130 families are 130 characters, and 3,250 bytes."""
    count = length(FAMILY * 130, BLUESKY)

    assert count.in_bytes
    assert (count.length, count.limit, count.remaining) == (3_250, 3_000, -250)
    assert not count.fits


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("https://example.com/" + "a" * 60, 23),
        ("https://example.com/" + "a" * 600, 23),
        ("Lees https://example.com/nieuws.", 5 + 23 + 1),
        ("example.com", 11),
        ("Dank @jan@mastodon.example!", len("Dank @jan!")),
        ("Dank @jan@mastodon.example.", len("Dank @jan.")),
        ("mail jan@example.com", 20),
        (FAMILY, 1),
    ],
)
def test_mastodon_shortens_links_and_leaves_hosts_out(text: str, units: int) -> None:
    """A long address or a colleague on another server costs no extra room."""
    assert length(text, MASTODON).length == units


def test_mail_counts_what_stands_in_the_address() -> None:
    """A mailto: address that is too long is cut, and the link with it."""
    assert length("é 1\n2", MAIL).length == len("%C3%A9%201%0D%0A2")


@pytest.mark.parametrize(
    ("key", "room"),
    [
        ("x", 1 + 23),
        ("mastodon", 2 + 23),
        ("bluesky", 2 + 40),
        ("linkedin", 2 + 40),
        ("mail", 12 + 40),
    ],
)
def test_the_share_link_takes_room_too(key: str, room: int) -> None:
    """A text that fits without its link is of no use."""
    network = NETWORKS[key]

    alone = length("Trots", network).length

    assert length("Trots", network, 40).length == alone + room
    assert length("", network, 40).length == (network.link_length or 40)


@given(text=st.text(), network=st.sampled_from(list(NETWORKS.values())))
def test_what_remains_and_what_is_used_make_the_limit(
    text: str, network: Network
) -> None:
    """The counter on the page never contradicts itself."""
    count = length(text, network, 40)

    assert count.length + count.remaining == count.limit
    assert count.fits is (count.remaining >= 0)


def test_a_line_end_counts_once_however_it_was_typed() -> None:
    """Browsers send two signs for one line end in a form."""
    assert length("a\r\nb", LINKEDIN) == length("a\nb", LINKEDIN)


@given(text=st.text(st.characters() | st.sampled_from("\ud83d\r\x0b\x00")))
def test_what_leaves_can_always_be_written_down(text: str) -> None:
    """Half a surrogate pair or a stray control sign breaks forms and mail."""
    sent = as_sent(text)

    sent.encode()
    assert as_sent(sent) == sent
    assert not [
        sign
        for sign in sent
        if unicodedata.category(sign) == "Cc" and sign not in "\t\n"
    ]


def test_a_share_link_is_as_long_as_its_base_and_eleven_more() -> None:
    """`/s/` and a slug of eight."""
    assert link_length_of("https://go.example.com") == len(
        "https://go.example.com/s/abcd2345"
    )
