"""Everything that SQLite and PostgreSQL say differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Dialect,
    Engine,
    LargeBinary,
    Select,
    Table,
    TypeDecorator,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from advocacy.db.base import Moment

K = TypeVar("K")
APPEND_WAIT_MS = 2_000  # an append that has to wait longer fails


class TimeOrderedId(TypeDecorator[UUID]):
    """A UUIDv7 that sorts by its moment: 16 bytes on SQLite, uuid on PostgreSQL."""

    impl = Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Keep the id as the column's type wants it."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> UUID | None:
        """Give a UUID."""
        if value is None or isinstance(value, UUID):
            return value
        return UUID(bytes=value)


def insert_new(
    session: Session,
    table: type[DeclarativeBase] | Table,
    rows: Iterable[Mapping[str, Any]],
) -> int:
    """Insert the rows that break no unique rule, and say how many were new."""
    values = [dict(row) for row in rows]
    if not values:
        return 0
    maker = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = maker.insert(table).values(values).on_conflict_do_nothing()
    # Without the option SQLAlchemy forgets the count of an INSERT on PostgreSQL.
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)  # type: ignore[attr-defined]


def insert_new_keys(
    session: Session,
    table: type[DeclarativeBase],
    rows: Iterable[Mapping[str, Any]],
    *,
    key: InstrumentedAttribute[K],
) -> list[K]:
    """Insert the rows that break no unique rule, and give the keys of the new ones."""
    values = [dict(row) for row in rows]
    if not values:
        return []
    maker = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = maker.insert(table).values(values).on_conflict_do_nothing()
    return list(session.scalars(statement.returning(key)))


def insert_from(
    session: Session,
    table: type[DeclarativeBase],
    rows: Select[*tuple[Any, ...]],
    *,
    give: InstrumentedAttribute[K],
) -> list[K]:
    """Insert what a query finds and is not there yet; give a column of each new row."""
    maker = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    names = [column.key for column in rows.selected_columns]
    statement = maker.insert(table).from_select(names, rows).on_conflict_do_nothing()
    return list(session.scalars(statement.returning(give)))


def upsert(
    session: Session,
    table: type[DeclarativeBase] | Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    keys: tuple[str, ...],
    add: tuple[str, ...],
) -> None:
    """Insert rows, or add their numbers to those that stand under the same keys."""
    values = [dict(row) for row in rows]
    if not values:
        return
    maker = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = maker.insert(table).values(values)
    target = table if isinstance(table, Table) else table.__table__
    statement = statement.on_conflict_do_update(
        index_elements=list(keys),
        set_={name: target.c[name] + statement.excluded[name] for name in add},
    )
    session.execute(statement)


def overwrite_deleted(session: Session) -> None:
    """Let what this transaction deletes be wiped from the file, not only unlinked.

    PostgreSQL has no such switch: there the row is gone with the next vacuum.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


@dataclass(frozen=True)
class Journal:
    """A table that only grows, and whose rows somebody counts in the order of its key.

    The counter keeps a mark (`id` 1): rows up to it are counted. A row that comes in
    below the mark is noted in `late`, in the transaction that brings it, so that it is
    counted too, and once.
    """

    rows: Table  # the first column is its key, a TimeOrderedId
    late: Table  # one column: the key of such a row
    mark: Table  # id, hit_id, advanced_at


class Appender:
    """Appends rows to a journal, in one durable commit each time.

    Rows are tuples in the order of the table's columns; keys are 16 bytes and moments
    are milliseconds since 1970. A row whose key is there already is left as it is.
    Has a connection of
    its own, and is used by one thread.
    """

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self._engine = engine
        self._journal = journal
        self._wire: Any = None

    def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows and commit; on an error nothing is written, or all of it was."""
        if self._wire is None:
            self._connect()
        try:
            self._append(rows)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        wire, self._wire = self._wire, None
        if wire is not None:
            with suppress(Exception):
                wire.close()

    def _connect(self) -> None:
        with Session(self._engine) as session:
            ensure_mark(session, self._journal.mark)
            session.commit()
        proxied = self._engine.raw_connection()
        self._wire = proxied.driver_connection
        proxied.detach()
        self._prepare()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        raise NotImplementedError


class SqliteAppender(Appender):
    """SQLite: BEGIN IMMEDIATE keeps the counter out until the commit."""

    def _prepare(self) -> None:
        table, late, mark = self._journal.rows, self._journal.late, self._journal.mark
        places = ", ".join(
            "strftime('%Y-%m-%d %H:%M:%f000', ? / 1000.0, 'unixepoch')"
            if isinstance(column.type, Moment)
            else "?"
            for column in table.columns
        )
        names = ", ".join(column.name for column in table.columns)
        self._insert = (
            f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - ours
            " ON CONFLICT DO NOTHING"
        )
        key = late.columns[0].name
        self._note = f"INSERT INTO {late.name} ({key}) VALUES (?)"  # noqa: S608 - ours
        self._read_mark = f"SELECT hit_id FROM {mark.name} WHERE id = 1"  # noqa: S608 - ours
        self._wire.execute(f"PRAGMA busy_timeout = {APPEND_WAIT_MS}")

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        wire = self._wire
        wire.execute("BEGIN IMMEDIATE")
        mark = wire.execute(self._read_mark).fetchone()[0]
        if min(rows)[0] > mark:
            wire.executemany(self._insert, rows)
        else:
            for row in rows:
                new = wire.execute(self._insert, row).rowcount
                if new and row[0] <= mark:
                    wire.execute(self._note, (row[0],))
        wire.execute("COMMIT")


class PostgresAppender(Appender):
    """PostgreSQL: one statement, one way to the server and back.

    The counter holds the mark FOR UPDATE while it reads; FOR SHARE here waits for it
    and then sees the mark that it left.
    """

    def _prepare(self) -> None:
        table, late, mark = self._journal.rows, self._journal.late, self._journal.mark
        names = [column.name for column in table.columns]
        values = ", ".join(
            f"to_timestamp(given.{column.name} / 1000.0)"
            if isinstance(column.type, Moment)
            else f"given.{column.name}"
            for column in table.columns
        )
        arrays = ", ".join(
            "%s::bigint[]"
            if isinstance(column.type, Moment)
            else f"%s::{column.type.compile(self._engine.dialect)}[]"
            for column in table.columns
        )
        self._statement = (
            f"WITH mark AS (SELECT hit_id FROM {mark.name}"  # noqa: S608 - ours
            " WHERE id = 1 FOR SHARE),"
            f" fresh AS (INSERT INTO {table.name} ({', '.join(names)})"
            f" SELECT {values} FROM unnest({arrays}) AS given ({', '.join(names)})"
            f" ON CONFLICT DO NOTHING RETURNING {names[0]} AS key)"
            f" INSERT INTO {late.name} ({late.columns[0].name})"
            " SELECT fresh.key FROM fresh, mark WHERE fresh.key <= mark.hit_id"
        )
        self._wire.rollback()
        self._wire.autocommit = True
        self._wire.execute("SET synchronous_commit = on")  # whatever the server's is
        self._wire.execute(f"SET statement_timeout = {APPEND_WAIT_MS}")

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = [_array(column) for column in zip(*rows, strict=True)]
        self._wire.execute(self._statement, columns)


def _array(values: Iterable[Any]) -> str:
    """Write values as PostgreSQL reads an array; the driver takes three times as long.

    Source: PostgreSQL documentation, section 8.15.6, Array Input and Output Syntax.
    """
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def appender(engine: Engine, journal: Journal) -> Appender:
    """Make the appender for an engine's database."""
    if engine.dialect.name == "postgresql":
        return PostgresAppender(engine, journal)
    return SqliteAppender(engine, journal)


def ensure_mark(session: Session, mark: Table) -> None:
    """See to it that a journal has a mark, below its first row.

    Writers and the counter meet at this row, so it has to stand before either begins.
    """
    start = {
        "id": 1,
        "hit_id": UUID(int=0),
        "advanced_at": datetime.fromtimestamp(0, UTC),
    }
    if session.execute(select(mark.c.id).where(mark.c.id == 1)).first() is None:
        insert_new(session, mark, [start])
