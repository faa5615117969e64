"""What every command needs: the database, the settings, a way to speak and to fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from advocacy import jobs
from advocacy.config import settings
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.errors import AdvocacyError

NO_TABLES = ("no such table", "no such column", 'relation "', 'column "')
VIA = "command"  # how decisions made here are recorded


class Commands(click.Group):
    """A group of commands whose failures are one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except AdvocacyError as error:
            fail(str(error))
        except ValidationError as error:
            fail(explain_settings(error))
        except DBAPIError as error:
            said = _first_line(error.orig or error)
            if any(words in said for words in NO_TABLES):
                fail(f"The tables are not there yet ({said}). Run: advocacy migrate")
            fail(f"The database did not do it: {said}")
        except SQLAlchemyError as error:
            fail(f"The database did not do it: {_first_line(error)}")
        except OSError as error:
            fail(str(error))


def fail(sentence: str) -> None:
    """Say on stderr what went wrong, and end with exit code 1."""
    click.echo(sentence, err=True)
    sys.exit(1)


def explain_settings(error: ValidationError) -> str:
    """Name the settings that are wrong, and what would be right, on one line."""
    sentences = []
    for problem in error.errors():
        field = "_".join(str(part) for part in problem["loc"][:1])
        message = problem["msg"].removeprefix("Value error, ")
        sentences.append(f"ADVOCACY_{field.upper()}: {message}" if field else message)
    return "A setting is wrong. " + "; ".join(sentences)


def open_database() -> Transactions:
    """Open the database of the settings, and know where to ring for workers."""
    current = settings()
    jobs.use_broker(jobs.broker_url(current))
    engine = make_engine(current.database_url)
    click.get_current_context().call_on_close(engine.dispose)
    return transactions_on(engine)


def say_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for a person."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(soft_wrap=False).print(table)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document."
)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
