"""The roster: people read from a CSV file, row by row, a broken row losing no other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from advocacy.db.session import trying
from advocacy.errors import AdvocacyError, Invalid
from advocacy.i18n import N_
from advocacy.people.directory import (
    add_employee,
    clean_email,
    clean_groups,
    clean_language,
    clean_name,
    clean_role,
    clean_timezone,
    ensure_groups,
)
from advocacy.people.models import Employee
from advocacy.people.roles import Role

COLUMNS = ("email", "name", "role", "groups", "language", "timezone")
REQUIRED = ("email", "name")
SIZE_MAX_BYTES = 5 * 1024 * 1024  # about 50,000 people
ROWS_MAX = 100_000


@dataclass(frozen=True)
class BadRow:
    """A row that was left out, and what would mend it."""

    row: int  # as a spreadsheet counts: the heading is row 1
    error: AdvocacyError


@dataclass
class Report:
    """What an import did, or would do."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[BadRow] = field(default_factory=list)


def read_people(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Read rows of people from CSV; comma or semicolon, UTF-8 or Windows-1252.

    Yields:
        The row's number as a spreadsheet counts, and its values by column.

    Raises:
        Invalid: It is no such file; nothing was read.
    """
    if len(data) > SIZE_MAX_BYTES:
        raise Invalid(N_("The file is larger than {max} MB; split it."), max=5)
    if b"\x00" in data:
        raise Invalid(
            N_("This is not a CSV file; save the sheet as CSV and try again.")
        )
    text = _decode(data)
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        names = []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise Invalid(
            N_("The first row must name the columns {columns}; {missing} is missing."),
            columns=", ".join(COLUMNS),
            missing=", ".join(missing),
        )
    rows = 0
    while True:
        start = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            raise Invalid(
                N_(
                    "Row {row} cannot be read as CSV ({problem}); nothing was imported."
                ),
                row=start,
                problem=str(error),
            ) from None
        if values is None:
            return
        if not any(value.strip() for value in values):
            continue
        rows += 1
        if rows > ROWS_MAX:
            raise Invalid(
                N_("The file has more than {max} rows; split it."), max=ROWS_MAX
            )
        yield start, dict(zip(names, values, strict=False))


def import_people(
    session: Session,
    data: bytes,
    *,
    language: str,
    timezone: str,
    now: datetime,
) -> Report:
    """Add and change people as a CSV file says; a broken row is reported, not lost.

    A column that is absent, or empty in a row, leaves what is known as it is; nobody
    is removed by being absent.

    Args:
        language: For new people whose row says none.
        timezone: For new people whose row says none.

    Raises:
        Invalid: The file as a whole cannot be read; nothing was changed.
    """
    report = Report()
    rows = list(read_people(data))
    known = _known(session)
    seen: dict[str, int] = {}
    for number, row in rows:
        try:
            email = clean_email(row.get("email", ""))
            if email in seen:
                raise Invalid(
                    N_("{email} stands in row {row} already."),
                    email=email,
                    row=seen[email],
                )
            seen[email] = number
            wanted = _read_row(row)
            if email not in known:
                known[email] = add_employee(
                    session,
                    email=email,
                    name=wanted.name,
                    role=wanted.role or Role.EMPLOYEE,
                    groups=wanted.groups or (),
                    language=wanted.language or language,
                    timezone=wanted.timezone or timezone,
                    now=now,
                )
                report.added += 1
            elif _change(session, known[email], wanted):
                report.changed += 1
            else:
                report.unchanged += 1
        except AdvocacyError as error:
            report.errors.append(BadRow(number, error))
    session.flush()
    return report


def try_people(
    session: Session, data: bytes, *, language: str, timezone: str, now: datetime
) -> Report:
    """Say what `import_people` would do, and change nothing.

    Raises:
        Invalid: The file as a whole cannot be read.
    """
    with trying(session):
        return import_people(
            session, data, language=language, timezone=timezone, now=now
        )


@dataclass(frozen=True)
class _Row:
    name: str
    role: Role | None
    groups: list[str] | None
    language: str | None
    timezone: str | None


def _read_row(row: dict[str, str]) -> _Row:
    def given(column: str) -> str:
        return row.get(column, "").strip()

    return _Row(
        name=clean_name(row.get("name", "")),
        role=clean_role(given("role")) if given("role") else None,
        groups=clean_groups(given("groups").split(";")) if given("groups") else None,
        language=clean_language(given("language")) if given("language") else None,
        timezone=clean_timezone(given("timezone")) if given("timezone") else None,
    )


def _change(session: Session, employee: Employee, wanted: _Row) -> bool:
    before = (
        employee.name,
        employee.role,
        employee.language,
        employee.timezone,
        employee.left_at,
        {group.name for group in employee.groups},
    )
    employee.name = wanted.name
    employee.role = wanted.role or employee.role
    employee.language = wanted.language or employee.language
    employee.timezone = wanted.timezone or employee.timezone
    employee.left_at = None  # whoever is on the roster works here (again)
    if wanted.groups is not None and set(wanted.groups) != before[5]:
        employee.groups = ensure_groups(session, wanted.groups)
    return before != (
        employee.name,
        employee.role,
        employee.language,
        employee.timezone,
        employee.left_at,
        {group.name for group in employee.groups},
    )


def _known(session: Session) -> dict[str, Employee]:
    people = session.scalars(select(Employee).options(selectinload(Employee.groups)))
    return {employee.email: employee for employee in people}


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what Excel writes in Europe
