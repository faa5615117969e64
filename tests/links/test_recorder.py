"""Many hits in one commit, and what becomes of them when the database does not play."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, func, inspect, select
from sqlalchemy.orm import Session

from advocacy.db.dialect import Appender, appender
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions
from advocacy.links.hit_ids import HitIds
from advocacy.links.models import Hit
from advocacy.links.recorder import JOURNAL, HitRow, Recorder, add_hits
from advocacy.links.replay import replay
from advocacy.links.spool import Spool

_ids = HitIds()


def make_row() -> HitRow:
    """Make a hit as the door would."""
    hit_id = _ids.next()
    at_ms = int.from_bytes(hit_id[:6], "big")
    return HitRow(hit_id, 7, at_ms, "human", "browser", 'a"b\\c{},.example', -(2**63))


def kept(engine: Engine) -> int:
    """Count the hits in the database."""
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(Hit)).one()


def run(
    wire: Appender,
    spool: Spool,
    talk: Callable[[Recorder], Awaitable[None]],
    *,
    patience_s: float = 2,
) -> Recorder:
    """Let a recorder work while something happens."""

    async def session() -> Recorder:
        recorder = Recorder(wire, spool, patience_s=patience_s)
        recorder.start(asyncio.get_running_loop())
        try:
            await talk(recorder)
        finally:
            await asyncio.to_thread(recorder.stop)
        return recorder

    return asyncio.run(session())


class Stuck(Appender):
    """A database that takes a commit and does not come back, until it is let go."""

    def __init__(self, inner: Appender) -> None:
        self._inner = inner
        self.let_go = threading.Event()

    def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Wait, and then write after all."""
        self.let_go.wait(20)
        self._inner.append(rows)

    def close(self) -> None:
        """Close the true one."""
        self._inner.close()


@pytest.fixture
def wire(database_url: str) -> Appender:
    """Make an appender with a connection of its own."""
    return appender(make_engine(database_url, poolclass=NullPool), JOURNAL)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Make an empty spool."""
    return Spool(tmp_path / "var" / "spool")


def test_the_rows_are_the_columns_in_their_order(engine: Engine) -> None:
    """The writer names no columns of its own."""
    columns = [column["name"] for column in inspect(engine).get_columns("hit")]

    assert list(HitRow._fields) == ["at_ms" if c == "at" else c for c in columns]


def test_a_row_arrives_as_it_left(wire: Appender, engine: Engine) -> None:
    """Whatever is in it, on either database."""
    row = make_row()

    wire.append([row, make_row()._replace(referrer=None, visitor=None)])
    wire.close()

    with Session(engine) as session:
        first, second = session.scalars(select(Hit).order_by(Hit.id))
    assert first.id.bytes == row.id
    assert (first.link_id, first.verdict, first.rule) == (7, "human", "browser")
    assert (first.referrer, first.visitor) == (row.referrer, row.visitor)
    assert round(first.at.timestamp() * 1000) == row.at_ms
    assert (second.referrer, second.visitor) == (None, None)


def test_the_same_row_twice_is_one_row(
    wire: Appender, transactions: Transactions, engine: Engine
) -> None:
    """By whichever way it comes."""
    row = make_row()
    wire.append([row])
    wire.append([row])
    wire.close()
    with transactions() as session:
        assert add_hits(session, [row, make_row()]) == 1

    assert kept(engine) == 2


def test_a_hit_is_in_the_database_when_its_future_is_done(
    wire: Appender, spool: Spool, engine: Engine
) -> None:
    """Not a moment later."""
    seen: list[int] = []

    async def talk(recorder: Recorder) -> None:
        for _ in range(3):
            await recorder.record(make_row())
            seen.append(await asyncio.to_thread(kept, engine))

    run(wire, spool, talk)

    assert seen == [1, 2, 3]


def test_what_waits_goes_into_one_commit(
    wire: Appender, spool: Spool, engine: Engine
) -> None:
    """Otherwise a busy link would wait for a disk at each click."""
    commits: list[int] = []
    append = wire.append

    def counting(rows: Sequence[tuple[Any, ...]]) -> None:
        commits.append(len(rows))
        append(rows)

    wire.append = counting  # type: ignore[method-assign]

    async def talk(recorder: Recorder) -> None:
        await asyncio.gather(*(recorder.record(make_row()) for _ in range(200)))

    run(wire, spool, talk)

    assert sum(commits) == kept(engine) == 200
    assert len(commits) < 20


def test_what_still_waits_at_the_end_is_written(
    wire: Appender, spool: Spool, engine: Engine
) -> None:
    """A restart loses nothing."""

    async def talk(recorder: Recorder) -> None:
        for _ in range(100):
            recorder.record(make_row())

    run(wire, spool, talk)

    assert kept(engine) == 100


def test_a_database_that_refuses_sends_hits_to_the_spool(
    spool: Spool, transactions: Transactions, engine: Engine
) -> None:
    """It is down: readers go on, and every hit is counted when it is back."""

    class Down(Appender):
        def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
            raise ConnectionError(f"nobody takes {len(rows)} rows")

    async def talk(recorder: Recorder) -> None:
        await asyncio.gather(*(recorder.record(make_row()) for _ in range(50)))
        assert recorder.in_trouble

    recorder = run(Down(engine, JOURNAL), spool, talk)

    assert (recorder.spooled, recorder.lost, kept(engine)) == (50, 0, 0)
    assert replay(transactions, spool) == 50


def test_a_database_that_hangs_keeps_nobody(
    wire: Appender, spool: Spool, transactions: Transactions, engine: Engine
) -> None:
    """A commit that comes after all, and its copy in the spool, are one hit."""
    stuck = Stuck(wire)

    async def talk(recorder: Recorder) -> None:
        await recorder.record(make_row())
        await asyncio.gather(*(recorder.record(make_row()) for _ in range(20)))
        assert recorder.in_trouble
        stuck.let_go.set()
        while recorder.in_trouble:
            await recorder.record(make_row())
            await asyncio.sleep(0.05)

    recorder = run(stuck, spool, talk, patience_s=0.2)

    assert recorder.spooled >= 21
    replay(transactions, spool)
    assert kept(engine) == recorder.spooled + recorder.written


def test_a_locked_file_keeps_nobody_for_long(tmp_path: Path, spool: Spool) -> None:
    """Somebody else holds SQLite's one place for writers."""
    path = tmp_path / "locked.db"
    engine = make_engine(f"sqlite:///{path}", poolclass=NullPool)
    Hit.metadata.create_all(engine)
    wire = appender(engine, JOURNAL)

    async def talk(recorder: Recorder) -> None:
        await recorder.record(make_row())
        locker = sqlite3.connect(path, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        await asyncio.gather(*(recorder.record(make_row()) for _ in range(10)))
        locker.execute("ROLLBACK")
        locker.close()

    recorder = run(wire, spool, talk, patience_s=0.3)

    assert (recorder.written, recorder.spooled, recorder.lost) == (1, 10, 0)


def test_a_hit_that_fits_nowhere_still_lets_its_reader_go(
    spool: Spool, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database gone and disk full: the count is wrong by one, and says so."""

    class Down(Appender):
        def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
            raise ConnectionError(f"nobody takes {len(rows)} rows")

    def full(_rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "append", full)

    async def talk(recorder: Recorder) -> None:
        await recorder.record(make_row())

    recorder = run(Down(engine, JOURNAL), spool, talk)

    assert recorder.lost == 1
