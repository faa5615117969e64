from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.sources.dates import LATEST, OLDEST, moment

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 02 Mar 2026 08:00:00 GMT",
        "Mon, 02 Mar 2026 08:00:00 -0000",
        "02 Mar 26 09:00 +0100",
        "Mon, 02 Mar 2026 09:00:00 CET",
        "Mon, 02 Mar 2026 03:00:00 EST",
        "2026-03-02T09:00:00+01:00",
        "2026-03-02T08:00:00.123456789Z",
        "20260302T080000Z",
        "2026-03-02 08:00:00",
        "02-03-2026 08:00",
        "ma, 02 mrt 2026 09:00:00 +0100",
        "Sun, 02 Mar 2026 08:00:00 GMT",
        "1772438400",
        "1772438400000",
    ],
)
def test_dates_are_read_as_feeds_write_them(text: str) -> None:
    """Wrong weekdays, Dutch months and bare seconds included."""
    assert moment(text) == MONDAY


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Mon, 06 Jul 2026 09:00:00 CEST", datetime(2026, 7, 6, 7, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T24:00:00Z", datetime(2026, 3, 3, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 23:59:60 GMT", datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)),
        ("2031-03-01T10:00:00+01:00", datetime(2031, 3, 1, 9, tzinfo=UTC)),
    ],
)
def test_unusual_moments_are_what_they_mean(text: str, read: datetime) -> None:
    """Also those that are still to come."""
    assert moment(text) == read


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "gisteren",
        "3/2/2026",
        "Tue, 31 Feb 2026 10:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "-0001-11-30T00:00:00+00:00",
        "0000-00-00 00:00:00",
        "Mon, 02 Mar 2026 09:00:00 +9999",
        "99999-01-01T00:00:00Z",
        "2026-03-02T25:00:00Z",
        "1" * 5_000,
    ],
)
def test_what_cannot_be_meant_is_no_date(text: str | None) -> None:
    """The first sight of the entry stands in for it."""
    assert moment(text) is None


@given(st.text() | st.text(alphabet="0123456789-:TZ+ ,.JanMarGMT"))
def test_any_text_is_a_sensible_moment_or_none(text: str) -> None:
    """Never an exception, never the year 9999."""
    found = moment(text)

    assert found is None or OLDEST <= found < LATEST


@given(st.datetimes(OLDEST.replace(tzinfo=None), datetime(2099, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_an_iso_date_is_read_back(wanted: datetime) -> None:
    """The form that Atom prescribes."""
    aware = wanted.replace(microsecond=0, tzinfo=UTC)

    assert moment(aware.isoformat()) == aware
