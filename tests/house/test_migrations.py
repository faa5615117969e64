from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
)

from advocacy.db import migrations
from advocacy.db.engine import make_engine
from advocacy.errors import Conflict
from advocacy.models import metadata
from tests.servers import postgres_database

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
VALUES: dict[type, Any] = {
    bool: False,
    bytes: b"16 bytes of salt",
    date: NOW.date(),
    datetime: NOW,
    int: 1,
    object: [],  # JSON
    str: "words",
    UUID: UUID(int=7),
}
REVISIONS = [
    script.revision
    for script in ScriptDirectory(str(migrations.scripts())).walk_revisions()
][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as made:
        yield made


@pytest.fixture
def empty(url: str) -> Iterator[Engine]:
    """Engine on a database without any table."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


def fill(connection: Connection) -> None:
    """Put one row into every table that is there; row 1 refers to row 1."""
    found = MetaData()
    found.reflect(connection)
    for table in metadata.sorted_tables:
        there = found.tables.get(table.name)
        if there is None:
            continue
        row = {
            column.name: _some(column)
            for column in table.columns
            if column.name in there.columns
        }
        connection.execute(insert(table).values(row))


def _some(column: Column[Any]) -> Any:
    enum = getattr(column.type, "enum_class", None)
    if enum is not None:
        return next(iter(enum))
    kept_as = column.type
    if isinstance(kept_as, TypeDecorator):
        kept_as = kept_as.impl_instance
    return VALUES[kept_as.python_type]


def counts(engine: Engine) -> dict[str, int]:
    """Count the rows of every table but Alembic's own."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in found.tables.items()
            if name != "alembic_version"
        }


def test_migrations_lead_to_the_models(url: str, empty: Engine) -> None:
    """A table that differs would show only in production."""
    migrations.upgrade(url)

    with empty.connect() as connection:
        command.check(migrations.configuration(connection))
    assert migrations.is_up_to_date(empty)


def test_migrating_twice_changes_nothing(url: str, empty: Engine) -> None:
    """Every start migrates."""
    migrations.upgrade(url)
    with empty.begin() as connection:
        fill(connection)
    before = counts(empty)

    migrations.upgrade(url)

    assert counts(empty) == before
    assert set(before.values()) == {1}


def test_an_empty_database_is_not_up_to_date(empty: Engine) -> None:
    """Readiness must not say yes to it."""
    assert migrations.current(empty) is None
    assert not migrations.is_up_to_date(empty)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_migration_has_a_way_back_with_rows_in_it(
    revision: str, url: str, empty: Engine
) -> None:
    """An upgrade that goes wrong is undone without losing what was there before."""
    before = ScriptDirectory(str(migrations.scripts())).get_revision(revision)
    assert before is not None
    earlier = before.down_revision or "base"
    assert isinstance(earlier, str)
    migrations.upgrade(url, revision)
    with empty.begin() as connection:
        fill(connection)

    migrations.downgrade(url, earlier)
    kept = counts(empty)
    migrations.upgrade(url, revision)

    assert (set(kept.values()) or {1}) == {1}
    assert (kept == {}) is (earlier == "base")


def test_migrations_import_nothing_of_ours() -> None:
    """They must still run when our code has moved on."""
    for script in (migrations.scripts() / "versions").glob("*.py"):
        text = script.read_text()
        assert "import advocacy" not in text, script.name
        assert "from advocacy" not in text, script.name


def test_two_processes_may_migrate_at_once(url: str, empty: Engine) -> None:
    """Web and worker start together; one waits for the other."""
    program = (
        "import sys; from advocacy.db.migrations import upgrade as go; go(sys.argv[1])"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT)
        for _ in range(2)
    ]

    ends = [process.wait(60) for process in both]

    assert ends == [0, 0]
    assert migrations.is_up_to_date(empty)


def test_a_database_of_a_newer_release_is_refused(url: str, empty: Engine) -> None:
    """One clear line, instead of a program that half works."""
    migrations.upgrade(url)
    with empty.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(Conflict, match="newer release"):
        migrations.upgrade(url)


@pytest.fixture
def next_migration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Path of a migration after the newest, in a copy of the scripts."""
    copy = tmp_path / "alembic"
    shutil.copytree(migrations.scripts(), copy)
    monkeypatch.setattr(migrations, "scripts", lambda: copy)
    migrations.newest.cache_clear()
    yield copy / "versions" / "9998_next.py"
    migrations.newest.cache_clear()


MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9998", "{newest}"
def upgrade():
    {steps}
"""


def test_a_migration_that_breaks_half_way_leaves_nothing(
    url: str, empty: Engine, next_migration: Path
) -> None:
    """The next try starts from where the last whole one ended."""
    migrations.upgrade(url)
    steps = 'op.create_table("half", sa.Column("id", sa.Integer)); raise LookupError'
    next_migration.write_text(MIGRATION.format(newest=REVISIONS[-1], steps=steps))

    with pytest.raises(LookupError):
        migrations.upgrade(url)

    assert "half" not in inspect(empty).get_table_names()
    assert migrations.current(empty) == REVISIONS[-1]


def test_rebuilding_a_table_keeps_what_refers_to_it(
    url: str, empty: Engine, next_migration: Path
) -> None:
    """SQLite drops and renames; its cascades must sleep meanwhile."""
    migrations.upgrade(url)
    with empty.begin() as connection:
        fill(connection)
    before = counts(empty)
    steps = """with op.batch_alter_table("employee") as table:
        table.alter_column("name", existing_type=sa.String(), nullable=True)"""
    next_migration.write_text(MIGRATION.format(newest=REVISIONS[-1], steps=steps))

    migrations.upgrade(url)

    assert counts(empty) == before


def test_an_installed_package_can_migrate(tmp_path: Path) -> None:
    """A wheel has no alembic/ beside it."""
    subprocess.run(
        [*(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"), tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    installed = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    url = f"sqlite:///{tmp_path / 'installed.db'}"
    program = (
        "import sys, advocacy; from advocacy.db import migrations;"
        "migrations.upgrade(sys.argv[1]); "
        "print(advocacy.__file__, migrations.scripts())"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert ran.stdout.split() == [
        str(installed / "advocacy/__init__.py"),
        str(installed / "advocacy/_alembic"),
    ]
    engine = make_engine(url)
    assert migrations.is_up_to_date(engine)
    engine.dispose()
