"""Decisions of comms, one way for page, command and API."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.errors import AdvocacyError, Conflict, Invalid, NotFound
from advocacy.queue.decisions import approve, reject, reopen, withdraw
from advocacy.queue.models import Decision
from advocacy.queue.states import ItemState, Move, MoveRefused
from tests.makers import NOW, make_comms_member, make_item


def test_an_approval_belongs_to_the_content_that_was_seen(session: Session) -> None:
    """What the source writes afterwards was approved by nobody."""
    item = make_item(session, revision_hash="first")

    approve(session, item.id, by=None, via="page", now=NOW)
    item.revision_hash = "second"

    assert item.approved_hash == "first"
    assert item.changed_since_approval


def test_every_decision_is_written_down(session: Session) -> None:
    """Who, what, why, and by which door."""
    item, by = make_item(session), make_comms_member(session)

    approve(session, item.id, by=by, via="page", now=NOW)
    withdraw(session, item.id, by=by, via="api", now=NOW, reason=" Typo ")

    written = session.scalars(select(Decision).order_by(Decision.id)).all()
    assert [(one.move, one.by_id, one.via, one.reason) for one in written] == [
        (Move.APPROVE, by.id, "page", ""),
        (Move.WITHDRAW, by.id, "api", "Typo"),
    ]


def test_a_rejected_item_cannot_be_approved(session: Session) -> None:
    """Once comms said no, only reopening the item makes a yes possible."""
    item = make_item(session, state=ItemState.REJECTED)

    with pytest.raises(MoveRefused, match="cannot approve an item that is rejected"):
        approve(session, item.id, by=make_comms_member(session), via="page", now=NOW)

    assert item.state is ItemState.REJECTED


def test_a_reopened_item_can_be_approved(session: Session) -> None:
    """People change their minds."""
    item = make_item(session, state=ItemState.REJECTED)

    reopen(session, item.id, by=None, via="page", now=NOW)

    assert approve(session, item.id, by=None, via="page", now=NOW).state == "approved"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_no_without_a_reason_is_refused(session: Session, reason: str) -> None:
    """The colleague who wrote the article deserves one."""
    item = make_item(session)

    with pytest.raises(Invalid, match="Say why"):
        reject(session, item.id, by=None, via="page", now=NOW, reason=reason)

    assert item.state is ItemState.PENDING


def test_an_item_that_is_not_there_is_said(session: Session) -> None:
    """A typo in a number."""
    with pytest.raises(NotFound, match="no item 4711"):
        approve(session, 4711, by=None, via="command", now=NOW)


def test_an_item_that_changed_meanwhile_is_looked_at_again(session: Session) -> None:
    """Nobody approves words they have not seen."""
    item = make_item(session)
    seen = item.version
    item.title = "Other words"
    session.flush()

    with pytest.raises(Conflict, match="changed while you looked"):
        approve(session, item.id, by=None, via="page", now=NOW, expected_version=seen)


def test_two_deciding_at_once_make_one_decision(transactions: Transactions) -> None:
    """The other one is told."""
    with transactions() as session:
        item = make_item(session)
    barrier, outcomes = Barrier(2), []

    def decide() -> None:
        barrier.wait()
        try:
            with transactions() as session:
                approve(session, item.id, by=None, via="page", now=NOW)
            outcomes.append("approved")
        except AdvocacyError as error:
            outcomes.append(type(error).__name__)

    threads = [Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["MoveRefused", "approved"]
