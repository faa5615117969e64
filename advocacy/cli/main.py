"""The command line: `advocacy`, one module per group of commands."""

from __future__ import annotations

import click

from advocacy import __version__
from advocacy.cli.backup import backup, restore
from advocacy.cli.context import Commands
from advocacy.cli.digest import digest
from advocacy.cli.doctor import doctor
from advocacy.cli.parts import beat, web, worker
from advocacy.cli.people import people, signin_link, token
from advocacy.cli.queue import queue
from advocacy.cli.sources import source
from advocacy.cli.stats import stats
from advocacy.cli.up import up
from advocacy.config import settings
from advocacy.db.migrations import upgrade


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Offer employees official content that they are glad to share."""


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    upgrade(settings().database_url)
    click.echo("The database is up to date.")


for command in (
    up,
    web,
    worker,
    beat,
    doctor,
    source,
    queue,
    people,
    digest,
    stats,
    signin_link,
    token,
    backup,
    restore,
):
    main.add_command(command)
