"""What the person behind the token is offered to share."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from advocacy import i18n
from advocacy.clock import utc_now
from advocacy.links.queries import shared_item_ids, started_counts
from advocacy.offers import offered
from advocacy.offers.queries import OFFERS_MAX, offer_of, offers_for
from advocacy.offers.states import PostState
from advocacy.web.api.callers import AnyCaller
from advocacy.web.api.shapes import Answer, Body, Listing, Moment, PathId
from advocacy.web.deps import AppHouse, Db, language_of

router = APIRouter(prefix="/offers", tags=["offers"])


class OfferedPost(Answer):
    """A ready-to-share text on one network."""

    id: int
    item_id: int
    network: str
    language: str
    variant: int
    text: str = Field(description="Without the share link.")
    state: PostState
    share_until: Moment | None


class Offer(Answer):
    """An item with the wording chosen for this person on each network."""

    item_id: int
    title: str
    summary: str
    image_url: str | None
    url: str
    source_name: str
    published_at: Moment
    language: str
    topics: list[str]
    because: str | None = Field(description="Why it stands where it stands.")
    of_the_week: bool
    shared: bool = Field(description="Whether this person shared it before.")
    posts: list[OfferedPost]


class OfferQuery(Body):
    """How many offers are wanted."""

    limit: int = Field(20, ge=1, le=OFFERS_MAX)


@router.get("")
def list_all(
    request: Request,
    db: Db,
    house: AppHouse,
    caller: AnyCaller,
    asked: Annotated[OfferQuery, Query()],
) -> Listing[Offer]:
    """List what there is to share now, best first; it is one page."""
    me = caller.person()
    offers = offers_for(
        db,
        me,
        now=utc_now(),
        limit=asked.limit,
        shared_items=shared_item_ids(db, me),
        started=lambda ids: started_counts(db, ids),
    )
    language = language_of(request, me, house.settings)
    return Listing(items=[_offer(one, language) for one in offers], next=None)


@router.get("/{item_id}")
def show(
    request: Request, db: Db, house: AppHouse, caller: AnyCaller, item_id: PathId
) -> Offer:
    """Give one item as it is offered to this person."""
    me = caller.person()
    offer = offer_of(
        db,
        me,
        item_id,
        now=utc_now(),
        shared_items=shared_item_ids(db, me),
        started=lambda ids: started_counts(db, ids),
    )
    return _offer(offer, language_of(request, me, house.settings))


def _offer(offer: offered.ItemOffer, language: str) -> Offer:
    because = offer.because
    return Offer(
        item_id=offer.item_id,
        title=offer.title,
        summary=offer.summary,
        image_url=offer.image_url,
        url=offer.target_url,
        source_name=offer.source_name,
        published_at=offer.published_at,
        language=offer.language,
        topics=list(offer.topics),
        because=because and because.say(i18n.translations(language).gettext),
        of_the_week=offer.of_the_week,
        shared=offer.shared,
        posts=[
            OfferedPost(
                id=post.post_id,
                item_id=post.item_id,
                network=post.network.key,
                language=post.language,
                variant=post.variant,
                text=post.text,
                state=PostState.LIVE,  # nothing else is offered
                share_until=post.share_until,
            )
            for post in offer.posts
        ],
    )
