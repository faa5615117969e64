from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.sources import timing

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
chances = st.floats(0, 1, exclude_max=True)
seconds = st.integers(-(10**12), 10**12)


@given(recent=st.none() | st.integers(0, 10_000))
def test_a_source_is_asked_between_every_ten_minutes_and_every_six_hours(
    recent: int | None,
) -> None:
    """However much or little it publishes."""
    assert timing.SHORTEST_S <= timing.usual_wait(recent) <= timing.LONGEST_S


@given(st.integers(0, 5_000))
def test_who_publishes_more_is_asked_no_less_often(recent: int) -> None:
    """News should not wait for the next round."""
    assert timing.usual_wait(recent + 1) <= timing.usual_wait(recent)


@pytest.mark.parametrize(
    ("recent", "minutes"), [(None, 30), (0, 360), (28, 60), (112, 15), (1_000, 10)]
)
def test_the_wait_follows_how_often_a_source_publishes(
    recent: int | None, minutes: int
) -> None:
    """One item a day: every hour; nothing known yet: every half hour."""
    assert timing.usual_wait(recent) == minutes * 60


def test_a_time_that_comms_chose_is_kept() -> None:
    """They know when they publish."""
    assert timing.usual_wait(0, every_s=900) == 900


@given(
    usual=st.integers(0, 10**7),
    fixed=st.booleans(),
    hints=st.tuples(st.none() | seconds, st.none() | seconds),
    spread=chances,
)
def test_after_an_answer_a_source_waits_minutes_and_at_most_a_day(
    usual: int, *, fixed: bool, hints: tuple[int | None, int | None], spread: float
) -> None:
    """A max-age of a year is not obeyed, nor one of zero."""
    wait = timing.wait_after_success(usual, fixed=fixed, hints=hints, spread=spread)

    assert timedelta(seconds=50) <= wait <= DAY
    assert fixed or wait >= timedelta(minutes=4)


def test_caching_hints_lengthen_the_wait_but_not_a_chosen_time() -> None:
    """Asking sooner than that would bring the same again."""
    free = timing.wait_after_success(600, fixed=False, hints=(7200, None), spread=0)
    chosen = timing.wait_after_success(600, fixed=True, hints=(7200, None), spread=0)

    assert (free, chosen) == (timedelta(hours=2), timedelta(minutes=10))


@given(failures=st.integers(1, 10_000), spread=chances)
def test_a_failing_source_is_never_given_up(failures: int, spread: float) -> None:
    """At least once a day, for as long as it takes."""
    wait = timing.wait_after_failure(failures, spread=spread)

    assert timedelta(minutes=4) <= wait <= DAY


def test_the_wait_doubles_with_each_failure() -> None:
    """From five minutes to a day."""
    waits = [timing.wait_after_failure(n, spread=0) for n in (1, 2, 3, 9, 10, 99)]

    assert waits == [
        timedelta(minutes=5),
        timedelta(minutes=10),
        timedelta(minutes=20),
        timedelta(minutes=1280),
        DAY,
        DAY,
    ]


def test_sources_that_fail_together_come_back_spread_out() -> None:
    """Over at least a tenth of their wait."""
    waits = [timing.wait_after_failure(3, spread=n / 200) for n in range(200)]

    assert max(waits) - min(waits) >= max(waits) / 10


@given(wait=st.integers(0, 86_400), asked=st.none() | seconds, spread=chances)
def test_retry_after_is_respected_within_a_minute_and_a_day(
    wait: int, asked: int | None, spread: float
) -> None:
    """A server may ask for more time, not for ever."""
    found = timing.at_least(timedelta(seconds=wait), asked, spread=spread)

    assert found >= timedelta(seconds=wait)
    assert found <= max(DAY, timedelta(seconds=wait))
    if asked is not None:
        assert found >= timedelta(seconds=min(max(asked, 60), 86_400))


def _date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": _date(NOW + timedelta(minutes=5))}, 300),
        (
            {
                "retry-after": _date(NOW + timedelta(minutes=15)),
                "date": _date(NOW + timedelta(minutes=10)),
            },
            300,
        ),
        ({"retry-after": "straks"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": _date(datetime(1999, 12, 31, tzinfo=UTC))}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    headers: dict[str, str], wanted: int | None
) -> None:
    """A date counts from the server's own clock, right or wrong."""
    assert timing.retry_after_s(headers, now=NOW) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("max-age=60", 60),
        ('public, MAX-AGE="60"', 60),
        ("no-cache, max-age=60", None),
        ("s-maxage=60", None),
        ("max-age=much", None),
        ("", None),
    ],
)
def test_max_age_is_read_unless_caching_is_refused(
    value: str, wanted: int | None
) -> None:
    """The header has many words."""
    assert timing.max_age_s({"cache-control": value}) == wanted


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "date", "cache-control"]), st.text()
    )
)
def test_any_headers_give_a_number_or_nothing(headers: dict[str, str]) -> None:
    """They come from strangers."""
    retry = timing.retry_after_s(headers, now=NOW)
    age = timing.max_age_s(headers)

    assert retry is None or retry > 0
    assert age is None or age >= 0
