"""Groups that are too small to be shown apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from advocacy.stats.small_groups import Cell, hide, one_group_each

# Sizes around the limit, where everything interesting happens.
groups = st.dictionaries(st.text("abcdef", max_size=2), st.integers(0, 8), max_size=8)


def test_large_groups_are_shown_and_small_ones_together() -> None:
    """Three and four people make seven."""
    assert hide({"a": 5, "b": 3, "c": 4, "d": 9}, k=5) == [
        Cell(("a",), 5),
        Cell(("d",), 9),
        Cell(("b", "c"), 7),
    ]


def test_one_small_group_takes_the_smallest_large_one_with_it() -> None:
    """Else the total minus the others would show it."""
    assert hide({"a": 6, "b": 2, "c": 9}, k=5) == [Cell(("c",), 9), Cell(("a", "b"), 8)]


def test_a_handful_of_people_in_all_is_not_shown_by_group() -> None:
    """There is nobody to hide among."""
    assert hide({"a": 2, "b": 2}, k=5) == []
    assert hide({}, k=5) == []


@given(groups, st.integers(1, 6))
def test_nothing_shown_and_no_difference_is_about_a_few(
    people: dict[str, int], k: int
) -> None:
    """Neither a cell, nor the total minus any choice of cells."""
    cells = hide(people, k=k)

    everybody = sum(people.values())
    assert all(cell.people >= k for cell in cells)
    shown = sum(cell.people for cell in cells)
    assert shown in {0, everybody}
    for cell in cells:
        rest = everybody - cell.people
        assert rest == 0 or rest >= k
    names = [name for cell in cells for name in cell.groups]
    assert len(names) == len(set(names))
    assert bool(cells) is (everybody >= k)


@given(groups, st.integers(1, 6))
def test_no_more_is_merged_than_has_to_be(people: dict[str, int], k: int) -> None:
    """At most one group that is large enough by itself joins the small ones."""
    merged = [cell for cell in hide(people, k=k) if len(cell.groups) > 1]

    for cell in merged:
        large = [name for name in cell.groups if people[name] >= k]
        assert len(large) <= 1


def test_a_person_of_two_groups_is_counted_in_the_first_by_name() -> None:
    """Two groups that share people could be subtracted from one another."""
    memberships = [(1, "sales"), (1, "board"), (2, "sales")]

    assert one_group_each(memberships) == {1: "board", 2: "sales"}
