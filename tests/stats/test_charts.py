"""Charts as pictures that a strict page may hold."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from advocacy.stats.charts import DARK, LIGHT, Bar, Theme, Words, chart

WORDS = Words("Klikken per week", "Zes weken, van 3 tot 12", "Klikken", "Gedeeld")
BARS = [Bar(f"week {n}", n * 2, n) for n in range(43, 49)]
FORBIDDEN = re.compile(
    r"style=|<script|<style|\bon\w+=|href|url\(|<image", re.IGNORECASE
)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_picture_is_well_formed_and_has_a_name(theme: Theme) -> None:
    """For whoever cannot see it; the figures are in the table beside it."""
    picture = ET.fromstring(chart(BARS, WORDS, theme=theme))  # noqa: S314 - our own

    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == WORDS.title
    assert [child.text for child in list(picture)[:2]] == [
        WORDS.title,
        WORDS.description,
    ]
    assert "width" not in picture.attrib
    assert "viewBox" in picture.attrib


def test_the_picture_needs_no_leave_of_the_policy() -> None:
    """No style, no script, no address."""
    assert not FORBIDDEN.search(chart(BARS, WORDS, theme=LIGHT))


def test_no_word_breaks_out_of_the_picture() -> None:
    """Labels are ours today; nobody knows about tomorrow."""
    evil = "</title><script>alert(1)</script>'];alert(1)//\\'\"\n onload=x"
    words = Words(evil, evil, "Klikken", "Gedeeld")

    svg = chart([Bar(evil, 3, 1), Bar("b", 1, 0)], words, theme=LIGHT)

    assert "<script" not in svg
    ET.fromstring(svg)  # noqa: S314 - our own


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    """A page has kinder words for that than an empty frame."""
    assert chart([], WORDS, theme=LIGHT) == ""
    assert chart([Bar("a", 0, 0)], WORDS, theme=LIGHT) == ""


def _light_of(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("theme", "ground"), [(LIGHT, "#ffffff"), (DARK, "#0f172a")])
def test_colours_stand_out_from_their_ground(theme: Theme, ground: str) -> None:
    """Text 4.5 to 1, bars and lines 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

    def contrast(colour: str) -> float:
        lights = sorted((_light_of(colour), _light_of(ground)))
        return (lights[1] + 0.05) / (lights[0] + 0.05)

    assert contrast(theme.text) >= 4.5
    assert contrast(theme.clicks) >= 3
    assert contrast(theme.shares) >= 3
