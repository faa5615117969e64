"""People and their ways in: roster, erasure, sign-in links, tokens."""

from __future__ import annotations

from pathlib import Path

import click

from advocacy.cli.context import json_option, open_database, say_json, say_table
from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.people.directory import get_employee, list_people
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.people.roster import import_people, try_people
from advocacy.people.sign_in import make_link
from advocacy.people.tokens import create_token, list_tokens, revoke_token
from advocacy.privacy.forgetting import erase
from advocacy.privacy.held import all_held_of

PAGE_ROWS = 500


@click.group()
def people() -> None:
    """Import, list, export and erase people."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@json_option
def import_file(file: Path, dry_run: bool, as_json: bool) -> None:
    """Add and change people from a CSV file; exit with 1 if a row was left out.

    Columns: email,name,role,groups,language,timezone; groups separated by ";".
    """
    current = settings()
    act = try_people if dry_run else import_people
    with open_database()() as session:
        report = act(
            session,
            file.read_bytes(),
            language=current.default_locale,
            timezone=current.timezone.key,
            now=utc_now(),
        )
    for bad in report.errors:
        click.echo(f"row {bad.row}: {bad.error}", err=True)
    if as_json:
        say_json(
            {
                "added": report.added,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "errors": [
                    {"row": bad.row, "message": str(bad.error)} for bad in report.errors
                ],
                "dry_run": dry_run,
            }
        )
    else:
        verb = "would be" if dry_run else "were"
        click.echo(
            f"{report.added} {verb} added, {report.changed} changed, "
            f"{report.unchanged} unchanged, {len(report.errors)} rows left out"
        )
    raise SystemExit(1 if report.errors else 0)


@people.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List who works here."""
    found: list[Employee] = []
    with open_database()() as session:
        while batch := list_people(
            session, after=found[-1].email if found else "", limit=PAGE_ROWS
        ):
            found.extend(batch)
    rows = [
        {
            "email": person.email,
            "name": person.name,
            "role": person.role.value,
            "groups": [group.name for group in person.groups],
            "language": person.language,
            "timezone": person.timezone,
        }
        for person in found
    ]
    if as_json:
        say_json(rows)
    else:
        say_table(
            ("email", "name", "role", "groups", "language"),
            [
                (
                    row["email"],
                    row["name"],
                    row["role"],
                    "; ".join(row["groups"]),
                    row["language"],
                )
                for row in rows
            ],
        )


@people.command("export")
@click.argument("email")
def export(email: str) -> None:
    """Print all that is held of a person, as JSON."""
    with open_database()() as session:
        say_json(all_held_of(session, get_employee(session, email)))


@people.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(email: str, yes: bool) -> None:
    """Erase a person; totals stay, nothing else does."""
    transactions = open_database()
    with transactions() as session:
        name = get_employee(session, email).name
    if not yes:
        click.confirm(f"Erase {name} ({email}) for good?", abort=True, err=True)
    with transactions() as session:
        erase(session, get_employee(session, email))
    click.echo(f"Erased {email}.")


@click.command("signin-link")
@click.argument("email")
@json_option
def signin_link(email: str, as_json: bool) -> None:
    """Print a one-time sign-in address for a person."""
    with open_database()() as session:
        url = make_link(
            session,
            get_employee(session, email),
            base_url=settings().base_url,
            now=utc_now(),
        )
    if as_json:
        say_json({"email": email, "url": url})
    else:
        click.echo(url)


@click.group()
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--email", help="Whose offers and shares the token speaks for.")
@json_option
def create(name: str, role: str, email: str | None, as_json: bool) -> None:
    """Create a token and print it; it is shown this once."""
    with open_database()() as session:
        made, secret = create_token(
            session,
            name,
            role=Role(role),
            employee=get_employee(session, email) if email else None,
            now=utc_now(),
        )
        row = {
            "id": made.id,
            "name": made.name,
            "role": made.role.value,
            "token": secret,
        }
    if as_json:
        say_json(row)
    else:
        click.echo(secret)


@token.command("list")
@json_option
def list_them(as_json: bool) -> None:
    """List the tokens that work."""
    with open_database()() as session:
        rows = [
            {
                "id": made.id,
                "name": made.name,
                "role": made.role.value,
                "created_at": made.created_at.isoformat(),
            }
            for made in list_tokens(session)
        ]
    if as_json:
        say_json(rows)
    else:
        say_table(
            ("id", "name", "role", "created"), [tuple(row.values()) for row in rows]
        )


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """Stop a token from working."""
    with open_database()() as session:
        made = revoke_token(session, token_id, now=utc_now())
        name = made.name
    click.echo(f"Token {token_id} ({name}) no longer works.")
