"""All that is held of one person, for that person (GDPR, article 15)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from advocacy.db.base import Base
from advocacy.people.models import Employee

SECRETS = frozenset({"token_hash"})


def all_held_of(
    session: Session, employee: Employee
) -> dict[str, list[dict[str, Any]]]:
    """Give every row that refers to a person, by table.

    It follows the foreign keys, so that a table that comes later is in it without
    anybody thinking of it. Hashes of tokens are left out: they open doors.
    """
    held = {
        "employee": _rows(session, Employee.metadata.tables["employee"], "id", employee)
    }
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == "employee":
                rows = _rows(session, table, key.parent.name, employee)
                if rows:
                    held.setdefault(table.name, []).extend(rows)
    return held


def _rows(
    session: Session, table: Table, column: str, employee: Employee
) -> list[dict[str, Any]]:
    wanted = [one for one in table.c if one.name not in SECRETS]
    found = session.execute(select(*wanted).where(table.c[column] == employee.id))
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name
