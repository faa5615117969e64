"""Figures as CSV, for a spreadsheet that takes no cell for a command."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[str]:
    """Write rows as CSV (RFC 4180), one at a time."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


def safe_cell(value: object) -> object:
    """Keep a spreadsheet from reading a text as a formula; numbers are left alone."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_COMMANDS):
        return f"'{value}"
    return value


def _line(row: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(cell) for cell in row])
    return line.getvalue()
