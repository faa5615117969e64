"""What an employee is offered, and what they shared: the first page of everybody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from advocacy.clock import utc_now
from advocacy.i18n import N_
from advocacy.links.queries import (
    shared_item_ids,
    shared_networks,
    shares_of,
    started_counts,
)
from advocacy.offers.networks import NETWORKS
from advocacy.offers.offered import ItemOffer
from advocacy.offers.queries import offers_for
from advocacy.offers.setting_aside import set_aside
from advocacy.stats.own import own_figures
from advocacy.web.deps import Db, Me, csrf_checked
from advocacy.web.forms import go
from advocacy.web.page import Page, ThePage

router = APIRouter()

OFFERS_SHOWN = 20


@router.get("/")
def show(page: ThePage, db: Db, me: Me) -> HTMLResponse:
    """Show what is there to share, best first."""
    offers = offers_for(
        db,
        me,
        now=utc_now(),
        limit=OFFERS_SHOWN,
        shared_items=shared_item_ids(db, me),
        started=lambda ids: started_counts(db, ids),
    )
    shared = shared_networks(db, me, [offer.item_id for offer in offers])
    own = own_figures(db, me)
    return page.render(
        "offers.html",
        offers=[
            offer_context(page, offer, shared.get(offer.item_id, set()))
            for offer in offers
        ],
        thanks={
            "shares": own.shares,
            "clicks": own.clicks,
        },
    )


@router.post("/offers/{item_id}/set-aside", dependencies=[Depends(csrf_checked)])
def not_for_me(
    request: Request, page: ThePage, db: Db, me: Me, item_id: int
) -> RedirectResponse:
    """Do not offer an item to this person again; nobody is told."""
    set_aside(db, me, item_id, now=utc_now())
    return go(request, "/", say=page.text(N_("Fine. You will not see it again.")))


@router.get("/shares")
def show_mine(page: ThePage, db: Db, me: Me) -> HTMLResponse:
    """Show a person their own shares."""
    clicks = own_figures(db, me).clicks_of_link
    return page.render(
        "mine.html",
        shares=[
            {
                "id": share.id,
                "title": share.title,
                "network": page.gettext(NETWORKS[share.network].label),
                "day": share.day,
                "state": share.state.value,
                "clicks": clicks.get(share.link_id),
            }
            for share in shares_of(db, me)
        ],
        wants_own_figures=me.wants_own_figures,
        pages={"previous": None, "next": None},
    )


def offer_context(page: Page, offer: ItemOffer, shared: set[str]) -> dict[str, Any]:
    """Give what templates show of an offer."""
    return {
        "item_id": offer.item_id,
        "title": offer.title,
        "summary": offer.summary,
        "image_url": offer.image_url,
        "url": offer.target_url,
        "source_name": offer.source_name,
        "published_at": offer.published_at,
        "language": offer.language,
        "because": _sentence(offer.because.say(page.gettext))
        if offer.because
        else None,
        "of_the_week": offer.of_the_week,
        "topics": offer.topics,
        "networks": [
            {
                "post_id": post.post_id,
                "key": post.network.key,
                "label": page.gettext(post.network.label),
            }
            for post in offer.posts
        ],
        "shared": [page.gettext(NETWORKS[key].label) for key in sorted(shared)],
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
