"""How a connection is set up, on either database."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

BUSY_TIMEOUT_MS = 10_000  # a writer waits for another one this long
_READ_ONLY = "advocacy_read_only"


def make_engine(database_url: str, **options: Any) -> Engine:
    """Make an engine whose transactions mean the same on both databases.

    On SQLite: WAL, foreign keys on, every commit synced to disk, and BEGIN
    IMMEDIATE, since two readers that both turn writer fail at once otherwise.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        options.setdefault("pool_pre_ping", True)
        return create_engine(url, **options)
    _make_folder(url)
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(url: URL) -> None:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL loses commits at power loss
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Turn WAL on; of two processes that make the file, one is refused at once."""
    limit = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.01)
        else:
            return


def read_only(engine: Engine) -> Engine:
    """Give the same engine for transactions in which the database refuses to write."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine.execution_options(**{_READ_ONLY: True})


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    # A reader never waits for a writer in WAL; a writer takes its place at once.
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
