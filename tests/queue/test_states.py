"""Which moves a state allows."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.queue.states import ItemState, Move, MoveRefused, moves_from, next_state

ALLOWED = {
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("pending", "expire"): "expired",
    ("approved", "withdraw"): "withdrawn",
    ("approved", "expire"): "expired",
    ("rejected", "reopen"): "pending",
    ("withdrawn", "reopen"): "pending",
    ("expired", "reopen"): "pending",
    ("archived", "reopen"): "pending",
}


@pytest.mark.parametrize("state", ItemState)
@pytest.mark.parametrize("move", Move)
def test_every_pair_is_allowed_or_refused_as_told(state: ItemState, move: Move) -> None:
    """The whole matrix: what is not written down is refused."""
    if (state, move) in ALLOWED:
        assert next_state(state, move) == ALLOWED[state, move]
        assert move in moves_from(state)
    else:
        with pytest.raises(MoveRefused, match=f"cannot {move} an item that is {state}"):
            next_state(state, move)
        assert move not in moves_from(state)


@given(moves=st.lists(st.sampled_from(Move), max_size=12))
def test_nothing_is_approved_but_by_approving(moves: list[Move]) -> None:
    """Whatever people press, in whatever order."""
    state = ItemState.ARCHIVED
    for move in moves:
        before = state
        try:
            state = next_state(state, move)
        except MoveRefused:
            continue
        if state is ItemState.APPROVED:
            assert (before, move) == (ItemState.PENDING, Move.APPROVE)


def test_a_refusal_survives_the_way_between_processes() -> None:
    """A worker may raise what a page shows."""
    refused = pickle.loads(pickle.dumps(MoveRefused(ItemState.REJECTED, Move.APPROVE)))  # noqa: S301 - our own bytes

    assert (refused.state, refused.move) == (ItemState.REJECTED, Move.APPROVE)
    assert str(refused) == "You cannot approve an item that is rejected."
