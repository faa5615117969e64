from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.errors import Invalid
from advocacy.offers.checks import TEXT_MAX, Kind, check_text
from advocacy.offers.counting import length
from advocacy.offers.networks import NETWORKS, UnknownNetwork

LINK = 40


def found(text: str, network: str = "linkedin") -> list[tuple[Kind, str]]:
    """List what was found, with the words it is about."""
    checked = check_text(text, network, "nl", LINK)
    return [(one.kind, text[one.start : one.end]) for one in checked.findings]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("Trots op onze sluis! #techniek", []),
        ("  \n", [(Kind.NO_TEXT, "  \n")]),
        ("Trots  op ons", [(Kind.SPACES, "  ")]),
        ("Trots\n\n  op ons  ", []),
        ("Lees https://e.com/x.", [(Kind.OTHER_LINK, "https://e.com/x")]),
        (
            "Lees http://e.com nu",
            [(Kind.OTHER_LINK, "http://e.com"), (Kind.PLAIN_HTTP, "http://e.com")],
        ),
        ("#a #b #c #d #e", []),
        ("#a #b #c #d #e #f #g", [(Kind.HASHTAGS, "#f #g")]),
        ("Onze #1 van 2026, C# en &#39; #2 #3 #4 #5", []),
        ("Bij de NOS en KLM", []),
        ("KOM ALLEMAAL KIJKEN! Leuk", [(Kind.SHOUTING, "KOM ALLEMAAL KIJKEN")]),
        ("KOM KIJKen", []),
        ("KOM ALLEMAAL KIJKen", []),
    ],
)
def test_only_what_is_certain_is_pointed_out(
    text: str, findings: list[tuple[Kind, str]]
) -> None:
    """A remark that is wrong costs more trust than ten good ones win."""
    assert found(text) == findings


def test_the_part_that_does_not_fit_is_pointed_out() -> None:
    """So that one sees where to cut."""
    text = "a" * 300

    assert found(text, "x") == [(Kind.TOO_LONG, "a" * (300 - 256))]


def test_a_finding_says_what_would_do() -> None:
    """In words that a catalogue can translate."""
    checked = check_text("a" * 300, "x", "nl", LINK)

    said = checked.findings[0].say(str)
    assert said == "This is too long for X by 44, link included."


def test_an_insecure_link_can_be_made_secure_at_once() -> None:
    """One press instead of typing."""
    checked = check_text("HTTP://e.com/a?b", "x", "nl", LINK)

    assert checked.findings[1].suggestions == ("https://e.com/a?b",)


def test_a_text_beyond_every_limit_is_not_looked_at() -> None:
    """Nobody types a hundred thousand signs; a program may."""
    with pytest.raises(Invalid, match="No network"):
        check_text("a" * (TEXT_MAX + 1), "x", "nl", LINK)
    with pytest.raises(UnknownNetwork):
        check_text("a", "myspace", "nl", LINK)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["AB ", "#", "#a", "http://", " ", "A,!", "AB,,"])
def test_no_text_keeps_the_checks_busy(piece: str) -> None:
    """Whatever is typed, the answer comes while typing."""
    text = (piece * TEXT_MAX)[: TEXT_MAX - 1].rstrip() + "a"

    check_text(text, "x", "nl", LINK)


pieces = st.lists(
    st.sampled_from(["AB", " ", "  ", "#a", "http://e.com", "é", "👋", ".", "\r\n"])
).map("".join)


@given(text=st.text() | pieces, network=st.sampled_from(list(NETWORKS)))
def test_each_finding_lies_within_the_text(text: str, network: str) -> None:
    """A page marks the place; it must exist."""
    checked = check_text(text, network, "nl", LINK)

    for one in checked.findings:
        assert 0 <= one.start <= one.end <= len(text)
        assert one.say(str)
    assert checked.count == length(text, NETWORKS[network], LINK)
    assert checked.count.fits is (
        Kind.TOO_LONG not in [one.kind for one in checked.findings]
    )
