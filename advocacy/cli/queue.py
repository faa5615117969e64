"""The queue: list, show, decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from sqlalchemy.orm import Session

from advocacy.cli.context import VIA, json_option, open_database, say_json, say_table
from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.errors import AdvocacyError
from advocacy.links.following import approve_item, withdraw_item
from advocacy.offers.counting import link_length_of
from advocacy.queue import decisions
from advocacy.queue.queries import as_json as item_as_json
from advocacy.queue.queries import clean_state, history_of, list_items


@click.group()
def queue() -> None:
    """List, show and decide about items of official content."""


@queue.command("list")
@click.option(
    "--state", help="pending, approved, rejected, withdrawn, expired, archived."
)
@click.option("--source", "source_id", type=int, metavar="ID")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
def list_them(
    state: str | None, source_id: int | None, limit: int, as_json: bool
) -> None:
    """List items, newest first."""
    with open_database()() as session:
        page = list_items(
            session,
            state=clean_state(state) if state else None,
            source_id=source_id,
            limit=limit,
        )
        rows = [item_as_json(item) for item in page.rows]
    if as_json:
        say_json(rows)
    else:
        columns = ("id", "state", "language", "published_at", "title")
        say_table(columns, [[row[name] for name in columns] for row in rows])


@queue.command("show")
@click.argument("item_id", metavar="ID", type=int)
@json_option
def show(item_id: int, as_json: bool) -> None:
    """Show an item with its revisions and decisions."""
    with open_database()() as session:
        history = history_of(session, item_id)
        row = item_as_json(history.item)
        row["revisions"] = [
            {
                "number": one.number,
                "title": one.title,
                "seen_at": one.seen_at.isoformat(),
            }
            for one in history.revisions
        ]
        row["decisions"] = [
            {
                "move": one.move.value,
                "by": one.by.email if one.by else None,
                "via": one.via,
                "reason": one.reason,
                "at": one.at.isoformat(),
            }
            for one in history.decisions
        ]
    if as_json:
        say_json(row)
        return
    for name, value in row.items():
        click.echo(f"{name}: {value}")


@queue.command("approve")
@click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
@json_option
def approve(item_ids: tuple[int, ...], as_json: bool) -> None:
    """Approve items: a post for each network is offered to employees."""

    def one(session: Session, item_id: int) -> str:
        posts = approve_item(
            session,
            item_id,
            by=None,
            via=VIA,
            now=utc_now(),
            link_length=link_length_of(settings().link_base),
        )
        return f"approved, {len(posts)} posts offered"

    _each(item_ids, one, as_json=as_json)


@queue.command("reject")
@click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="Why, in a few words.")
@json_option
def reject(item_ids: tuple[int, ...], reason: str, as_json: bool) -> None:
    """Reject items; they never come back by themselves."""

    def one(session: Session, item_id: int) -> str:
        decisions.reject(
            session, item_id, by=None, via=VIA, now=utc_now(), reason=reason
        )
        return "rejected"

    _each(item_ids, one, as_json=as_json)


@queue.command("withdraw")
@click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.option("--reason", default="", help="Why, in a few words.")
@json_option
def withdraw(item_ids: tuple[int, ...], reason: str, as_json: bool) -> None:
    """Withdraw approved items: offers stop, share links lead to a kind page."""

    def one(session: Session, item_id: int) -> str:
        withdraw_item(session, item_id, by=None, via=VIA, now=utc_now(), reason=reason)
        return "withdrawn"

    _each(item_ids, one, as_json=as_json)


@queue.command("reopen")
@click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
@json_option
def reopen(item_ids: tuple[int, ...], as_json: bool) -> None:
    """Put items back among those that wait for a decision."""

    def one(session: Session, item_id: int) -> str:
        decisions.reopen(session, item_id, by=None, via=VIA, now=utc_now())
        return "pending again"

    _each(item_ids, one, as_json=as_json)


def _each(
    item_ids: Sequence[int], decide: Callable[[Session, int], str], *, as_json: bool
) -> None:
    """Decide item by item, a transaction each; exit with 1 if one was refused."""
    transactions = open_database()
    rows: list[dict[str, int | str | None]] = []
    for item_id in item_ids:
        try:
            with transactions() as session:
                said = decide(session, item_id)
            rows.append({"id": item_id, "result": said, "error": None})
        except AdvocacyError as error:
            rows.append({"id": item_id, "result": "refused", "error": str(error)})
            click.echo(f"{item_id}: {error}", err=True)
    if as_json:
        say_json(rows)
    else:
        for row in rows:
            if row["error"] is None:
                click.echo(f"{row['id']}: {row['result']}")
    raise SystemExit(1 if any(row["error"] for row in rows) else 0)
