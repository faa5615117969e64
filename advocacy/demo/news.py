"""What the demo company publishes, and when: counted from the demo's first day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

CONTENT = Path(__file__).parent / "content"
ZONE = ZoneInfo("Europe/Amsterdam")
LANGUAGES = ("nl", "en")
SECTIONS: Mapping[str, str] = {"nl": "nieuws", "en": "en/news"}
MEDIA_TYPE = "image/png"
IMAGE_SIZE = (1200, 627)  # pixels; what LinkedIn and Facebook show uncropped

# Entries are known by these, so that another port makes no new items of them.
_TAG = "tag:waterland-techniek.example,2026:"
_SATURDAY = 5


@dataclass(frozen=True)
class Article:
    """One article as it was written; its date depends on when the demo began."""

    slug: str
    language: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    author: str
    categories: tuple[str, ...]
    image: str  # a file in content/images, without its ending
    image_alt: str
    days: int = 0  # working days before the demo's first day
    at: str = ""  # local time of publication
    after_minutes: int | None = None  # instead of these two: after the demo's start

    @property
    def path(self) -> str:
        """Give the address of the article on its site."""
        return f"/{SECTIONS[self.language]}/{self.slug}/"

    @property
    def guid(self) -> str:
        """Give the identity that stays when the site moves."""
        return f"{_TAG}{self.path.strip('/')}"

    @property
    def image_path(self) -> str:
        """Give the address of the picture on its site."""
        return f"/images/{self.image}.png"


@dataclass(frozen=True)
class Published:
    """An article with the moment at which it went online."""

    article: Article
    at: datetime


@cache
def articles(language: str) -> tuple[Article, ...]:
    """Read everything that was written in a language."""
    with (CONTENT / f"{language}.toml").open("rb") as file:
        written = tomllib.load(file)["article"]
    return tuple(
        Article(
            language=language,
            paragraphs=tuple(" ".join(p.split()) for p in text.split("\n\n")),
            categories=tuple(categories),
            **fields,
        )
        for text, categories, fields in (
            (fields.pop("text").strip(), fields.pop("categories"), fields)
            for fields in written
        )
    )


def published(language: str, *, since: datetime, now: datetime) -> list[Published]:
    """List what is online in a language, latest first.

    Args:
        language: One of LANGUAGES.
        since: When the demo began, aware.
        now: Articles after this moment are still being written.
    """
    online = [
        Published(article, moment)
        for article in articles(language)
        if (moment := _moment(article, since)) <= now
    ]
    return sorted(online, key=lambda one: (one.at, one.article.slug), reverse=True)


def _moment(article: Article, since: datetime) -> datetime:
    if article.after_minutes is not None:
        return since + timedelta(minutes=article.after_minutes)
    return working_moment(article.days, time.fromisoformat(article.at), since=since)


def working_moment(days: int, at: time, *, since: datetime) -> datetime:
    """Go back a number of working days: nobody publishes on a Sunday.

    Args:
        days: Working days, 0 is the latest one at which the hour has passed.
        at: Local hour of the day.
        since: From where to count, aware.

    Returns:
        A moment from Monday to Friday, not after `since`, in UTC. Four days back is
        less than a week ago, and six are more.
    """
    local = since.astimezone(ZONE)
    day = local.date()
    if days == 0 and local.time() < at:
        day -= timedelta(days=1)
    day = _working_day(day)
    for _ in range(days):
        day = _working_day(day - timedelta(days=1))
    return datetime.combine(day, at, ZONE).astimezone(UTC)


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))
