"""Share links, and a person's own shares, one by one and page by page."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from advocacy.db import paging
from advocacy.db.paging import Page
from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.links.models import Share, ShareLink
from advocacy.links.states import LinkState
from advocacy.people.models import Employee


def list_links(
    session: Session,
    *,
    post_id: int | None = None,
    state: LinkState | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ShareLink]:
    """List share links with their posts, the last made first.

    Raises:
        Invalid: The cursor is not one of ours.
    """
    size = max(1, min(limit, paging.PAGE_MAX))
    query = select(ShareLink).options(joinedload(ShareLink.post))
    if post_id is not None:
        query = query.where(ShareLink.post_id == post_id)
    if state is not None:
        query = query.where(ShareLink.state == state)
    if cursor:
        query = query.where(ShareLink.id < paging.id_in(cursor))
    rows = session.scalars(query.order_by(ShareLink.id.desc()).limit(size + 1))
    return paging.page_of(list(rows), size, lambda link: [link.id])


def get_link(session: Session, link_id: int) -> ShareLink:
    """Give a share link with its post.

    Raises:
        NotFound: There is no such link.
    """
    link = session.scalar(
        select(ShareLink)
        .where(ShareLink.id == link_id)
        .options(joinedload(ShareLink.post))
    )
    if link is None:
        raise NotFound(N_("There is no share link {id}."), id=link_id)
    return link


def list_own_shares(
    session: Session, employee: Employee, *, cursor: str | None = None, limit: int = 50
) -> Page[Share]:
    """List what somebody shared with posts and links, the last first; for them alone.

    Raises:
        Invalid: The cursor is not one of ours.
    """
    size = max(1, min(limit, paging.PAGE_MAX))
    query = (
        select(Share)
        .where(Share.employee_id == employee.id)
        .options(joinedload(Share.post), joinedload(Share.link))
    )
    if cursor:
        started_at, last_id = paging.moment_and_id_in(cursor)
        query = query.where(
            or_(
                Share.started_at < started_at,
                and_(Share.started_at == started_at, Share.id < last_id),
            )
        )
    rows = session.scalars(
        query.order_by(Share.started_at.desc(), Share.id.desc()).limit(size + 1)
    )
    return paging.page_of(
        list(rows), size, lambda share: [share.started_at.isoformat(), share.id]
    )


def get_own_share(session: Session, employee: Employee, share_id: int) -> Share:
    """Give one share of somebody with its post and link; for them alone.

    Raises:
        NotFound: They have no such share.
    """
    share = session.scalar(
        select(Share)
        .where(Share.id == share_id, Share.employee_id == employee.id)
        .options(joinedload(Share.post), joinedload(Share.link))
    )
    if share is None:
        raise NotFound(N_("This share is not one of yours."))
    return share
