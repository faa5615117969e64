"""Digests by program: how far they are, and the four moves."""

from __future__ import annotations

from datetime import timedelta

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.digest.models import Edition, EditionState
from tests.makers import make_employee, make_post
from tests.programs import Program

WEEK = "2026-W48"


def _edition(transactions: Transactions, **fields: object) -> None:
    values: dict[str, object] = {
        "week": WEEK,
        "state": EditionState.SCHEDULED,
        "planned_at": utc_now(),
    }
    with transactions() as session:
        session.add(Edition(**values | fields))


def test_a_week_has_the_keys_that_scripts_rely_on(comms: Program) -> None:
    """Also one for which nothing was planned yet."""
    said = comms.get(f"/digests/{WEEK}").body

    assert set(said) >= {"week", "state", "planned", "sent", "failed", "skipped"}
    assert said["week"] == WEEK
    assert said["state"] == "draft"
    assert said["planned"] == 0


def test_what_is_no_week_is_refused(comms: Program) -> None:
    """Before anything is sent."""
    for week in ("2026-W54", "0001-W01", "9999-W52x", "now", "2026-48"):
        assert comms.get(f"/digests/{week}").status == 422
        assert comms.post(f"/digests/{week}/send").status == 422


def test_a_letter_is_sent_once(comms: Program, transactions: Transactions) -> None:
    """The second time it is said that it is leaving."""
    with transactions() as session:
        make_employee(session)
        now = utc_now()
        make_post(
            session,
            share_from=now - timedelta(hours=1),
            share_until=now + timedelta(days=9),
        )

    first = comms.post(f"/digests/{WEEK}/send")
    again = comms.post(f"/digests/{WEEK}/send")

    assert first.status == 200
    assert first.body["planned"] == again.body["planned"] == 1
    assert first.body["state"] in {"scheduled", "sending"}


def test_an_empty_letter_is_a_conflict(comms: Program) -> None:
    """There must be something to offer."""
    assert comms.post(f"/digests/{WEEK}/send").status == 409


def test_a_planned_edition_is_held_and_let_go(
    comms: Program, transactions: Transactions
) -> None:
    """Pause, release, cancel: the same as at the desk."""
    _edition(transactions)

    paused = comms.post(f"/digests/{WEEK}/pause").body
    released = comms.post(f"/digests/{WEEK}/release").body
    cancelled = comms.post(f"/digests/{WEEK}/cancel").body

    assert (paused["state"], paused["hold"]) == ("paused", "comms")
    assert (released["state"], released["hold"]) == ("sending", "")
    assert cancelled["state"] == "cancelled"
    assert comms.post(f"/digests/{WEEK}/release").status == 409


def test_what_was_never_planned_cannot_be_held(comms: Program) -> None:
    """There is nothing to hold."""
    assert comms.post(f"/digests/{WEEK}/pause").status == 404


def test_a_list_of_weeks_goes_back_in_time(
    comms: Program, transactions: Transactions
) -> None:
    """A page at a time."""
    for week in (46, 47, 48):
        _edition(transactions, week=f"2026-W{week}")

    weeks = [row["week"] for row in comms.pages("/digests", limit=2)]

    assert weeks == ["2026-W48", "2026-W47", "2026-W46"]
