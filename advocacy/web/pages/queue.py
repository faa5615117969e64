"""The desk's queue: what waits for a decision, and what was decided."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from advocacy.clock import utc_now
from advocacy.i18n import N_
from advocacy.links.following import approve_item
from advocacy.offers.counting import link_length_of
from advocacy.queue.models import Item
from advocacy.queue.queries import clean_state, count_states, list_items
from advocacy.web.deps import AppHouse, CommsMember, Db, csrf_checked
from advocacy.web.forms import go
from advocacy.web.page import ThePage

router = APIRouter(prefix="/desk/queue")

PAGE_ROWS = 20
VIA = "page"


@router.get("")
def show(
    page: ThePage, db: Db, _me: CommsMember, state: str = "pending", after: str = ""
) -> HTMLResponse:
    """Show the items in one state, newest first."""
    chosen = clean_state(state)
    found = list_items(db, state=chosen, cursor=after or None, limit=PAGE_ROWS)
    counts = count_states(db)
    older = urlencode({"state": chosen.value, "after": found.next or ""})
    return page.render(
        "desk/queue.html",
        tabs=[{"state": one.value, "count": counts[one]} for one in counts],
        state=chosen.value,
        items=[item_context(item) for item in found.rows],
        pages={
            "previous": f"/desk/queue?state={chosen.value}" if after else None,
            "next": f"/desk/queue?{older}" if found.next else None,
        },
    )


@router.post("/{item_id}/approve-as-is", dependencies=[Depends(csrf_checked)])
def approve_as_is(
    request: Request,
    page: ThePage,
    house: AppHouse,
    db: Db,
    me: CommsMember,
    item_id: int,
    expected_version: Annotated[int, Form()],
) -> RedirectResponse:
    """Offer an item on every network in its own words, and go on with the queue."""
    posts = approve_item(
        db,
        item_id,
        by=me,
        via=VIA,
        now=utc_now(),
        expected_version=expected_version,
        link_length=link_length_of(house.settings.link_base),
    )
    said = page.text(
        N_("Approved: “{title}” is offered on {count} networks."),
        title=posts[0].title if posts else "",
        count=len(posts),
    )
    return go(request, "/desk/queue", say=said)


def item_context(item: Item) -> dict[str, Any]:
    """Give what templates show of an item."""
    return {
        "id": item.id,
        "title": item.title,
        "summary": item.summary,
        "image_url": item.image_url,
        "source_id": item.source_id,
        "source_name": item.source.name,
        "author": item.author,
        "url": item.url,
        "language": item.language,
        "categories": item.categories,
        "published_at": item.published_at,
        "updated_at": item.updated_at,
        "seen_at": item.seen_at,
        "state": item.state.value,
        "changed_since_approval": item.changed_since_approval,
        "version": item.version,
        "revisions": item.revisions,
    }
