"""Telling visitors apart for a day, without knowing them."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.links.models import VisitorSalt
from advocacy.links.visitors import (
    client_address,
    forget_salts,
    salt_of,
    visitor_key,
)
from tests.makers import NOW

DAY = date(2026, 11, 23)


def test_a_visitor_has_one_key_a_day_and_another_the_next() -> None:
    """Nobody can be followed from day to day."""
    monday = visitor_key(b"a" * 16, "192.0.2.1", b"agent")

    assert visitor_key(b"a" * 16, "192.0.2.1", b"agent") == monday
    assert visitor_key(b"b" * 16, "192.0.2.1", b"agent") != monday
    assert visitor_key(b"a" * 16, "192.0.2.2", b"agent") != monday
    assert visitor_key(b"a" * 16, "192.0.2.1", b"other") != monday


@given(st.binary(min_size=16, max_size=16), st.text(), st.binary())
def test_a_key_fits_a_signed_column(salt: bytes, address: str, agent: bytes) -> None:
    """On both databases."""
    try:
        key = visitor_key(salt, address, agent)
    except UnicodeEncodeError:  # no server hands a lone surrogate on
        return

    assert -(2**63) <= key < 2**63


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9", 2, "10.0.0.1"),
        ("10.0.0.1", "not an address", 1, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:4711", 1, "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("10.0.0.1", "2001:0DB8:0::1", 1, "2001:db8::1"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("10.0.0.1", "1.1.1.1," * 5_000 + "203.0.113.9", 1, "203.0.113.9"),
        ("", "", 0, ""),
    ],
)
def test_only_our_own_proxies_are_believed(
    peer: str, forwarded: str, trusted: int, address: str
) -> None:
    """Everything before what they added may be invented."""
    assert client_address(peer, forwarded, trusted) == address


def test_a_day_has_one_salt_whoever_asks_first(
    engine: Engine, transactions: Transactions
) -> None:
    """Several processes ask in the same moment."""
    got: list[bytes] = []

    def ask() -> None:
        with transactions() as session:
            got.append(salt_of(session, DAY, now=NOW))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 6
    assert len(set(got)) == 1
    assert len(got[0]) == 16
    with Session(engine) as session:
        assert len(session.scalars(select(VisitorSalt)).all()) == 1


def test_a_salt_is_gone_within_48_hours(session: Session) -> None:
    """With an upkeep that comes by every hour; today's stays while it is needed."""
    first = salt_of(session, DAY, now=NOW)

    assert forget_salts(session, NOW + timedelta(hours=26)) == 0
    assert forget_salts(session, NOW + timedelta(hours=47)) == 1
    assert salt_of(session, DAY, now=NOW + timedelta(hours=47)) != first
