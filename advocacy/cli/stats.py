"""Statistics: figures of a period, and the recount that shows they are right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from advocacy.cli.context import json_option, open_database, say_json, say_table
from advocacy.clock import day_of, utc_now
from advocacy.config import settings
from advocacy.stats.export import csv_lines
from advocacy.stats.figures import By
from advocacy.stats.queries import figures
from advocacy.stats.verify import verify as recount

WEEKS = 12

day_type = click.DateTime(formats=["%Y-%m-%d"])
from_option = click.option(
    "--from", "from_day", type=day_type, help="First day; twelve weeks ago by default."
)
to_option = click.option(
    "--to", "to_day", type=day_type, help="Last day; today by default."
)


@click.group(invoke_without_command=True)
@from_option
@to_option
@click.option(
    "--by",
    type=click.Choice([one.value for one in By]),
    default=By.DAY.value,
    show_default=True,
)
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def stats(
    context: click.Context,
    from_day: datetime | None,
    to_day: datetime | None,
    by: str,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Show shares, clicks and what was left out, in a period."""
    if context.invoked_subcommand is not None:
        return
    current = settings()
    first, last = _span(from_day, to_day)
    with open_database()() as session:
        found = figures(
            session,
            from_day=first,
            to_day=last,
            by=By(by),
            zone=current.timezone,
            small_group=current.small_group,
        )
    columns, rows = found.table()
    if csv_file:
        with csv_file.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(columns, rows))
        click.echo(f"{len(found.rows)} rows in {csv_file}", err=True)
    if as_json:
        say_json(found.as_json())
    elif not csv_file:
        say_table(columns, [list(row) for row in rows])


@stats.command()
@from_option
@to_option
@json_option
def verify(from_day: datetime | None, to_day: datetime | None, as_json: bool) -> None:
    """Recount the totals from the raw hits; exit with 1 where they differ."""
    current = settings()
    oldest = day_of(utc_now(), current.timezone) - timedelta(
        days=current.hits_kept_days
    )
    first = from_day.date() if from_day else oldest
    last = _span(from_day, to_day)[1]
    with open_database()() as session:
        found = recount(session, from_day=first, to_day=last, zone=current.timezone)
    difference = found.difference
    if as_json:
        say_json(
            {
                "from": first.isoformat(),
                "to": last.isoformat(),
                "days": found.days,
                "hits": found.hits,
                "agrees": found.agrees,
                "difference": difference
                and {
                    "day": difference.day.isoformat(),
                    "link_id": difference.link_id,
                    "verdict": difference.verdict,
                    "kept_hits": difference.kept_hits,
                    "counted_hits": difference.counted_hits,
                    "kept_visitors": difference.kept_visitors,
                    "counted_visitors": difference.counted_visitors,
                },
            }
        )
    elif difference is None:
        click.echo(f"Every total agrees: {found.hits} hits in {found.days} days.")
    else:
        click.echo(
            f"{difference.day}, link {difference.link_id}, {difference.verdict}: the "
            f"totals say {difference.kept_hits} hits, the raw hits "
            f"{difference.counted_hits}.",
            err=True,
        )
    raise SystemExit(0 if found.agrees else 1)


def _span(from_day: datetime | None, to_day: datetime | None) -> tuple[date, date]:
    last = to_day.date() if to_day else day_of(utc_now(), settings().timezone)
    first = from_day.date() if from_day else last - timedelta(weeks=WEEKS)
    return first, last
