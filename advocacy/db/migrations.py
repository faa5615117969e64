"""Migrations: bring a database to the tables of this release, by whoever is first.

The scripts lie in `alembic/` of a checkout, and in `advocacy/_alembic` of an
installed package.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, NullPool, text

from advocacy.db.engine import make_engine, read_only
from advocacy.errors import Conflict
from advocacy.i18n import N_

_PACKAGE = Path(__file__).resolve().parents[1]
_LOCK = 0x41447630  # an arbitrary number that only our migrations lock


def scripts() -> Path:
    """Find the folder with the migrations."""
    installed = _PACKAGE / "_alembic"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database up to date; a second process waits, then finds nothing to do.

    Raises:
        Conflict: The database was made by a newer release.
    """
    with _migrating(url) as config:
        try:
            command.upgrade(config, to)
        except CommandError as error:
            raise Conflict(
                N_(
                    "This database is not one that this release knows ({why}). "
                    "Install the newer release again, or restore a backup."
                ),
                why=str(error),
            ) from error


def downgrade(url: str, to: str) -> None:
    """Take a database back to an earlier migration, or to `base`; for tests alone."""
    with _migrating(url) as config:
        command.downgrade(config, to)


def current(database: Engine | Connection) -> str | None:
    """Say which migration a database has; None before the first."""
    if isinstance(database, Connection):
        return MigrationContext.configure(database).get_current_revision()
    with read_only(database).connect() as connection:
        return current(connection)


@cache
def newest() -> str | None:
    """Say which migration this release brings."""
    return ScriptDirectory(str(scripts())).get_current_head()


def is_up_to_date(database: Engine | Connection) -> bool:
    """Tell whether a database has the tables of this release."""
    return current(database) == newest()


def configuration(connection: Connection) -> Config:
    """Tell Alembic where the scripts are and which connection to use."""
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(url: str) -> Iterator[Config]:
    """Hold the one transaction in which all migrations happen, or none.

    On SQLite its BEGIN IMMEDIATE keeps other writers out, and foreign keys are off:
    a table that is rebuilt is dropped, and dropping would delete what refers to it.
    """
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        if on_sqlite:
            _say(connection, "PRAGMA foreign_keys = OFF")  # not possible inside
        with connection.begin():
            if not on_sqlite:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK}
                )
            yield configuration(connection)
            if on_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"rows refer to rows that are gone: {broken}")


def _say(connection: Connection, statement: str) -> None:
    """Run a statement outside any transaction."""
    raw = connection.connection.cursor()
    raw.execute(statement)
    raw.close()
