"""The weekly mail: look at it, send it, see how far it is."""

from __future__ import annotations

import time
from datetime import datetime

import click

from advocacy.cli.context import json_option, open_database, say_json
from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.digest import editions
from advocacy.digest.calendar import week_to_plan
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.letters import preview as preview_letter
from advocacy.digest.models import EditionState
from advocacy.digest.queries import status as status_of
from advocacy.errors import NotFound
from advocacy.jobs import Job, send
from advocacy.people.directory import get_employee

POLL_S = 0.5
WAIT_MAX_S = 3600.0
DONE = {
    EditionState.SENT.value,
    EditionState.PARTIAL.value,
    EditionState.CANCELLED.value,
}

week_option = click.option("--week", help="As 2026-W48; the current one by default.")


@click.group()
def digest() -> None:
    """Preview and send the weekly mail."""


@digest.command()
@click.argument("email")
@week_option
@json_option
def preview(email: str, week: str | None, as_json: bool) -> None:
    """Show the letter as one person would get it; nothing is sent."""
    now, head = utc_now(), Letterhead.of(settings())
    with open_database()() as session:
        rendered = preview_letter(
            session,
            get_employee(session, email),
            _week(week, now, head),
            now=now,
            head=head,
        )
    if rendered is None:
        raise NotFound("There is nothing new for {email} yet.", email=email)
    if as_json:
        say_json(
            {"subject": rendered.subject, "text": rendered.text, "html": rendered.html}
        )
    else:
        click.echo(f"Subject: {rendered.subject}\n\n{rendered.text}")


@digest.command("send")
@week_option
@click.option("--wait", is_flag=True, help="Wait until every letter has left.")
@json_option
def send_it(week: str | None, wait: bool, as_json: bool) -> None:
    """Let the letters of a week leave now; nobody gets one twice."""
    now, head = utc_now(), Letterhead.of(settings())
    transactions = open_database()
    name = _week(week, now, head)
    editions.send_now(transactions, name, now=now, head=head)
    send(Job.DELIVER_DIGEST)
    limit = time.monotonic() + WAIT_MAX_S
    while True:
        with transactions() as session:
            row = status_of(session, name)
        if not wait or row["state"] in DONE or time.monotonic() > limit:
            break
        time.sleep(POLL_S)
    _say(row, as_json)
    if wait:
        raise SystemExit(0 if row["state"] == EditionState.SENT.value else 1)


@digest.command()
@week_option
@json_option
def status(week: str | None, as_json: bool) -> None:
    """Say how far the letters of a week are."""
    now, head = utc_now(), Letterhead.of(settings())
    with open_database()() as session:
        _say(status_of(session, _week(week, now, head)), as_json)


def _week(given: str | None, now: datetime, head: Letterhead) -> str:
    return given or week_to_plan(now, head.timetable)


def _say(row: dict[str, str | int], as_json: bool) -> None:
    if as_json:
        say_json(row)
        return
    for name, value in row.items():
        click.echo(f"{name}: {value}")
