"""What both databases say alike, though they are asked differently."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from advocacy.db.dialect import insert_new
from advocacy.pulse import Pulse, last_pulse, note_pulse
from tests.makers import NOW


def test_what_is_new_is_counted_and_what_is_known_is_not(session: Session) -> None:
    """Whoever asks "was I the first?" must get a true answer."""
    assert insert_new(session, Pulse, [{"id": 1, "at": NOW}]) == 1
    assert insert_new(session, Pulse, [{"id": 1, "at": NOW}]) == 0
    assert insert_new(session, Pulse, []) == 0


def test_each_pulse_is_written_down(session: Session) -> None:
    """Also the second one, or the workers would seem dead after three minutes."""
    note_pulse(session, now=NOW)
    note_pulse(session, now=NOW + timedelta(minutes=1))

    assert last_pulse(session) == NOW + timedelta(minutes=1)
