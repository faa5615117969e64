"""The development mailbox: mail that was not sent, while the demo runs."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from advocacy.outbound.mailbox import list_mails, read_mail
from advocacy.web.deps import Db
from advocacy.web.letters_shown import letter_frame
from advocacy.web.page import ThePage

router = APIRouter(prefix="/dev/mailbox")


@router.get("")
def show(page: ThePage, db: Db) -> HTMLResponse:
    """List the latest mails."""
    pages = {"previous": None, "next": None}
    return page.render("dev/mailbox.html", mails=list_mails(db), pages=pages)


@router.get("/{mail_id}")
def open_mail(page: ThePage, db: Db, mail_id: int) -> HTMLResponse:
    """Show a mail with both its parts."""
    mail = read_mail(db, mail_id)
    return page.render(
        "dev/mail.html",
        mail={
            "to": mail.to,
            "subject": mail.subject,
            "received_at": mail.received_at,
            "text": mail.text,
            "html_src": f"/dev/mailbox/{mail_id}/html" if mail.html else "",
            "headers": mail.headers,
        },
    )


@router.get("/{mail_id}/html")
def show_html(db: Db, mail_id: int) -> HTMLResponse:
    """Give the HTML part for the frame."""
    return letter_frame(read_mail(db, mail_id).html)
