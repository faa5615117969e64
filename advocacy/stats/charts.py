"""Charts: a Vega-Lite specification, rendered to SVG on the server.

The picture goes into the page as it is, under a policy without `unsafe-inline`: it has
no style, no script and no address in it. It is drawn twice, for light and for dark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import vl_convert

WIDTH = 720  # px, of the drawing; the page scales it
HEIGHT = 240  # px
TICKS_MAX = 12

_FONT = "system-ui, sans-serif"
_FORBIDDEN = re.compile(
    r"<(script|style|image|foreignObject|a|use|iframe)\b", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r'\s(?:style|on\w+|href|xlink:href|xmlns:xlink)="[^"]*"')


class Bar(NamedTuple):
    """One moment on the way from left to right."""

    label: str  # as people read it, in their language
    clicks: int
    shares: int


class Words(NamedTuple):
    """The words in the picture, in the reader's language."""

    title: str
    description: str
    clicks: str
    shares: str


@dataclass(frozen=True)
class Theme:
    """Colours on one ground. Blue and orange are told apart by every eye."""

    text: str
    grid: str
    clicks: str
    shares: str


LIGHT = Theme(text="#334155", grid="#e2e8f0", clicks="#0b6e99", shares="#b45309")
DARK = Theme(text="#cbd5e1", grid="#334155", clicks="#5cc2ea", shares="#f5b057")


def chart(bars: Sequence[Bar], words: Words, *, theme: Theme) -> str:
    """Draw clicks as bars and shares as a line over them, and give the SVG.

    Returns:
        Markup that is safe to put into a page; empty where there is nothing to show.
    """
    if not any(bar.clicks or bar.shares for bar in bars):
        return ""
    return _draw(tuple(bars), words, theme)


@lru_cache(64)
def _draw(bars: tuple[Bar, ...], words: Words, theme: Theme) -> str:
    svg = vl_convert.vegalite_to_svg(
        specification(bars, words, theme), allowed_base_urls=[]
    )
    return _make_safe(svg, words)


def specification(bars: Sequence[Bar], words: Words, theme: Theme) -> dict[str, Any]:
    """Write the chart as a Vega-Lite specification."""
    every = max(1, -(-len(bars) // TICKS_MAX))
    rows = [
        {"n": number, "what": what, "count": count}
        for number, bar in enumerate(bars)
        for what, count in ((words.clicks, bar.clicks), (words.shares, bar.shares))
    ]
    labels = [bar.label for bar in bars]
    across = {
        "field": "n",
        "type": "ordinal",
        "scale": {"domain": list(range(len(bars))), "paddingInner": 0.25},
        "axis": {
            "title": None,
            "values": list(range(0, len(bars), every)),
            "labelExpr": f"{_as_expression(labels)}[datum.value]",
            "labelAngle": 0,
            "labelOverlap": True,
            "grid": False,
        },
    }
    up = {
        "field": "count",
        "type": "quantitative",
        "stack": None,  # a stack is clipped by a name that two pictures would share
        "axis": {"title": None, "tickMinStep": 1, "format": "d"},
    }
    colour = {
        "field": "what",
        "type": "nominal",
        "scale": {
            "domain": [words.clicks, words.shares],
            "range": [theme.clicks, theme.shares],
        },
        "legend": {
            "title": None,
            "orient": "top",
            "symbolType": "circle",
            "columnPadding": 24,  # px, or the labels touch
        },
    }
    encoding = {"x": across, "y": up, "color": colour}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "data": {"values": rows},
        "layer": [
            {
                "transform": [{"filter": {"field": "what", "equal": words.clicks}}],
                "mark": {"type": "bar", "cornerRadiusEnd": 2, "aria": False},
                "encoding": encoding,
            },
            {
                "transform": [{"filter": {"field": "what", "equal": words.shares}}],
                "mark": {"type": "line", "point": True, "aria": False},
                "encoding": encoding,
            },
        ],
        "config": {
            "font": _FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": theme.text,
                "labelFontSize": 12,
                "gridColor": theme.grid,
                "domainColor": theme.grid,
                "tickColor": theme.grid,
            },
            "legend": {"labelColor": theme.text, "labelFontSize": 12},
        },
    }


def _as_expression(labels: Sequence[str]) -> str:
    """Write labels as a list in Vega's expression language, as plain text only."""
    plain = (re.sub(r"[\\'\"\n\r\u2028\u2029]", " ", label) for label in labels)
    return "[" + ",".join(f"'{label}'" for label in plain) + "]"


def _make_safe(svg: str, words: Words) -> str:
    """Name the picture for screen readers, and leave nothing that a policy forbids."""
    if _FORBIDDEN.search(svg):
        raise ValueError("the drawing holds an element that a page must not have")
    svg = _ATTRIBUTE.sub("", svg)
    head, _, rest = svg.partition(">")
    head = re.sub(r'\s(?:class|width|height)="[^"]*"', "", head)
    # The words inside repeat the table beside it: one picture, one name.
    rest = re.sub(r'\s(?:role|aria-[\w-]+)="[^"]*"', "", rest)
    label = escape(words.title, quote=True)
    return (
        f'{head} class="drawing" role="img" aria-label="{label}">'
        f"<title>{escape(words.title)}</title>"
        f"<desc>{escape(words.description)}</desc>{rest}"
    )
