"""Pages of a long list, by cursor: the next page starts after the last one's end."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from advocacy.errors import Invalid
from advocacy.i18n import N_

PAGE_MAX = 200  # rows
ID_MAX = 2**31 - 1  # a column of ids holds no more on PostgreSQL

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the rows after them, if there are any."""

    rows: Sequence[T]
    next: str | None


def page_of(
    rows: Sequence[T], size: int, key: Callable[[T], list[int | str]]
) -> Page[T]:
    """Cut `size + 1` fetched rows to a page; one row too many means there is more."""
    kept = rows[:size]
    more = len(rows) > size
    return Page(kept, encode(key(kept[-1])) if more and kept else None)


def encode(key: list[int | str]) -> str:
    """Make a cursor of the sort key of the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str) -> list[int | str]:
    """Read a cursor back.

    Raises:
        Invalid: It was not made here.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, UnicodeDecodeError, RecursionError):
        key = None
    if not isinstance(key, list) or not all(
        isinstance(part, int | str) for part in key
    ):
        raise _not_ours()
    return key


def id_in(cursor: str) -> int:
    """Read the cursor of a list that is sorted by id.

    Raises:
        Invalid: It was not made for such a list.
    """
    match decode(cursor):
        case [int(last_id)] if 0 < last_id <= ID_MAX:
            return last_id
    raise _not_ours()


def moment_and_id_in(cursor: str) -> tuple[datetime, int]:
    """Read the cursor of a list that is sorted by a moment, then by id.

    Raises:
        Invalid: It was not made for such a list.
    """
    match decode(cursor):
        case [str(written), int(last_id)] if 0 < last_id <= ID_MAX:
            try:
                moment = datetime.fromisoformat(written)
            except ValueError:
                raise _not_ours() from None
            # Near the ends of the calendar a moment may have no place in UTC.
            if moment.tzinfo is not None and 1 < moment.year < 9999:  # noqa: PLR2004
                return moment, last_id
    raise _not_ours()


def text_in(cursor: str) -> str:
    """Read the cursor of a list that is sorted by a text.

    Raises:
        Invalid: It was not made for such a list.
    """
    match decode(cursor):
        case [str(text)] if text.isprintable():
            return text
    raise _not_ours()


def _not_ours() -> Invalid:
    return Invalid(N_("This cursor is not one of ours; start again without it."))
