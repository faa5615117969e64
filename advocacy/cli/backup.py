"""A copy of everything in one file, consistent while the service runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import make_url

from advocacy.config import settings
from advocacy.errors import Conflict, Invalid

ELSEWHERE = (
    "This copies the embedded database only. For PostgreSQL use its own tools: "
    "pg_dump --format=custom, and pg_restore."
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the embedded database into FILE, while the service runs."""
    if file.exists():
        raise Conflict("{file} exists already; choose another name.", file=str(file))
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        _copy(_database(), partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"Everything is in {file}. Keep var/secret_key with it.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put the embedded database back as it was in FILE."""
    with closing(sqlite3.connect(file)) as copy:
        try:
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        except sqlite3.DatabaseError:
            sound = False
    if not sound:
        raise Invalid("{file} is not a backup of Advocacy.", file=str(file))
    target = _database()
    if target.exists() and not yes:
        click.confirm(f"Replace what is in {target}?", abort=True, err=True)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy(file, target)
    click.echo(f"Restored {file}. Run: advocacy migrate")


def _database() -> Path:
    url = make_url(settings().database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid(ELSEWHERE)
    return Path(url.database)


def _copy(source: Path, target: Path) -> None:
    """Copy page by page with SQLite's own backup, which waits for writers."""
    with (
        closing(sqlite3.connect(source)) as origin,
        closing(sqlite3.connect(target, timeout=30)) as copy,
    ):
        origin.backup(copy)
