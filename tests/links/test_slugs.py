"""Slugs."""

from __future__ import annotations

from advocacy.links.slugs import ALPHABET, LENGTH, looks_like_slug, new_slug


def test_a_slug_has_eight_characters_that_are_not_mixed_up() -> None:
    """It may be read aloud or from paper."""
    slug = new_slug()

    assert len(slug) == LENGTH == 8
    assert len(set(ALPHABET)) == len(ALPHABET) == 54
    assert not set("0Oo1IilL") & set(ALPHABET)
    assert set(slug) <= set(ALPHABET)


def test_slugs_do_not_repeat() -> None:
    """A thousand of them are a thousand."""
    assert len({new_slug() for _ in range(1_000)}) == 1_000


def test_only_what_could_be_a_slug_is_looked_up() -> None:
    """Guesses and mistakes cost no reading."""
    assert looks_like_slug(new_slug())
    for text in ("", "a" * 17, "a/b", "a b", "é", "a\n", "٣"):
        assert not looks_like_slug(text)
