"""Sources: add, list, pause, remove, and have them pulled by the workers."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import click

from advocacy.cli.context import json_option, open_database, say_json, say_table
from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.errors import Invalid
from advocacy.jobs import Job, ring
from advocacy.queue.queries import count_by_source
from advocacy.sources import catalog
from advocacy.sources.adapters import KINDS
from advocacy.sources.models import Approval, Source

POLL_S = 0.2
WAIT_MAX_S = 120.0  # longer than a pull may take
UNIT_S = {"m": 60, "h": 3600, "d": 86400}


@click.group()
def source() -> None:
    """Add, list and pull the feeds of your organisation."""


@source.command()
@click.argument("url")
@click.option("--name", default="", help="Empty: what the source calls itself.")
@click.option(
    "--kind", default="auto", show_default=True, type=click.Choice(list(KINDS))
)
@click.option(
    "--approve",
    default="review",
    show_default=True,
    type=click.Choice([one.value for one in Approval]),
)
@click.option("--every", help="Fixed time between pulls, as 15m, 2h or 1d.")
@click.option("--language", help="Of items that do not say, as nl.")
@json_option
def add(
    url: str,
    name: str,
    kind: str,
    approve: str,
    every: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Add a source; the workers pull it at once."""
    with open_database()() as session:
        made = catalog.add_source(
            session,
            url,
            name=name,
            kind=kind,
            approval=Approval(approve),
            every_s=_seconds(every) if every else None,
            language=language,
            now=utc_now(),
        )
        ring(session, Job.PULL_SOURCE, made.id)
        row = _row(made, 0)
    _say(row, as_json)


@source.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the sources with how they are."""
    with open_database()() as session:
        counts = count_by_source(session)
        rows = [
            _row(one, counts.get(one.id, 0)) for one in catalog.list_sources(session)
        ]
    if as_json:
        say_json(rows)
        return
    columns = ("id", "name", "kind", "state", "last_result", "items", "url")
    say_table(columns, [[row[name] for name in columns] for row in rows])


@source.command()
@click.argument("source_id", metavar="ID", type=int)
@json_option
def show(source_id: int, as_json: bool) -> None:
    """Show one source."""
    with open_database()() as session:
        found = catalog.get_source(session, source_id)
        row = _row(found, count_by_source(session).get(source_id, 0))
    _say(row, as_json)


@source.command()
@click.argument("source_id", metavar="ID", type=int)
def pause(source_id: int) -> None:
    """Stop asking a source; its items stay."""
    with open_database()() as session:
        name = catalog.pause(session, source_id).name
    click.echo(f"{name} is paused.")


@source.command()
@click.argument("source_id", metavar="ID", type=int)
def resume(source_id: int) -> None:
    """Ask a source again."""
    with open_database()() as session:
        name = catalog.resume(session, source_id, now=utc_now()).name
        ring(session, Job.PULL_SOURCE, source_id)
    click.echo(f"{name} is asked for news again.")


@source.command()
@click.argument("source_id", metavar="ID", type=int)
def remove(source_id: int) -> None:
    """Take a source off the list; its items stay in the queue."""
    with open_database()() as session:
        name = catalog.remove(session, source_id).name
    click.echo(f"{name} is removed; its items stay.")


@source.command()
@click.argument("source_ids", metavar="[ID]...", type=int, nargs=-1)
@click.option(
    "--all", "pull_all", is_flag=True, help="Every source that is not paused."
)
@click.option(
    "--wait", is_flag=True, help="Report each source's result when it is done."
)
@json_option
def pull(
    source_ids: tuple[int, ...], pull_all: bool, wait: bool, as_json: bool
) -> None:
    """Have the workers ask sources for news now; exit with 1 if one failed."""
    if bool(source_ids) == pull_all:
        raise click.UsageError("Name sources by ID, or give --all.")
    transactions = open_database()
    asked_at = utc_now()
    with transactions() as session:
        chosen = list(source_ids or catalog.active_sources(session))
        for source_id in chosen:
            catalog.ask_now(session, source_id, now=asked_at)
            ring(session, Job.PULL_SOURCE, source_id)
    if not wait:
        if as_json:
            say_json([{"id": source_id} for source_id in chosen])
        else:
            click.echo(f"{len(chosen)} sources handed to the workers")
        return
    rows = _wait_for(transactions, chosen, asked_at)
    if as_json:
        say_json(rows)
    else:
        columns = ("id", "result", "new", "updated", "unchanged", "error")
        say_table(columns, [[row[name] for name in columns] for row in rows])
    bad = {"failed", "gone"}
    raise SystemExit(1 if any(row["result"] in bad for row in rows) else 0)


def _wait_for(
    transactions: Transactions, source_ids: list[int], since: datetime
) -> list[dict[str, Any]]:
    """Look at the sources until each has been pulled after `since`."""
    limit = time.monotonic() + WAIT_MAX_S
    while True:
        with transactions() as session:
            found = [catalog.get_source(session, one) for one in source_ids]
        waiting = [
            one.id
            for one in found
            if one.last_pulled_at is None or one.last_pulled_at < since
        ]
        if not waiting or time.monotonic() > limit:
            return [_result(one, late=one.id in waiting) for one in found]
        time.sleep(POLL_S)


def _result(found: Source, *, late: bool) -> dict[str, Any]:
    if late:
        error = "No worker took it within two minutes; see advocacy doctor."
        return {
            "id": found.id,
            "result": "failed",
            "new": 0,
            "updated": 0,
            "unchanged": 0,
            "error": error,
        }
    return {
        "id": found.id,
        "result": found.last_result,
        "new": found.last_new,
        "updated": found.last_updated,
        "unchanged": found.last_unchanged,
        "error": found.last_error,
    }


def _row(found: Source, items: int) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "url": found.url,
        "kind": found.kind,
        "state": found.state.value,
        "last_pulled_at": found.last_pulled_at and found.last_pulled_at.isoformat(),
        "next_pull_at": found.next_pull_at.isoformat(),
        "last_result": found.last_result,
        "last_error": found.last_error,
        "items": items,
    }


def _say(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(row)
        return
    for name, value in row.items():
        click.echo(f"{name}: {'' if value is None else value}")


def _seconds(text: str) -> int:
    match = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text.strip())
    if match is None:
        raise Invalid("“{text}” is not a time; write it as 15m, 2h or 1d.", text=text)
    return int(match[1]) * UNIT_S[match[2]]
