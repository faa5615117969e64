"""The colours of the stylesheet can be read by everybody."""

from __future__ import annotations

import re

import pytest

from advocacy.web.rendering import STATIC

TEXT = 4.5  # WCAG 2.2, 1.4.3
EDGE = 3.0  # WCAG 2.2, 1.4.11
SCHEMES = ("light", "dark")

INK_ON = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("ink-soft", "sunken"),
    ("accent-ink", "paper"),
    ("accent-ink", "surface"),
    ("accent-ink", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("ok-ink", "ok-soft"),
    ("warn-ink", "warn-soft"),
    ("error-ink", "error-soft"),
    ("error-ink", "surface"),
]
EDGE_ON = [
    ("line-strong", "surface"),
    ("line-strong", "paper"),
    ("accent", "surface"),
    ("accent", "paper"),
    ("error-ink", "surface"),
]


def _colours(scheme: str) -> dict[str, str]:
    style = (STATIC / "style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", style, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", dark))
    return found


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), INK_ON)
def test_words_stand_out_from_their_ground(scheme: str, ink: str, ground: str) -> None:
    """Also for tired eyes, on a phone, in the sun."""
    colours = _colours(scheme)

    assert _contrast(colours[ink], colours[ground]) >= TEXT


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGE_ON)
def test_edges_and_focus_stand_out(scheme: str, edge: str, ground: str) -> None:
    """A field that cannot be seen cannot be filled in."""
    colours = _colours(scheme)

    assert _contrast(colours[edge], colours[ground]) >= EDGE


def test_the_dark_scheme_replaces_every_colour() -> None:
    """A colour left out of it would be a bright spot at night."""
    light, dark = _colours("light"), _colours("dark")

    assert {name for name in light if light[name] == dark[name]} == set()
