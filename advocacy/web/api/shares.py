"""Shares: taking a post along, telling whether it was posted, and one's own list."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from advocacy.clock import utc_now
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.links.listing import get_own_share, list_own_shares
from advocacy.links.models import Share as ShareRow
from advocacy.links.sharing import confirm_share, share_url, unconfirm_share
from advocacy.links.states import ShareState
from advocacy.links.taking_along import offered_post, take_along
from advocacy.offers.intents import intent_url
from advocacy.offers.wording import with_link
from advocacy.web.api.callers import AnyCaller, sharer_of
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

router = APIRouter(prefix="/shares", tags=["shares"])


class OnBehalf(Body):
    """For whom a program of Communications acts."""

    email: Line | None = Field(
        None,
        description="Address of somebody else; with a token of Communications alone.",
    )


class NewShare(OnBehalf):
    """A post that somebody takes along."""

    post_id: Id
    network: Line
    text: Words | None = Field(
        None, description="The person's own words; the post's if left out. Not kept."
    )
    answers: list[Line] = Field(
        default=[],
        max_length=20,
        description="Questions of the checklist that the person ticked, which own "
        "words ask for: newspaper, secrets, respect, feeling, colleague. Not kept.",
    )
    server: Line | None = Field(
        None, description="The person's Mastodon server, as in mastodon.social."
    )


class StartedShare(Answer):
    """A share that began, and what goes along."""

    id: int
    post_id: int
    network: str
    text: str = Field(description="What goes to the clipboard, with the share link.")
    share_url: str
    intent_url: str | None = Field(
        description="Opens the network's own page; null where there is none to open."
    )
    state: ShareState


class Share(Answer):
    """One of somebody's own shares."""

    id: int
    post_id: int
    item_id: int
    network: str
    title: str
    share_url: str
    day: date
    state: ShareState
    started_at: Moment
    confirmed_at: Moment | None


@router.get("")
def list_mine(
    db: Db, house: AppHouse, caller: AnyCaller, asked: Annotated[ListQuery, Query()]
) -> Listing[Share]:
    """List the shares of the token's person, the last first."""
    page = list_own_shares(db, caller.person(), cursor=asked.cursor, limit=asked.limit)
    return listing(page, lambda row: _share(row, house.settings.link_base))


@router.get("/{share_id}")
def show(db: Db, house: AppHouse, caller: AnyCaller, share_id: PathId) -> Share:
    """Give one share of the token's person."""
    row = get_own_share(db, caller.person(), share_id)
    return _share(row, house.settings.link_base)


@router.post("", status_code=201)
def start(
    request: Request,
    response: Response,
    db: Db,
    house: AppHouse,
    caller: AnyCaller,
    given: NewShare,
) -> StartedShare:
    """Take a post along; again on the same day is the same share."""
    now = utc_now()
    employee = sharer_of(db, caller, given.email)
    post = offered_post(db, employee, given.post_id, now=now)
    if post.network.key != given.network:
        raise Invalid(
            N_("This post is for {network}; ask for a share there, or choose another."),
            network=post.network.key,
        )
    started = take_along(
        db,
        employee,
        post,
        text=post.text if given.text is None else given.text,
        answers=given.answers,
        now=now,
        tz=house.settings.timezone,
        link_base=house.settings.link_base,
    )
    row = started.share
    response.headers["Location"] = f"{request.scope['root_path']}/shares/{row.id}"
    return StartedShare(
        id=row.id,
        post_id=row.post_id,
        network=post.network.key,
        text=with_link(started.text, started.share_url, post.network),
        share_url=started.share_url,
        intent_url=intent_url(
            post.network,
            started.text,
            started.share_url,
            title=post.title,
            server=given.server,
        ),
        state=row.state,
    )


@router.post("/{share_id}/confirm")
def confirm(
    db: Db,
    house: AppHouse,
    caller: AnyCaller,
    share_id: PathId,
    given: OnBehalf | None = None,
) -> Share:
    """Take somebody's word that they posted it."""
    employee = sharer_of(db, caller, given.email if given else None)
    confirm_share(db, employee, share_id, now=utc_now())
    row = get_own_share(db, employee, share_id)
    return _share(row, house.settings.link_base)


@router.post("/{share_id}/not-posted")
def not_posted(
    db: Db,
    house: AppHouse,
    caller: AnyCaller,
    share_id: PathId,
    given: OnBehalf | None = None,
) -> Share:
    """Take a confirmation back, or leave it at a start; both are fine."""
    employee = sharer_of(db, caller, given.email if given else None)
    unconfirm_share(db, employee, share_id)
    row = get_own_share(db, employee, share_id)
    return _share(row, house.settings.link_base)


def _share(row: ShareRow, link_base: str) -> Share:
    return Share(
        id=row.id,
        post_id=row.post_id,
        item_id=row.post.item_id,
        network=row.post.network,
        title=row.post.title,
        share_url=share_url(row.link, link_base),
        day=row.day,
        state=row.state,
        started_at=row.started_at,
        confirmed_at=row.confirmed_at,
    )
