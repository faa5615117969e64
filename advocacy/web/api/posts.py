"""Posts: the ready-to-share texts of approved items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, field_validator

from advocacy.clock import utc_now
from advocacy.offers.counting import link_length_of
from advocacy.offers.listing import get_post, list_posts
from advocacy.offers.offering import edit_post
from advocacy.offers.states import PostState
from advocacy.web.api.callers import CommsCaller
from advocacy.web.api.shapes import (
    Answer,
    Body,
    Id,
    Line,
    Listing,
    ListQuery,
    Moment,
    PathId,
    Words,
    listing,
)
from advocacy.web.deps import AppHouse, Db

router = APIRouter(prefix="/posts", tags=["posts"])


class Post(Answer):
    """A ready-to-share text for one item, network and language."""

    id: int
    item_id: int
    network: str
    language: str
    variant: int
    text: str = Field(description="Without the share link.")
    state: PostState
    title: str
    target_url: str
    share_from: Moment
    share_until: Moment | None
    shares_max: int | None
    of_the_week: bool
    groups: list[int] = Field(
        validation_alias="audience",
        description="Ids of the groups it is meant for; none means everybody.",
    )
    created_at: Moment

    @field_validator("groups", mode="before")
    @classmethod
    def _ids(cls, audience: Sequence[Any]) -> list[int]:
        return sorted(group.id for group in audience)


class PostQuery(ListQuery):
    """Which posts are wanted."""

    item_id: Id | None = None
    state: PostState | None = None
    network: Line | None = None


class PostChange(Body):
    """Other words for a post."""

    text: Words


@router.get("")
def list_all(
    db: Db, _caller: CommsCaller, asked: Annotated[PostQuery, Query()]
) -> Listing[Post]:
    """List posts, the last made first."""
    page = list_posts(
        db,
        item_id=asked.item_id,
        state=asked.state,
        network=asked.network,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return listing(page, Post.model_validate)


@router.get("/{post_id}")
def show(db: Db, _caller: CommsCaller, post_id: PathId) -> Post:
    """Give one post."""
    return Post.model_validate(get_post(db, post_id))


@router.patch("/{post_id}")
def change(
    db: Db, house: AppHouse, caller: CommsCaller, post_id: PathId, given: PostChange
) -> Post:
    """Give a post other words; the next person who opens it sees them."""
    edit_post(
        db,
        post_id,
        text=given.text,
        by=caller.employee,
        now=utc_now(),
        link_length=link_length_of(house.settings.link_base),
    )
    return Post.model_validate(get_post(db, post_id))
