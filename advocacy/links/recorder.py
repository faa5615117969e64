"""Writing hits down: many in one commit, and durable before anybody is redirected.

The door hands hits over and waits. One thread writes whatever waits in a single
commit; what comes in meanwhile is the next commit. No window of time is waited for.
When the database refuses, or keeps a commit for longer than people should wait, the
hits go to the spool instead, and the readers on their way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.db.base import Base
from advocacy.db.dialect import (
    Appender,
    Journal,
    ensure_mark,
    insert_new,
    insert_new_keys,
)
from advocacy.links.hit_ids import moment_of
from advocacy.links.models import Hit, LateHit, RollupMark
from advocacy.links.spool import Spool

log = logging.getLogger(__name__)

JOURNAL = Journal(
    rows=Base.metadata.tables[Hit.__tablename__],
    late=Base.metadata.tables[LateHit.__tablename__],
    mark=Base.metadata.tables[RollupMark.__tablename__],
)
PATIENCE_S = 2.0  # how long a commit may keep people waiting
PATIENCE_IN_TROUBLE_S = 0.05  # the same, once the last one was too slow or failed
RETRY_AFTER_S = 1.0  # between two attempts while the database refuses
WATCH_S = 0.1
ROWS_PER_STATEMENT = 1_000


class HitRow(NamedTuple):
    """A hit as it is written: the columns of `hit`, in their order."""

    id: bytes  # 16 bytes, a UUIDv7
    link_id: int
    at_ms: int  # since 1970; the moment in the id
    verdict: str
    rule: str
    referrer: str | None
    visitor: int | None
    invented: bool = False


_Waiting = tuple[HitRow, "asyncio.Future[None] | None"]


def add_hits(session: Session, rows: Sequence[HitRow]) -> int:
    """Add hits that do not come through the door, each once, and say how many were new.

    Used for hits that waited in the spool and for the demo's past. What lies below the
    rollup's mark is noted as late, so that the totals get it too.
    """
    ensure_mark(session, JOURNAL.mark)
    mark = session.scalars(
        select(RollupMark.hit_id).where(RollupMark.id == 1).with_for_update(read=True)
    ).one()
    added = 0
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        chunk = [_columns(row) for row in rows[start : start + ROWS_PER_STATEMENT]]
        new = insert_new_keys(session, Hit, chunk, key=Hit.id)
        added += len(new)
        insert_new(
            session, LateHit, [{"hit_id": hit_id} for hit_id in new if hit_id <= mark]
        )
    return added


def _columns(row: HitRow) -> dict[str, object]:
    hit_id = UUID(bytes=row.id)
    kept = row._asdict() | {"id": hit_id, "at": moment_of(hit_id)}
    del kept["at_ms"]
    return kept


class Recorder:
    """Takes hits from one event loop and says when each is safe."""

    def __init__(
        self, appender: Appender, spool: Spool, *, patience_s: float = PATIENCE_S
    ) -> None:
        self.written = self.spooled = self.lost = 0  # hits, since the start
        self._appender = appender
        self._spool = spool
        self._patience_s = patience_s
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._in_flight: list[_Waiting] = []
        self._since: float | None = None  # the commit under way began then
        self._retry_at: float | None = None  # set while the database is in trouble
        self._stopped = threading.Event()
        self._writer = threading.Thread(target=self._write, name="hits", daemon=True)
        self._watcher = threading.Thread(target=self._watch, name="spool", daemon=True)

    @property
    def in_trouble(self) -> bool:
        """Tell whether hits go to the spool at the moment."""
        return self._retry_at is not None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to write."""
        self._loop = loop
        self._writer.start()
        self._watcher.start()

    def record(self, row: HitRow) -> asyncio.Future[None]:
        """Hand a hit over; the future is done once the hit cannot be lost any more."""
        assert self._loop is not None
        safe = self._loop.create_future()
        self._waiting.put((row, safe))
        return safe

    def stop(self) -> None:
        """Write what still waits, in the spool where nothing else will do, and end."""
        self._waiting.put(None)
        self._writer.join(self._patience_s + 1)
        self._stopped.set()
        self._watcher.join()
        if self._writer.is_alive():  # stuck in a database that does not answer
            self._put_in_spool(self._take_in_flight() + self._drain([])[0])
        self._appender.close()

    def _write(self) -> None:
        stopping = False
        while not stopping:
            first = self._waiting.get()
            if first is None:
                return
            batch, stopping = self._drain([first])
            if self._retry_at is not None and time.monotonic() < self._retry_at:
                self._put_in_spool(batch)
                continue
            with self._lock:
                self._in_flight = batch
                self._since = time.monotonic()
            error = self._commit(batch)
            with self._lock:
                self._since = None
            mine = self._take_in_flight()  # empty if the watcher was tired of waiting
            if error is None:
                self.written += len(mine)
                self._recover()
                self._release(mine)
            else:
                self._note_trouble(error)
                self._put_in_spool(mine)

    def _commit(self, batch: list[_Waiting]) -> Exception | None:
        try:
            self._appender.append([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader goes on
            return error
        return None

    def _watch(self) -> None:
        """Free the people who wait for a commit that does not come."""
        pause = WATCH_S
        while not self._stopped.wait(pause):
            with self._lock:
                since = self._since
            patience = (
                self._patience_s if self._retry_at is None else (PATIENCE_IN_TROUBLE_S)
            )
            if since is None or time.monotonic() - since < patience:
                pause = WATCH_S if self._retry_at is None else PATIENCE_IN_TROUBLE_S
                continue
            pause = PATIENCE_IN_TROUBLE_S / 2
            self._note_trouble(TimeoutError("a commit takes too long"))
            tired, stopping = self._drain(self._take_in_flight())
            if stopping:
                self._waiting.put(None)  # meant for the writer
            self._put_in_spool(tired)

    def _drain(self, batch: list[_Waiting]) -> tuple[list[_Waiting], bool]:
        """Take everything that waits; True when the end was among it."""
        with contextlib.suppress(queue.Empty):
            while (waiting := self._waiting.get_nowait()) is not None:
                batch.append(waiting)
            return batch, True
        return batch, False

    def _take_in_flight(self) -> list[_Waiting]:
        with self._lock:
            taken, self._in_flight = self._in_flight, []
        return taken

    def _put_in_spool(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            self._spool.append([row for row, _ in batch])
            self.spooled += len(batch)
        except OSError:
            self.lost += len(batch)
            log.exception("%d hits could be kept nowhere", len(batch))
        self._release(batch)

    def _release(self, batch: list[_Waiting]) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            self._loop.call_soon_threadsafe(_let_go, batch)

    def _note_trouble(self, error: Exception) -> None:
        if self._retry_at is None:
            log.warning("hits go to the spool: %s", str(error).partition("\n")[0])
        self._retry_at = time.monotonic() + RETRY_AFTER_S

    def _recover(self) -> None:
        if self._retry_at is not None:
            log.warning("hits go to the database again")
            self._retry_at = None


def _let_go(batch: list[_Waiting]) -> None:
    for _, safe in batch:
        if safe is not None and not safe.done():
            safe.set_result(None)
