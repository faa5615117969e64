"""Sharing a post: look, perhaps change the words, take them along, tell if you like.

The same pages serve somebody who is signed in and somebody who came from the weekly
mail; the latter may share the item of that link, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from advocacy.clock import utc_now
from advocacy.conduct.checklist import QUESTIONS, ChecklistOpen
from advocacy.digest.letter_links import LinkUnreadable, read_letter_link
from advocacy.digest.readers import reader_of
from advocacy.i18n import N_
from advocacy.links.queries import shared_networks, started_counts
from advocacy.links.sharing import (
    StartedShare,
    confirm_share,
    item_of_share,
    unconfirm_share,
)
from advocacy.links.states import ShareState
from advocacy.links.taking_along import WordsDoNotFit, offered_post, take_along
from advocacy.offers.counting import as_sent, length, link_length_of
from advocacy.offers.intents import NotAServer, intent_url
from advocacy.offers.offered import ItemOffer, PostOffer
from advocacy.offers.queries import offer_of
from advocacy.offers.wording import with_link
from advocacy.people.models import Employee
from advocacy.web.deps import AppHouse, Db, NotSignedIn, Reader, csrf_checked
from advocacy.web.forms import go
from advocacy.web.page import Page, ThePage
from advocacy.web.pages.offers import offer_context

router = APIRouter()

TEXT_MAX = 10_000  # characters; more than fits anywhere but Facebook


@dataclass(frozen=True)
class Sharer:
    """Who shares: signed in, or come from a letter for one item."""

    employee: Employee
    letter: str = ""  # the token of the letter's link
    item_id: int | None = None  # the only item that the letter opens

    @property
    def mode(self) -> str:
        """Name how the pages look: with the menu, or bare."""
        return "letter" if self.letter else "full"

    def may_open(self, item_id: int) -> None:
        """Let a letter open its own item only.

        Raises:
            LinkUnreadable: It belongs to another item.
        """
        if self.item_id is not None and self.item_id != item_id:
            raise LinkUnreadable


def sharer_of(db: Db, house: AppHouse, reader: Employee | None, letter: str) -> Sharer:
    """Say who shares.

    Raises:
        LinkUnreadable: The letter's link is not ours, or too old.
        NotSignedIn: There is neither a session nor a letter.
    """
    if letter:
        link = read_letter_link(letter, utc_now(), secret=house.settings.secret)
        return Sharer(reader_of(db, link), letter, link.item_id)
    if reader is None:
        raise NotSignedIn
    return Sharer(reader)


def _posting(
    db: Db, house: AppHouse, reader: Reader, letter: Annotated[str, Form()] = ""
) -> Sharer:
    return sharer_of(db, house, reader, letter)


Posting = Annotated[Sharer, Depends(_posting)]


@router.get("/offers/{item_id}")
def look(
    page: ThePage,
    db: Db,
    house: AppHouse,
    reader: Reader,
    item_id: int,
    network: str = "",
) -> HTMLResponse:
    """Show an item, ready to share on a network."""
    sharer = sharer_of(db, house, reader, "")
    return show_item(page, db, sharer, item_id, network=network)


@router.get("/share/{post_id}")
def go_back(
    db: Db, house: AppHouse, reader: Reader, post_id: int, network: str = ""
) -> RedirectResponse:
    """Lead a reloaded form back to its item."""
    sharer = sharer_of(db, house, reader, "")
    post = offered_post(db, sharer.employee, post_id, now=utc_now())
    key = network if network.isalnum() else post.network.key
    return RedirectResponse(f"/offers/{post.item_id}?network={key}", status_code=303)


@router.post("/share/{post_id}", dependencies=[Depends(csrf_checked)])
def share(
    page: ThePage,
    db: Db,
    house: AppHouse,
    sharer: Posting,
    post_id: int,
    text: Annotated[str, Form()] = "",
    answers: Annotated[list[str] | None, Form()] = None,
    server: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Start the share, and give text and link to take along.

    The answer is the page itself, since own words are not kept anywhere; sending the
    form again is the same share.
    """
    now, ticked = utc_now(), set(answers or [])
    post = offered_post(db, sharer.employee, post_id, now=now)
    sharer.may_open(post.item_id)
    try:
        started = take_along(
            db,
            sharer.employee,
            post,
            text=text,
            answers=ticked,
            now=now,
            tz=house.settings.timezone,
            link_base=house.settings.link_base,
        )
    except (ChecklistOpen, WordsDoNotFit) as error:
        field = "answers" if isinstance(error, ChecklistOpen) else "text"
        return show_item(
            page,
            db,
            sharer,
            post.item_id,
            network=post.network.key,
            text=text[:TEXT_MAX],
            answered=ticked,
            errors={field: error.say(page.gettext)},
        )
    return _take_along(page, sharer, post, started, ticked, server)


@router.post("/shares/{share_id}/confirm", dependencies=[Depends(csrf_checked)])
def confirm(
    request: Request, page: ThePage, db: Db, sharer: Posting, share_id: int
) -> Response:
    """Take somebody's word that they posted it, and thank them."""
    sharer.may_open(item_of_share(db, sharer.employee, share_id))
    share_ = confirm_share(db, sharer.employee, share_id, now=utc_now())
    if sharer.letter:
        return page.render(
            "shared.html", **_thanked(sharer, share_id, share_.state), answered=[]
        )
    said = page.text(N_("Thank you! Lovely that you spread the word."))
    return go(request, "/shares", say=said)


@router.post("/shares/{share_id}/not-posted", dependencies=[Depends(csrf_checked)])
def not_posted(
    request: Request, page: ThePage, db: Db, sharer: Posting, share_id: int
) -> Response:
    """Take a confirmation back, or leave it at a start; both are fine."""
    sharer.may_open(item_of_share(db, sharer.employee, share_id))
    unconfirm_share(db, sharer.employee, share_id)
    if sharer.letter:
        return RedirectResponse(f"/m/{sharer.letter}", status_code=303)
    said = page.text(N_("That is fine. Perhaps another one suits you better."))
    return go(request, "/", say=said)


def show_item(
    page: Page,
    db: Db,
    sharer: Sharer,
    item_id: int,
    *,
    network: str = "",
    text: str | None = None,
    answered: set[str] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    """Show an item with its posts, one of them open."""
    sharer.may_open(item_id)
    offer = offer_of(
        db,
        sharer.employee,
        item_id,
        now=utc_now(),
        started=lambda ids: started_counts(db, ids),
    )
    shared = shared_networks(db, sharer.employee, [item_id]).get(item_id, set())
    chosen = _chosen(offer, network)
    typed = chosen.text if text is None else text
    link_length = link_length_of(page.house.settings.link_base)
    return page.render(
        "share.html",
        status=422 if errors else 200,
        offer=offer_context(page, offer, shared),
        posts=[_post_context(page, post) for post in offer.posts],
        chosen=_post_context(page, chosen),
        text=typed,
        count=length(as_sent(typed), chosen.network, link_length),
        questions=[
            {"key": question.key, "text": page.gettext(question.text)}
            for question in QUESTIONS
        ],
        answered=answered or set(),
        errors=errors or {},
        mode=sharer.mode,
        letter=sharer.letter,
        checks="" if sharer.letter else "/checks",
    )


def _chosen(offer: ItemOffer, network: str) -> PostOffer:
    return next(
        (post for post in offer.posts if post.network.key == network), offer.posts[0]
    )


def _post_context(page: Page, post: PostOffer) -> dict[str, Any]:
    network = post.network
    return {
        "post_id": post.post_id,
        "network": {
            "key": network.key,
            "label": page.gettext(network.label),
            "advice": page.gettext(network.advice),
            "capability": network.capability.value,
            "cut_at": network.cut_at,
        },
        "text": post.text,
        "language": post.language,
    }


def _take_along(
    page: Page,
    sharer: Sharer,
    post: PostOffer,
    started: StartedShare,
    answered: set[str],
    server: str,
) -> HTMLResponse:
    errors: dict[str, str] = {}
    try:
        address = intent_url(
            post.network,
            started.text,
            started.share_url,
            title=post.title,
            server=server or None,
        )
    except NotAServer as error:
        address, errors = None, {"server": error.say(page.gettext)}
    return page.render(
        "shared.html",
        post_id=post.post_id,
        share_id=started.share.id,
        state=ShareState.STARTED.value,  # also again after confirming: here is the text
        title=post.title,
        share_url=started.share_url,
        text=with_link(started.text, started.share_url, post.network),
        own_text=started.text,
        answered=sorted(answered),
        intent_url=address,
        network={
            "key": post.network.key,
            "label": page.gettext(post.network.label),
        },
        capability=post.network.capability.value,
        server=server[:100],
        errors=errors,
        mode=sharer.mode,
        letter=sharer.letter,
    )


def _thanked(sharer: Sharer, share_id: int, state: ShareState) -> dict[str, Any]:
    """Give what the page of thanks needs, for somebody who came from a letter."""
    return {
        "post_id": 0,
        "share_id": share_id,
        "state": state.value,
        "title": "",
        "share_url": "",
        "text": "",
        "own_text": "",
        "intent_url": None,
        "network": {"key": "", "label": ""},
        "capability": "",
        "server": "",
        "errors": {},
        "mode": sharer.mode,
        "letter": sharer.letter,
    }
