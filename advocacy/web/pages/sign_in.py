"""Signing in and out, and the language of a visitor who has not."""

from __future__ import annotations

import logging
from email.policy import SMTP
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from advocacy import i18n
from advocacy.clock import utc_now
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.links import own_mark
from advocacy.outbound.mail import MailRefused
from advocacy.people.directory import clean_email, find_employee
from advocacy.people.preferences import choose_language
from advocacy.people.sign_in import (
    SESSION_LIFETIME,
    LinkSpent,
    link_owner,
    make_token,
    sign_in,
    sign_out,
)
from advocacy.people.sign_in_mail import sign_in_mail
from advocacy.web.browsers import name_browser
from advocacy.web.deps import (
    LANGUAGE_COOKIE,
    AppHouse,
    Db,
    House,
    Reader,
    csrf_checked,
    session_cookie,
)
from advocacy.web.forms import go, safe_path
from advocacy.web.page import ThePage

log = logging.getLogger(__name__)
router = APIRouter()

LANGUAGE_LIFETIME_S = 365 * 24 * 3600
COLLEAGUE_LIFETIME_S = 365 * 24 * 3600


@router.get("/sign-in")
def ask_address(page: ThePage, reader: Reader, next: str = "/") -> Response:  # noqa: A002 - the address's own word
    """Ask for a mail address."""
    if reader is not None:
        return RedirectResponse(safe_path(next), status_code=303)
    return page.render("sign_in.html", sent=False, email="", errors={})


@router.post("/sign-in")
def send_link(
    page: ThePage,
    house: AppHouse,
    db: Db,
    background: BackgroundTasks,
    email: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Mail a one-time link; the answer is the same whether the address is known."""
    try:
        address = clean_email(email)
    except Invalid as error:
        errors = {"email": error.say(page.gettext)}
        return page.render(
            "sign_in.html", status=422, sent=False, email=email[:254], errors=errors
        )
    now = utc_now()
    employee = find_employee(db, address)
    token = make_token(db, employee, now=now) if employee else None
    if employee and token:
        message = sign_in_mail(
            to=employee.email,
            name=employee.name,
            url=f"{house.settings.base_url}/sign-in/{token}",
            organisation=house.settings.organisation,
            sender=house.settings.mail_from,
            gettext=i18n.translations(employee.language).gettext,
            now=now,
        )
        # After the answer, so that its time tells nobody whether an address is known.
        background.add_task(_send, house, message.as_bytes(policy=SMTP), employee.email)
    return page.render("sign_in.html", sent=True, email=address, errors={})


def _send(house: House, message: bytes, to: str) -> None:
    try:
        house.sender.send(message, sender=house.settings.mail_from, to=to)
    except MailRefused:
        log.exception("A sign-in mail did not leave; the person can ask for another.")


@router.get("/sign-in/{token}")
def confirm(page: ThePage, db: Db, token: str) -> HTMLResponse:
    """Show the button; opening the link alone does nothing, since scanners open it."""
    try:
        employee = link_owner(db, token, now=utc_now())
    except LinkSpent as error:
        return page.render(
            "sign_in_failed.html", status=410, text=error.say(page.gettext)
        )
    return page.render("sign_in_confirm.html", token=token, name=employee.name)


@router.post("/sign-in/{token}")
def let_in(
    request: Request, page: ThePage, house: AppHouse, db: Db, token: str
) -> Response:
    """Use the one-time link, and go to the first page."""
    browser = name_browser(request.headers.get("user-agent", ""))
    try:
        employee, session_token = sign_in(db, token, browser=browser, now=utc_now())
    except LinkSpent as error:
        return page.render(
            "sign_in_failed.html", status=410, text=error.say(page.gettext)
        )
    welcome = i18n.translations(employee.language).gettext(
        N_("Good to see you, {name}.")
    )
    answer = go(request, "/", say=welcome.format(name=employee.name))
    answer.set_cookie(
        session_cookie(house),
        session_token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house.settings.https,
        path="/",
    )
    answer.set_cookie(  # says "a colleague", not which one: own clicks do not count
        own_mark.COOKIE,
        own_mark.own_mark(house.settings.secret),
        max_age=COLLEAGUE_LIFETIME_S,
        httponly=True,
        samesite="lax",
        secure=house.settings.https,
        path="/s/",
    )
    return answer


@router.post("/sign-out", dependencies=[Depends(csrf_checked)])
def leave(request: Request, house: AppHouse, db: Db) -> RedirectResponse:
    """Close this browser's session."""
    sign_out(db, request.cookies.get(session_cookie(house), ""), now=utc_now())
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(session_cookie(house), path="/", secure=house.settings.https)
    return answer


@router.post("/language")
def change_language(
    request: Request,
    house: AppHouse,
    db: Db,
    reader: Reader,
    language: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the form's own word
) -> RedirectResponse:
    """Keep the language: with the person, or in the browser of a visitor."""
    if reader is not None:
        choose_language(db, reader, language)
    answer = go(request, safe_path(next))
    if language in i18n.languages():
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=LANGUAGE_LIFETIME_S,
            httponly=True,
            samesite="lax",
            secure=house.settings.https,
        )
    return answer
