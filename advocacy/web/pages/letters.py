"""What a link in the weekly mail opens: one item to share, or the way out."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from advocacy.digest.letter_links import read_leave_link
from advocacy.digest.readers import leave
from advocacy.web.deps import AppHouse, Db
from advocacy.web.page import ThePage
from advocacy.web.pages.share import sharer_of, show_item

router = APIRouter(prefix="/m")


@router.get("/leave/{token}")
def ask_to_leave(page: ThePage, house: AppHouse, token: str) -> HTMLResponse:
    """Show the button that stops the letter; mail scanners open this, too."""
    read_leave_link(token, secret=house.settings.secret)
    return page.render("leave.html", token=token, done=False)


@router.post("/leave/{token}")
def stop_letter(page: ThePage, house: AppHouse, db: Db, token: str) -> HTMLResponse:
    """Stop the letter in one press, by a person or by their mail program (RFC 8058)."""
    leave(db, read_leave_link(token, secret=house.settings.secret))
    return page.render("leave.html", token=token, done=True)


@router.get("/{token}")
def open_item(
    page: ThePage, house: AppHouse, db: Db, token: str, network: str = ""
) -> HTMLResponse:
    """Show the item of a letter's link, ready to share; it signs nobody in."""
    sharer = sharer_of(db, house, None, token)
    assert sharer.item_id is not None
    return show_item(page, db, sharer, sharer.item_id, network=network)
