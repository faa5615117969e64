"""The demo company's web pages, with what previews ask for in their heads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from advocacy.demo import feeds
from advocacy.demo.news import CONTENT, IMAGE_SIZE, ZONE, Published

RELATED_MAX = 3
FRONTS = {"nl": "/", "en": "/en/"}

WORDS = {
    "nl": {
        "title": "Waterland Techniek",
        "tagline": "Wij houden droge voeten gewoon.",
        "intro": "Pompen, sluizen en bruggen, en veertig mensen die ze laten draaien.",
        "news": "Nieuws",
        "more": "Lees verder",
        "by": "door",
        "others": "Ook mooi om te lezen",
        "home": "Alle berichten",
        "other_language": "English",
        "missing": "Deze pagina is met de stroom mee.",
        "missing_text": "Het bericht is verplaatst, of het moet nog geschreven worden.",
        "note": "Waterland Techniek bestaat niet. Deze site hoort bij een demo;"
        " alle mensen, plaatsen en cijfers zijn verzonnen.",
        "skip": "Naar de inhoud",
    },
    "en": {
        "title": "Waterland Techniek",
        "tagline": "Dry feet, nothing special.",
        "intro": "Pumps, locks and bridges, and forty people who keep them going.",
        "news": "News",
        "more": "Read on",
        "by": "by",
        "others": "Also good to read",
        "home": "All news",
        "other_language": "Nederlands",
        "missing": "This page went with the stream.",
        "missing_text": "The article has moved, or is still to be written.",
        "note": "Waterland Techniek does not exist. This site is part of a demo;"
        " all people, places and figures are invented.",
        "skip": "To the content",
    },
}


def home(language: str, news: Sequence[Published], base: str) -> bytes:
    """Write the front page: the latest article large, the others as cards."""
    return _write("home.html", language, base, news=news)


def article(one: Published, news: Sequence[Published], base: str) -> bytes:
    """Write the page of an article, with a few others to go on to."""
    shared = set(one.article.categories)
    others = sorted(
        (other for other in news if other != one),
        key=lambda other: -len(shared & set(other.article.categories)),
    )
    return _write(
        "article.html",
        one.article.language,
        base,
        one=one,
        others=others[:RELATED_MAX],
    )


def missing(language: str, base: str) -> bytes:
    """Write the page for an address at which nothing stands."""
    return _write("missing.html", language, base)


def _write(template: str, language: str, base: str, **values: object) -> bytes:
    other = "en" if language == "nl" else "nl"
    return (
        _templates()
        .get_template(template)
        .render(
            lang=language,
            words=WORDS[language],
            base=base,
            front=FRONTS[language],
            other_front=FRONTS[other],
            other_lang=other,
            feed=feeds.PATHS[language],
            feed_type=feeds.MEDIA_TYPES[language],
            size=IMAGE_SIZE,
            **values,
        )
        .encode()
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(CONTENT / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    environment.filters["iso"] = datetime.isoformat
    return environment


def _day(moment: datetime, language: str) -> str:
    return format_date(moment.astimezone(ZONE).date(), "d MMMM yyyy", locale=language)
