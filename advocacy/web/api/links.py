"""Share links: where each leads; never whose it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from advocacy.links.listing import get_link, list_links
from advocacy.links.models import ShareLink
from advocacy.links.sharing import share_url
from advocacy.links.states import LinkState
from advocacy.web.api.callers import CommsCaller
from advocacy.web.api.shapes import Answer, Id, Listing, ListQuery, PathId, listing
from advocacy.web.deps import AppHouse, Db

router = APIRouter(prefix="/links", tags=["links"])


class Link(Answer):
    """A short address that people publish."""

    id: int
    slug: str
    share_url: str
    post_id: int
    network: str
    target_url: str
    state: LinkState


class LinkQuery(ListQuery):
    """Which links are wanted."""

    post_id: Id | None = None
    state: LinkState | None = None


@router.get("")
def list_all(
    db: Db,
    house: AppHouse,
    _caller: CommsCaller,
    asked: Annotated[LinkQuery, Query()],
) -> Listing[Link]:
    """List share links, the last made first."""
    page = list_links(
        db,
        post_id=asked.post_id,
        state=asked.state,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return listing(page, lambda row: _link(row, house.settings.link_base))


@router.get("/{link_id}")
def show(db: Db, house: AppHouse, _caller: CommsCaller, link_id: PathId) -> Link:
    """Give one share link."""
    return _link(get_link(db, link_id), house.settings.link_base)


def _link(row: ShareLink, link_base: str) -> Link:
    return Link(
        id=row.id,
        slug=row.slug,
        share_url=share_url(row, link_base),
        post_id=row.post_id,
        network=row.post.network,
        target_url=row.target_url,
        state=row.state,
    )
