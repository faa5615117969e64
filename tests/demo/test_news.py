from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from advocacy.demo.news import LANGUAGES, ZONE, articles, published, working_moment

moments = st.integers(0, 10 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
hours = st.times(time(6), time(20))


@given(since=moments, days=st.integers(0, 70), at=hours)
def test_news_appears_on_working_days_and_never_from_the_future(
    since: datetime, days: int, at: time
) -> None:
    """A demo begun on a Sunday night must not look like one."""
    moment = working_moment(days, at, since=since)

    assert moment <= since
    assert moment.astimezone(ZONE).weekday() < 5


@given(since=moments, at=hours, other=hours)
def test_a_week_lies_between_four_and_six_working_days(
    since: datetime, at: time, other: time
) -> None:
    """So what is new this week waits, and what is older has a past."""
    week = timedelta(days=7)

    assert since - working_moment(4, at, since=since) < week
    assert since - working_moment(6, other, since=since) >= week


@given(since=moments)
def test_every_first_day_finds_this_weeks_news_and_a_quarter_of_it(
    since: datetime,
) -> None:
    """The demo is as fresh on any day on which somebody tries it."""
    for language, fresh, count in (("nl", 4, 21), ("en", 2, 10)):
        news = published(language, since=since, now=since)

        assert len(news) == count
        ages = [since - one.at for one in news]
        assert sum(age < timedelta(days=7) for age in ages) == fresh
        assert timedelta(days=77) < max(ages) < timedelta(days=91)


def test_articles_have_addresses_of_their_own() -> None:
    """Two items under one identity would become one in the queue."""
    paths = [one.path for language in LANGUAGES for one in articles(language)]

    assert len(paths) == len(set(paths))
    assert all(re.fullmatch(r"/[a-z/]+/[a-z0-9-]+/", path) for path in paths)


def test_an_article_is_short_enough_to_be_read_and_shared() -> None:
    """A title fits a preview, a lead fits a summary."""
    for language in LANGUAGES:
        for one in articles(language):
            assert 20 <= len(one.title) <= 90, one.title
            assert 80 <= len(one.lead) <= 260, one.slug
            assert 2 <= len(one.paragraphs) <= 4, one.slug
            assert one.image_alt
            assert one.categories
