"""Which of several wordings somebody is offered, so that a feed has variety; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Variant:
    """One wording of the same message, and how often it was shared."""

    used: int
    number: int  # 1, 2, …
    post_id: int


def choose(variants: Collection[Variant], employee_id: int) -> Variant:
    """Choose the least used wording; a tie is spread over people by their id.

    The same people, variants and uses always give the same choice, in whatever
    order the variants come.

    Raises:
        ValueError: There is nothing to choose from.
    """
    if not variants:
        raise ValueError("no variants to choose from")
    ordered = sorted(variants)
    tied = [variant for variant in ordered if variant.used == ordered[0].used]
    return tied[employee_id % len(tied)]
