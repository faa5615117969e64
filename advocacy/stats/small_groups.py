"""Which groups may be shown apart without showing a person; pure.

Groups below `k` people are merged into one. If those together are still fewer than
`k`, the smallest of the others joins them; otherwise subtracting what is shown from
the total would show them after all. People are counted in one group each, so that no
two groups that are shown differ by a handful of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """Groups that are shown as one, with the number of people in them."""

    groups: tuple[str, ...]  # sorted
    people: int


def one_group_each(memberships: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Put each person in one group, the first of theirs by name."""
    first: dict[int, str] = {}
    for person, group in memberships:
        if person not in first or group < first[person]:
            first[person] = group
    return first


def hide(people: Mapping[str, int], *, k: int) -> list[Cell]:
    """Merge groups until no cell, and no difference with the total, is below `k`.

    Args:
        people: How many people each group has.
        k: The fewest people that may be shown together, at least 1.

    Returns:
        The groups that may be shown apart, by name, and then the merged ones if there
        are any. Nothing at all where everybody together is fewer than `k`.
    """
    present = {group: number for group, number in people.items() if number > 0}
    if sum(present.values()) < k:
        return []
    apart = {group: number for group, number in present.items() if number >= k}
    merged = {group: number for group, number in present.items() if number < k}
    while merged and sum(merged.values()) < k:
        smallest = min(apart, key=lambda group: (apart[group], group))
        merged[smallest] = apart.pop(smallest)
    cells = [Cell((group,), apart[group]) for group in sorted(apart)]
    if merged:
        cells.append(Cell(tuple(sorted(merged)), sum(merged.values())))
    return cells
