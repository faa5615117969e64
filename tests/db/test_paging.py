"""Cursors: what we made is read back, and nothing else breaks anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.db.paging import (
    ID_MAX,
    encode,
    id_in,
    moment_and_id_in,
    page_of,
    text_in,
)
from advocacy.errors import Invalid

READERS: tuple[Callable[[str], object], ...] = (id_in, moment_and_id_in, text_in)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2999, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
ids = st.integers(1, ID_MAX)


@given(moment=moments, last_id=ids)
def test_a_cursor_is_read_back(moment: datetime, last_id: int) -> None:
    """Every moment and id that a row can have."""
    assert moment_and_id_in(encode([moment.isoformat(), last_id])) == (moment, last_id)
    assert id_in(encode([last_id])) == last_id


@given(cursor=st.text() | st.lists(st.integers() | st.text()).map(encode))
def test_a_made_up_cursor_is_refused_or_harmless(cursor: str) -> None:
    """It may come from anywhere, and what it gives goes into a query."""
    for read in READERS:
        try:
            key = read(cursor)
        except Invalid:
            continue
        assert "\0" not in str(key)


@pytest.mark.parametrize(
    "key", [[0], [ID_MAX + 1], ["2026-01-01", 1], ["9999-12-31T23:59:59-12:00", 1]]
)
def test_what_no_row_can_have_is_refused(key: list[int | str]) -> None:
    """A database would stumble over it."""
    with pytest.raises(Invalid):
        id_in(encode(key))
    with pytest.raises(Invalid):
        moment_and_id_in(encode(key))


@given(rows=st.lists(ids, unique=True), size=st.integers(1, 5))
def test_pages_together_are_the_list(rows: list[int], size: int) -> None:
    """Nothing twice, nothing left out."""
    left, seen = sorted(rows), list[int]()
    while True:
        page = page_of(left[: size + 1], size, lambda row: [row])
        seen += page.rows
        if page.next is None:
            break
        after = id_in(page.next)
        left = [row for row in left if row > after]

    assert seen == sorted(rows)
