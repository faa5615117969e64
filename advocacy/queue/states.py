"""Which moves an item's state allows; pure."""

from __future__ import annotations

from enum import StrEnum

from advocacy.errors import Conflict
from advocacy.i18n import N_


class ItemState(StrEnum):
    """Where an item stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ARCHIVED = "archived"  # too old at the first import; can be brought in


STATE_WORDS = (
    N_("pending"),
    N_("approved"),
    N_("rejected"),
    N_("withdrawn"),
    N_("expired"),
    N_("archived"),
)


class Move(StrEnum):
    """What can be done with an item."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    REOPEN = "reopen"  # back to pending


MOVES: dict[tuple[ItemState, Move], ItemState] = {
    (ItemState.PENDING, Move.APPROVE): ItemState.APPROVED,
    (ItemState.PENDING, Move.REJECT): ItemState.REJECTED,
    (ItemState.PENDING, Move.EXPIRE): ItemState.EXPIRED,
    (ItemState.APPROVED, Move.WITHDRAW): ItemState.WITHDRAWN,
    (ItemState.APPROVED, Move.EXPIRE): ItemState.EXPIRED,
    (ItemState.REJECTED, Move.REOPEN): ItemState.PENDING,
    (ItemState.WITHDRAWN, Move.REOPEN): ItemState.PENDING,
    (ItemState.EXPIRED, Move.REOPEN): ItemState.PENDING,
    (ItemState.ARCHIVED, Move.REOPEN): ItemState.PENDING,
}


class MoveRefused(Conflict):
    """The item is in a state that does not allow this move."""

    def __init__(self, state: ItemState, move: Move) -> None:
        """Keep what was tried, so that the page can offer what is possible."""
        super().__init__(REFUSALS[move], state=state)
        self.state = state
        self.move = move

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.state, self.move))


REFUSALS: dict[Move, str] = {
    Move.APPROVE: N_("You cannot approve an item that is {state}."),
    Move.REJECT: N_("You cannot reject an item that is {state}."),
    Move.WITHDRAW: N_("You cannot withdraw an item that is {state}."),
    Move.EXPIRE: N_("You cannot expire an item that is {state}."),
    Move.REOPEN: N_("You cannot reopen an item that is {state}."),
}


def next_state(state: ItemState, move: Move) -> ItemState:
    """Say where a move leads.

    Raises:
        MoveRefused: The state does not allow the move.
    """
    try:
        return MOVES[state, move]
    except KeyError:
        raise MoveRefused(state, move) from None


def moves_from(state: ItemState) -> list[Move]:
    """List what can be done with an item in a state."""
    return [move for (origin, move) in MOVES if origin is state]
