"""Decisions of comms about items: the one way to approve, reject, withdraw, reopen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.i18n import N_
from advocacy.people.models import Employee
from advocacy.queue.models import Decision, Item
from advocacy.queue.states import Move, next_state

REASON_MAX = 500  # characters


def approve(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Item:
    """Say yes to an item as it is now; the yes belongs to this revision.

    Raises:
        NotFound: No item has this id.
        MoveRefused: The item is not waiting for a decision.
        Conflict: The item changed after `expected_version` was read.
    """
    item = _decide(
        session,
        item_id,
        Move.APPROVE,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )
    item.approved_hash = item.revision_hash
    return item


def reject(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str,
    expected_version: int | None = None,
) -> Item:
    """Say no to an item; it never comes back by itself.

    Raises:
        Invalid: There is no reason; colleagues deserve one.
        NotFound, MoveRefused, Conflict: As in `approve`.
    """
    if not reason.strip():
        raise Invalid(N_("Say why in a few words, so that others can follow it."))
    return _decide(
        session,
        item_id,
        Move.REJECT,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )


def withdraw(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Item:
    """Take back the yes; what was offered is offered no longer.

    Raises:
        NotFound, MoveRefused, Conflict: As in `approve`.
    """
    return _decide(
        session,
        item_id,
        Move.WITHDRAW,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )


def reopen(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Item:
    """Put an item back among those that wait for a decision.

    Raises:
        NotFound, MoveRefused, Conflict: As in `approve`.
    """
    return _decide(
        session,
        item_id,
        Move.REOPEN,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )


def _decide(
    session: Session,
    item_id: int,
    move: Move,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str,
    expected_version: int | None,
) -> Item:
    item = session.get(Item, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound(N_("There is no item {id} in the queue."), id=item_id)
    if len(reason) > REASON_MAX:
        raise Invalid(N_("Keep the reason below {max} characters."), max=REASON_MAX)
    item.state = next_state(item.state, move)
    if expected_version is not None and item.version != expected_version:
        raise Conflict(
            N_("This item changed while you looked at it. Please look again.")
        )
    item.state_at = now
    session.add(
        Decision(
            item_id=item.id,
            move=move,
            revision_hash=item.revision_hash,
            by_id=by.id if by else None,
            via=via,
            reason=reason.strip(),
            at=now,
        )
    )
    session.flush()
    return item
