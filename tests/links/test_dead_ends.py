"""The pages of links that lead nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.i18n import languages
from advocacy.links.dead_ends import DeadEnd, language_of, plain_page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.5", "en"),
        ("", "en"),
        ("*", "en"),
        (";;q=,,", "en"),
        ("en;q=abc", "en"),
    ],
)
def test_a_reader_is_answered_in_a_language_of_theirs(
    accepted: str, language: str
) -> None:
    """Or in the organisation's."""
    assert language_of(accepted, "en") == language


@given(st.text(max_size=600))
def test_any_header_gives_a_language_that_we_have(accepted: str) -> None:
    """Anybody may send anything."""
    assert language_of(accepted, "en") in languages()


@pytest.mark.parametrize("kind", list(DeadEnd))
def test_a_page_says_what_is_the_matter(kind: DeadEnd) -> None:
    """One heading, one sentence, nothing from elsewhere."""
    page = plain_page(kind, "en").decode()

    assert page.count("<h1>") == 1
    assert "http" not in page
    assert "<script" not in page
