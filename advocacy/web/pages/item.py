"""One item at the desk: look, adjust the words, decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from advocacy.clock import utc_now
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.links.following import approve_item, withdraw_item
from advocacy.offers.counting import length, link_length_of
from advocacy.offers.networks import NETWORKS, Network
from advocacy.offers.offering import TextTooLong, edit_post
from advocacy.offers.queries import posts_of_item, words_chosen_before
from advocacy.offers.wording import suggest
from advocacy.people.directory import list_groups
from advocacy.queue import decisions
from advocacy.queue.models import Item
from advocacy.queue.queries import History, history_of
from advocacy.queue.states import ItemState, moves_from
from advocacy.web.deps import AppHouse, CommsMember, Db, csrf_checked
from advocacy.web.forms import go
from advocacy.web.page import Page, ThePage
from advocacy.web.pages.queue import VIA, item_context

router = APIRouter(prefix="/desk")


@dataclass(frozen=True)
class Typed:
    """What somebody typed at the desk, to be shown again when something is wrong."""

    networks: frozenset[str] = frozenset(NETWORKS)
    texts: dict[str, str] = field(default_factory=dict)
    groups: frozenset[int] = frozenset()
    share_until: str = ""
    reason: str = ""


async def _typed(request: Request) -> Typed:
    form = await request.form()
    return Typed(
        networks=frozenset(_strings(form, "networks")),
        texts={
            key: text
            for key in NETWORKS
            if isinstance(text := form.get(f"text_{key}"), str)
        },
        groups=frozenset(
            int(value) for value in _strings(form, "groups") if value.isdecimal()
        ),
        share_until="".join(_strings(form, "share_until"))[:10],
        reason="".join(_strings(form, "reason"))[:2000],
    )


def _strings(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


Filled = Annotated[Typed, Depends(_typed)]


@router.get("/queue/{item_id}")
def show(page: ThePage, db: Db, _me: CommsMember, item_id: int) -> HTMLResponse:
    """Show an item with what may be done about it."""
    return _render(page, db, item_id, Typed())


@router.post("/queue/{item_id}/approve", dependencies=[Depends(csrf_checked)])
def approve(
    request: Request,
    page: ThePage,
    house: AppHouse,
    db: Db,
    me: CommsMember,
    item_id: int,
    typed: Filled,
    expected_version: Annotated[int, Form()],
) -> Response:
    """Approve the item and offer it with the words on the page."""
    zone = house.settings.timezone
    try:
        share_until = _end_of(typed.share_until, page) if typed.share_until else None
        posts = approve_item(
            db,
            item_id,
            by=me,
            via=VIA,
            now=utc_now(),
            networks=[key for key in NETWORKS if key in typed.networks],
            text=typed.texts,
            expected_version=expected_version,
            groups=typed.groups,
            share_until=share_until.astimezone(zone) if share_until else None,
            link_length=link_length_of(house.settings.link_base),
        )
    except Invalid as error:
        return _again(page, db, item_id, typed, error)
    said = page.text(
        N_("Approved: “{title}” is offered on {count} networks."),
        title=posts[0].title,
        count=len(posts),
    )
    return go(request, "/desk/queue", say=said)


@router.post("/queue/{item_id}/reject", dependencies=[Depends(csrf_checked)])
def reject(
    request: Request,
    page: ThePage,
    db: Db,
    me: CommsMember,
    item_id: int,
    typed: Filled,
    expected_version: Annotated[int, Form()],
) -> Response:
    """Say no, with a reason."""
    try:
        item = decisions.reject(
            db,
            item_id,
            by=me,
            via=VIA,
            now=utc_now(),
            reason=typed.reason,
            expected_version=expected_version,
        )
    except Invalid as error:
        return _again(page, db, item_id, typed, error)
    said = page.text(N_("Rejected: “{title}”."), title=item.title)
    return go(request, "/desk/queue", say=said)


@router.post("/queue/{item_id}/withdraw", dependencies=[Depends(csrf_checked)])
def withdraw(
    request: Request,
    page: ThePage,
    db: Db,
    me: CommsMember,
    item_id: int,
    typed: Filled,
    expected_version: Annotated[int, Form()],
) -> Response:
    """Take back the yes, and the links with it."""
    try:
        withdraw_item(
            db,
            item_id,
            by=me,
            via=VIA,
            now=utc_now(),
            reason=typed.reason,
            expected_version=expected_version,
        )
    except Invalid as error:
        return _again(page, db, item_id, typed, error)
    said = page.text(N_("Withdrawn. Its share links now lead to a kind page."))
    return go(request, f"/desk/queue/{item_id}", say=said)


@router.post("/queue/{item_id}/reopen", dependencies=[Depends(csrf_checked)])
def reopen(
    request: Request,
    page: ThePage,
    db: Db,
    me: CommsMember,
    item_id: int,
    expected_version: Annotated[int, Form()],
) -> RedirectResponse:
    """Bring an item back to what waits for a decision."""
    decisions.reopen(
        db, item_id, by=me, via=VIA, now=utc_now(), expected_version=expected_version
    )
    return go(
        request, f"/desk/queue/{item_id}", say=page.text(N_("It waits for you again."))
    )


@router.post("/posts/{post_id}", dependencies=[Depends(csrf_checked)])
def change_text(
    request: Request,
    page: ThePage,
    house: AppHouse,
    db: Db,
    me: CommsMember,
    post_id: int,
    text: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Give a post other words."""
    post = edit_post(
        db,
        post_id,
        text=text,
        by=me,
        now=utc_now(),
        link_length=link_length_of(house.settings.link_base),
    )
    return go(
        request,
        f"/desk/queue/{post.item_id}",
        say=page.text(N_("The new text for {network} is kept."), network=post.network),
    )


def _end_of(day: str, page: Page) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.max, page.zone)
    except ValueError:
        raise Invalid(N_("Write the last day as 2026-12-31.")) from None


def _again(page: Page, db: Db, item_id: int, typed: Typed, error: Invalid) -> Response:
    """Show the page again, with what was typed and what would help."""
    errors: dict[str, str] = {}
    said = error.say(page.gettext)
    if isinstance(error, TextTooLong):
        link_length = link_length_of(page.house.settings.link_base)
        for key in typed.networks & typed.texts.keys():
            if not length(typed.texts[key], NETWORKS[key], link_length).fits:
                errors[f"text_{key}"] = said
    elif not typed.networks:
        errors["networks"] = said
    elif page.request.url.path.endswith("/approve"):
        errors["share_until" if typed.share_until else ""] = said
    else:
        errors["reason"] = said
    return _render(page, db, item_id, typed, status=422, errors=errors)


def _render(
    page: Page,
    db: Db,
    item_id: int,
    typed: Typed,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    history = history_of(db, item_id)
    item = history.item
    return page.render(
        "desk/item.html",
        status=status,
        item=item_context(item),
        moves=[move.value for move in moves_from(item.state)],
        posts=_posts(page, db, item, typed),
        groups=[
            {"id": group.id, "name": group.name, "chosen": group.id in typed.groups}
            for group in list_groups(db)
        ],
        share_until=typed.share_until,
        reason=typed.reason,
        errors=errors or {},
        revisions=_revisions(history),
        decisions=_decisions(history),
        checks="/checks",
    )


def _posts(page: Page, db: Db, item: Item, typed: Typed) -> list[dict[str, Any]]:
    link_length = link_length_of(page.house.settings.link_base)
    if item.state is ItemState.PENDING:
        words = words_chosen_before(db, item) | typed.texts
        return [
            _post_context(
                page,
                network,
                words.get(network.key)
                or suggest(
                    item.title,
                    item.summary,
                    network=network,
                    language=item.language,
                    link_length=link_length,
                ),
                link_length,
                language=item.language,
                chosen=network.key in typed.networks,
            )
            for network in NETWORKS.values()
        ]
    return [
        _post_context(
            page,
            NETWORKS[post.network],
            post.text,
            link_length,
            language=post.language,
            post_id=post.id,
        )
        for post in posts_of_item(db, item.id)
    ]


def _post_context(
    page: Page,
    network: Network,
    text: str,
    link_length: int,
    *,
    language: str,
    post_id: int | None = None,
    chosen: bool = True,
) -> dict[str, Any]:
    return {
        "id": post_id,
        "key": network.key,
        "label": page.gettext(network.label),
        "advice": page.gettext(network.advice),
        "text": text,
        "count": length(text, network, link_length),
        "chosen": chosen,
        "language": language,
    }


def _revisions(history: History) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "seen_at": one.seen_at,
            "title": one.title,
            "current": one.content_hash == history.item.revision_hash,
            "approved": one.content_hash == history.item.approved_hash,
        }
        for one in history.revisions
    ]


def _decisions(history: History) -> list[dict[str, Any]]:
    return [
        {
            "move": one.move.value,
            "by": one.by.name if one.by else None,
            "via": one.via,
            "reason": one.reason,
            "at": one.at,
        }
        for one in history.decisions
    ]
