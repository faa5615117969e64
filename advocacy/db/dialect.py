"""Everything that SQLite and PostgreSQL say differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, LargeBinary, Table, TypeDecorator, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeEngine


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
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]


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
