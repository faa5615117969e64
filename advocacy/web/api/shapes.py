"""What every body, answer and list of the API is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from advocacy.db.paging import ID_MAX, PAGE_MAX, Page, encode, id_in

WORDS_MAX = 100_000  # characters; no network takes more

T = TypeVar("T")
Row = TypeVar("Row")


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("leave out the NUL sign; no database keeps it in a text")
    return text


Line = Annotated[str, Field(max_length=2_000), AfterValidator(_storable)]
Words = Annotated[str, Field(max_length=WORDS_MAX), AfterValidator(_storable)]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
PathId = Annotated[int, Path(ge=1, le=ID_MAX)]
Week = Annotated[
    str,
    Path(pattern=r"^2[0-9]{3}-W[0-9]{2}$", description="An ISO week, as in 2026-W48."),
]
Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A moment in an answer: ISO 8601 with its offset, as commands print it."""
GivenMoment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2999, 1, 1, tzinfo=UTC)),
]
"""A moment in a body: with an offset, in years that every calendar can reckon with."""


class Body(BaseModel):
    """What a program sends; a misspelt key is refused rather than overlooked."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What a program gets; made of rows where names agree."""

    model_config = ConfigDict(from_attributes=True)


class ListQuery(Body):
    """Which part of a list is wanted."""

    cursor: str | None = Field(
        None, max_length=1_000, description="`next` of the page before."
    )
    limit: int = Field(50, ge=1, le=PAGE_MAX)


class Listing(Answer, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None = Field(
        None, description="The cursor of the page after; null on the last page."
    )


def listing(page: Page[Row], show: Callable[[Row], T]) -> Listing[T]:
    """Tell a page of rows."""
    return Listing(items=[show(row) for row in page.rows], next=page.next)


def part_by_id(
    rows: Iterable[Row], asked: ListQuery, id_of: Callable[[Row], int]
) -> Page[Row]:
    """Cut a page out of a list that is short enough to be read whole.

    Raises:
        Invalid: The cursor is not one of ours.
    """
    after = id_in(asked.cursor) if asked.cursor else 0
    left = sorted((row for row in rows if id_of(row) > after), key=id_of)
    kept = left[: asked.limit]
    return Page(kept, encode([id_of(kept[-1])]) if len(left) > len(kept) else None)


class Problem(BaseModel):
    """What went wrong, as in RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="A sentence that says what would help.")
    errors: list[dict[str, str]] = Field(
        default=[], description="Where the request does not fit, and why."
    )
