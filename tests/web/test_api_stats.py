"""Statistics by program."""

from __future__ import annotations

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.links.states import Verdict
from advocacy.stats.figures import By
from advocacy.stats.models import DayTotal
from tests.makers import make_link
from tests.programs import Program

NUMBERS = {"offered", "shares", "clicks", "visitors"}


def test_figures_have_the_keys_that_scripts_rely_on(
    comms: Program, transactions: Transactions
) -> None:
    """As `advocacy stats --json` prints them."""
    today = utc_now().date()
    with transactions() as session:
        link = make_link(session)
        for verdict, hits in ((Verdict.HUMAN, 3), (Verdict.SCANNER, 5)):
            session.add(
                DayTotal(
                    day=today, link_id=link.id, verdict=verdict, hits=hits, visitors=2
                )
            )
    span = {"from": today.isoformat(), "to": today.isoformat()}

    said = comms.get("/stats", **span, by="network").body

    assert said["from"] == said["to"] == today.isoformat()
    (row,) = said["rows"]
    assert row["network"] == "linkedin"
    assert set(row) >= NUMBERS
    assert row["clicks"] == 3
    assert set(said["totals"]) >= NUMBERS | {"excluded"}
    assert said["totals"]["excluded"]["scanner"] == 5


def test_figures_can_be_told_by_each_thing(comms: Program) -> None:
    """Also while there is nothing to tell."""
    for by in By:
        assert comms.get("/stats", by=by.value).body["by"] == by.value


def test_what_is_no_period_is_refused(comms: Program) -> None:
    """And nobody is counted by name."""
    for span in (
        {"from": "2026-11-24", "to": "2026-11-23"},
        {"from": "2001-01-01", "to": "2026-11-23"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"from": "yesterday"},
        {"by": "person"},
    ):
        assert comms.get("/stats", **span).status == 422
