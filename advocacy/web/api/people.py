"""People and their groups, as the directory knows them; nothing of what they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, field_validator

from advocacy.db.paging import page_of, text_in
from advocacy.people.directory import get_group, get_person, list_groups, list_people
from advocacy.people.roles import Role
from advocacy.web.api.callers import AdminCaller, CommsCaller
from advocacy.web.api.shapes import (
    Answer,
    Line,
    Listing,
    ListQuery,
    PathId,
    listing,
    part_by_id,
)
from advocacy.web.deps import Db

router = APIRouter()


class Person(Answer):
    """Somebody who works here."""

    id: int
    email: str
    name: str
    role: Role
    groups: list[str]
    language: str
    timezone: str

    @field_validator("groups", mode="before")
    @classmethod
    def _names(cls, groups: Sequence[Any]) -> list[str]:
        return [group.name for group in groups]


class Group(Answer):
    """A team or department; an audience for posts."""

    id: int
    name: str


class PeopleQuery(ListQuery):
    """Which people are wanted."""

    search: Line = Field("", description="Part of an address, a name or a group.")


@router.get("/people", tags=["people"])
def list_all(
    db: Db, _caller: AdminCaller, asked: Annotated[PeopleQuery, Query()]
) -> Listing[Person]:
    """List who works here, by address."""
    people = list_people(
        db,
        search=asked.search,
        after=text_in(asked.cursor) if asked.cursor else "",
        limit=asked.limit + 1,
    )
    page = page_of(people, asked.limit, lambda person: [person.email])
    return listing(page, Person.model_validate)


@router.get("/people/{person_id}", tags=["people"])
def show(db: Db, _caller: AdminCaller, person_id: PathId) -> Person:
    """Give one person."""
    return Person.model_validate(get_person(db, person_id))


@router.get("/groups", tags=["groups"])
def list_every_group(
    db: Db, _caller: CommsCaller, asked: Annotated[ListQuery, Query()]
) -> Listing[Group]:
    """List the groups that a post can be meant for."""
    page = part_by_id(list_groups(db), asked, lambda group: group.id)
    return listing(page, Group.model_validate)


@router.get("/groups/{group_id}", tags=["groups"])
def show_group(db: Db, _caller: CommsCaller, group_id: PathId) -> Group:
    """Give one group."""
    return Group.model_validate(get_group(db, group_id))
