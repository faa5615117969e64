"""The spool: where hits wait when the database cannot take them."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.links.hit_ids import HitIds
from advocacy.links.models import Hit
from advocacy.links.recorder import HitRow
from advocacy.links.replay import replay
from advocacy.links.spool import WAITING, Spool

_ids = HitIds()


def make_rows(number: int) -> list[HitRow]:
    """Make hits as the door would."""
    rows = []
    for n in range(number):
        hit_id = _ids.next()
        at_ms = int.from_bytes(hit_id[:6], "big")
        rows.append(HitRow(hit_id, n, at_ms, "human", "browser", "lnkd.in", -n))
    return rows


def waiting(spool: Spool) -> list[tuple[object, ...]]:
    """Read what waits, without a database."""
    return [row for _, rows in spool.take() for row in rows]


def kept(engine: Engine) -> int:
    """Count the hits in the database."""
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(Hit)).one()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Make an empty spool."""
    return Spool(tmp_path / "var" / "spool")


def test_what_is_put_in_comes_out_as_it_was(spool: Spool) -> None:
    """To the byte."""
    rows = make_rows(3)

    spool.append(rows[:2])
    spool.append(rows[2:])

    assert waiting(spool) == [tuple(row) for row in rows]


def test_nobody_else_on_the_machine_reads_it(spool: Spool) -> None:
    """It holds who clicked when, if only by a key."""
    spool.append(make_rows(1))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in spool.folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700


def test_a_torn_line_is_left_out_and_costs_nothing_else(spool: Spool) -> None:
    """The machine stopped in mid-line; the next hit begins a line of its own."""
    first, second = make_rows(2)
    spool.append([first])
    with (spool.folder / WAITING).open("ab") as file:
        file.write(b'12345678 ["0190')
    spool.append([second])

    assert waiting(spool) == [tuple(first), tuple(second)]


def test_a_line_that_was_changed_is_left_out(spool: Spool) -> None:
    """A checksum stands before each."""
    spool.append(make_rows(1))
    path = spool.folder / WAITING
    path.write_bytes(path.read_bytes().replace(b"human", b"robot"))

    assert waiting(spool) == []


def test_an_append_that_fails_leaves_no_half_of_it(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full."""
    spool.append(make_rows(1))

    def full(_file: int, _text: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("advocacy.links.spool._write_all", full)
    with pytest.raises(OSError, match="No space left"):
        spool.append(make_rows(1))
    monkeypatch.undo()

    assert len(waiting(spool)) == 1


def test_hits_come_back_once(
    spool: Spool, transactions: Transactions, engine: Engine
) -> None:
    """And the file is gone."""
    spool.append(make_rows(5))

    assert replay(transactions, spool) == 5
    assert replay(transactions, spool) == 0
    assert kept(engine) == 5
    assert spool.is_empty()


def test_a_replay_that_dies_after_the_commit_doubles_nothing(
    spool: Spool,
    transactions: Transactions,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rows are there and the file too: it is read again."""
    spool.append(make_rows(5))

    def die(_self: Spool, _path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Spool, "done_with", die)
    with pytest.raises(KeyboardInterrupt):
        replay(transactions, spool)
    monkeypatch.undo()

    assert not spool.is_empty()
    assert replay(transactions, spool) == 0
    assert (kept(engine), spool.is_empty()) == (5, True)


def test_only_one_process_replays_at_a_time(
    spool: Spool, transactions: Transactions, engine: Engine
) -> None:
    """The other one is told so, and comes back in a minute."""
    spool.append(make_rows(1))

    with spool.alone() as mine:
        assert mine
        assert replay(transactions, Spool(spool.folder)) == 0

    assert (kept(engine), replay(transactions, spool)) == (0, 1)


def test_appending_while_others_replay_loses_nothing(
    spool: Spool, transactions: Transactions, engine: Engine
) -> None:
    """A file is taken aside between two appends, never under one."""
    done = threading.Event()

    def append() -> None:
        for _ in range(50):
            Spool(spool.folder).append(make_rows(3))

    def bring_back() -> None:
        while not done.is_set():
            replay(transactions, Spool(spool.folder))

    appending = threading.Thread(target=append)
    replaying = threading.Thread(target=bring_back)
    appending.start()
    replaying.start()
    appending.join()
    done.set()
    replaying.join()
    replay(transactions, spool)

    assert kept(engine) == 150
