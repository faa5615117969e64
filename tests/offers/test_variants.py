from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.offers.variants import Variant, choose

some = st.lists(
    st.builds(
        Variant,
        used=st.integers(0, 3),
        number=st.integers(1, 5),
        post_id=st.integers(1, 9),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda variant: variant.number,
)


@given(variants=some, employee_id=st.integers(1))
def test_no_variant_is_used_less_than_the_chosen_one(
    variants: list[Variant], employee_id: int
) -> None:
    """Twenty colleagues with the same words look like a campaign."""
    chosen = choose(variants, employee_id)

    assert chosen in variants
    assert chosen.used == min(variant.used for variant in variants)


@given(variants=some, employee_id=st.integers(1), seed=st.integers())
def test_the_order_of_the_variants_does_not_matter(
    variants: list[Variant], employee_id: int, seed: int
) -> None:
    """A person who reloads the page sees the same words."""
    shuffled = Random(seed).sample(variants, len(variants))

    assert choose(shuffled, employee_id) == choose(variants, employee_id)


@given(count=st.integers(1, 5), first=st.integers(1))
def test_a_tie_is_spread_evenly_over_people(count: int, first: int) -> None:
    """Before the first share everything is a tie."""
    variants = [
        Variant(used=0, number=number, post_id=number) for number in range(count)
    ]

    chosen = Counter(choose(variants, first + person) for person in range(count * 3))

    assert set(chosen.values()) == {3}


def test_without_variants_there_is_no_choice() -> None:
    """The caller asks only for networks that have a post."""
    with pytest.raises(ValueError, match="no variants"):
        choose([], 1)
