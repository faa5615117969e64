"""Posts one by one and page by page, as Communications and programs ask for them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from advocacy.db import paging
from advocacy.db.paging import Page
from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.offers.models import Post
from advocacy.offers.states import PostState


def list_posts(
    session: Session,
    *,
    item_id: int | None = None,
    state: PostState | None = None,
    network: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Post]:
    """List posts with their audience, the last made first.

    Raises:
        Invalid: The cursor is not one of ours.
    """
    size = max(1, min(limit, paging.PAGE_MAX))
    query = select(Post).options(selectinload(Post.audience))
    if item_id is not None:
        query = query.where(Post.item_id == item_id)
    if state is not None:
        query = query.where(Post.state == state)
    if network is not None:
        query = query.where(Post.network == network)
    if cursor:
        query = query.where(Post.id < paging.id_in(cursor))
    rows = session.scalars(query.order_by(Post.id.desc()).limit(size + 1))
    return paging.page_of(list(rows), size, lambda post: [post.id])


def get_post(session: Session, post_id: int) -> Post:
    """Give a post with its audience.

    Raises:
        NotFound: There is no such post.
    """
    post = session.scalar(
        select(Post).where(Post.id == post_id).options(selectinload(Post.audience))
    )
    if post is None:
        raise NotFound(N_("There is no post {id}."), id=post_id)
    return post
