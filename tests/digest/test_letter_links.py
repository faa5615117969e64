"""Links in letters: ours alone, for one letter and one item."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.digest.letter_links import (
    LetterLink,
    LinkUnreadable,
    leave_token,
    letter_token,
    read_leave_link,
    read_letter_link,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
UNTIL = NOW + timedelta(days=35)
SECRET = b"a secret for tests alone"

ids = st.integers(0, 2**63 - 1)
links = st.builds(LetterLink, letter_id=ids, item_id=ids)


@given(link=links)
def test_a_link_says_what_it_was_made_for(link: LetterLink) -> None:
    """And is short enough not to be broken over lines."""
    token = letter_token(link, until=UNTIL, secret=SECRET)

    assert read_letter_link(token, NOW, secret=SECRET) == link
    assert len(token) <= 60
    assert token.replace("-", "").replace("_", "").isalnum()


@given(link=links, data=st.data())
def test_a_changed_link_is_refused(link: LetterLink, data: st.DataObject) -> None:
    """Nobody opens another person's letter by counting on."""
    token = letter_token(link, until=UNTIL, secret=SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))

    with pytest.raises(LinkUnreadable):
        read_letter_link(token[:place] + other + token[place + 1 :], NOW, secret=SECRET)


def test_a_link_is_written_in_one_way_alone() -> None:
    """The last sign of its 54 has spare bits; they are no second address."""
    token = letter_token(LetterLink(0, 0), until=UNTIL, secret=SECRET)
    others = [token[:-1] + sign for sign in "ABCDQRSTghijwxyz" if sign != token[-1]]

    for other in others:
        with pytest.raises(LinkUnreadable):
            read_letter_link(other, NOW, secret=SECRET)


@given(token=st.text())
def test_any_nonsense_is_refused(token: str) -> None:
    """The token is the last part of an address; anybody can type one."""
    with pytest.raises(LinkUnreadable):
        read_letter_link(token, NOW, secret=SECRET)
    with pytest.raises(LinkUnreadable):
        read_leave_link(token, secret=SECRET)


def test_a_link_stops_working_at_its_end() -> None:
    """An old mailbox in the wrong hands must open nothing."""
    token = letter_token(LetterLink(1, 2), until=UNTIL, secret=SECRET)

    assert read_letter_link(token, UNTIL - timedelta(seconds=1), secret=SECRET)
    with pytest.raises(LinkUnreadable):
        read_letter_link(token, UNTIL, secret=SECRET)


def test_a_link_of_another_installation_is_refused() -> None:
    """Each has a secret of its own."""
    token = letter_token(LetterLink(1, 2), until=UNTIL, secret=b"another")

    with pytest.raises(LinkUnreadable):
        read_letter_link(token, NOW, secret=SECRET)


@given(letter_id=ids)
def test_the_way_out_never_closes(letter_id: int) -> None:
    """Gmail and Yahoo ask that old letters let people leave, too."""
    token = leave_token(letter_id, secret=SECRET)

    assert read_leave_link(token, secret=SECRET) == letter_id


def test_a_link_for_one_purpose_is_none_for_another() -> None:
    """Whoever can open an item must not thereby stop somebody's letter."""
    opening = letter_token(LetterLink(1, 2), until=UNTIL, secret=SECRET)
    leaving = leave_token(1, secret=SECRET)

    with pytest.raises(LinkUnreadable):
        read_leave_link(opening, secret=SECRET)
    with pytest.raises(LinkUnreadable):
        read_letter_link(leaving, NOW, secret=SECRET)


def test_the_refusal_survives_the_way_between_processes() -> None:
    """As every error of ours."""
    error = pickle.loads(pickle.dumps(LinkUnreadable()))  # noqa: S301 - our own

    assert str(error) == str(LinkUnreadable())
