"""How Alembic sees our tables: called by advocacy.db.migrations and by `alembic`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Enum, NullPool

from advocacy.config import settings
from advocacy.db.base import Moment
from advocacy.db.dialect import TimeOrderedId
from advocacy.db.engine import make_engine
from advocacy.models import metadata


def render_item(
    kind: str, item: Any, _autogenerating: AutogenContext
) -> str | Literal[False]:
    """Write our types as SQLAlchemy's: a migration must not change when they do."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, TimeOrderedId):
        return 'sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")'
    if isinstance(item, Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    return False


def number(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    directives: list[MigrationScript],
) -> None:
    """Number migrations instead of naming them at random."""
    made = len(list(Path(__file__).with_name("versions").glob("[0-9]*.py")))
    for script in directives:
        script.rev_id = f"{made + 1:04d}"


def run(connection: Connection) -> None:
    """Migrate inside the transaction that `connection` is in, or in one of our own."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=True,  # SQLite rebuilds a table to change it
        compare_type=True,
        compare_server_default=True,
        process_revision_directives=number,
        transactional_ddl=True,  # true on SQLite too, since we say BEGIN ourselves
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(settings().database_url, poolclass=NullPool).connect() as own:
        run(own)
