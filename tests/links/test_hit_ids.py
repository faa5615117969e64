"""Ids of hits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.links.hit_ids import FIRST, HitIds, floor_id, moment_of, new_id_at
from tests.makers import NOW

moments = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(moments)
def test_an_id_tells_its_moment_to_the_millisecond(moment: datetime) -> None:
    """A day is a range of ids."""
    hit_id = new_id_at(moment)

    assert hit_id.version == 7
    assert hit_id.variant == "specified in RFC 4122"
    assert timedelta(0) <= moment - moment_of(hit_id) < timedelta(milliseconds=1)
    assert FIRST < floor_id(moment) < hit_id
    assert hit_id < floor_id(moment + timedelta(milliseconds=1))


@given(st.lists(st.integers(1_700_000_000_000, 1_700_000_000_010), max_size=50))
def test_ids_of_a_process_only_rise(clock: list[int]) -> None:
    """Also within a millisecond, and when the clock steps back."""
    ids = HitIds()

    drawn = [ids.next(now_ms) for now_ms in clock]

    assert drawn == sorted(set(drawn))
    assert all(UUID(bytes=hit_id).version == 7 for hit_id in drawn)


def test_a_moment_without_a_zone_is_refused() -> None:
    """Nobody could say which moment it is."""
    with pytest.raises(ValueError, match="no time zone"):
        new_id_at(NOW.replace(tzinfo=None))
