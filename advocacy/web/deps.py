"""What handlers ask for: a transaction, the reader, and who they may be."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from advocacy import i18n
from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.errors import NotAllowed
from advocacy.i18n import N_
from advocacy.outbound.mail import Sender
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.people.sign_in import signed_in
from advocacy.web.security import SAFE_METHODS

LANGUAGE_COOKIE = "language"


@dataclass(frozen=True)
class House:
    """What the app was made with; lives in `app.state.house`."""

    settings: Settings
    writing: Transactions
    reading: Transactions  # the database refuses to write: GET changes nothing
    sender: Sender


class NotSignedIn(NotAllowed):
    """Nobody is signed in; the page offers to."""

    def __init__(self) -> None:
        super().__init__(N_("Please sign in first."))

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), ())


def house_of(request: Request) -> House:
    """Give what the app was made with."""
    house: House = request.app.state.house
    return house


def _transaction(request: Request) -> Iterator[Session]:
    house = house_of(request)
    opener = house.reading if request.method in SAFE_METHODS else house.writing
    with opener() as session:
        yield session


AppHouse = Annotated[House, Depends(house_of)]
Db = Annotated[Session, Depends(_transaction, scope="function")]
"""One transaction per request, committed before the answer leaves."""


def session_cookie(house: House) -> str:
    """Name the session's cookie; browsers guard the __Host- prefix, over TLS only."""
    return "__Host-session" if house.settings.https else "session"


def csrf_token(house: House, request: Request) -> str:
    """Make the token that a form of this session carries."""
    session_token = request.cookies.get(session_cookie(house), "")
    return hmac.new(
        house.settings.secret, f"csrf:{session_token}".encode(), hashlib.sha256
    ).hexdigest()


def csrf_checked(
    request: Request, house: AppHouse, csrf: Annotated[str, Form()] = ""
) -> None:
    """Refuse a form that our page did not make.

    Raises:
        NotAllowed: The token is not this session's.
    """
    if not hmac.compare_digest(csrf.encode(), csrf_token(house, request).encode()):
        raise NotAllowed(
            N_("This form is too old or not ours. Go back, reload the page, try again.")
        )


def _reader(request: Request, house: AppHouse, db: Db) -> Employee | None:
    token = request.cookies.get(session_cookie(house))
    return signed_in(db, token, now=utc_now()) if token else None


Reader = Annotated[Employee | None, Depends(_reader)]
"""Whoever is signed in, or nobody."""


def reader_of(request: Request) -> Employee | None:
    """Say who is signed in, outside a handler; nobody while the database is away."""
    house = house_of(request)
    token = request.cookies.get(session_cookie(house))
    if not token:
        return None
    try:
        with house.reading() as session:
            return signed_in(session, token, now=utc_now())
    except SQLAlchemyError:
        return None


def _me(reader: Reader) -> Employee:
    if reader is None:
        raise NotSignedIn
    return reader


def _comms(me: Annotated[Employee, Depends(_me)]) -> Employee:
    return _with_role(me, Role.COMMS)


def _admin(me: Annotated[Employee, Depends(_me)]) -> Employee:
    return _with_role(me, Role.ADMIN)


def _with_role(me: Employee, needed: Role) -> Employee:
    if not me.role.covers(needed):
        raise NotAllowed(N_("This page is for colleagues of Communications."))
    return me


def _comms_outside(request: Request) -> Employee:
    reader = reader_of(request)
    if reader is None:
        raise NotSignedIn
    return _with_role(reader, Role.COMMS)


Me = Annotated[Employee, Depends(_me)]
CommsMember = Annotated[Employee, Depends(_comms)]
Admin = Annotated[Employee, Depends(_admin)]
CommsOutside = Annotated[Employee, Depends(_comms_outside)]
"""As `CommsMember`, for handlers whose function opens its own transactions."""


def language_of(request: Request, reader: Employee | None, settings: Settings) -> str:
    """Choose the language: the person's own, the browser's choice here, its wishes."""
    if reader is not None:
        return reader.language
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in i18n.languages():
        return chosen
    accepted = request.headers.get("accept-language", "")[:200]
    wanted = [part.split(";")[0].strip() for part in accepted.split(",")]
    return i18n.best_language([tag for tag in wanted if tag], settings.default_locale)


def zone_of(reader: Employee | None, settings: Settings) -> ZoneInfo:
    """Give the zone in which moments are shown."""
    return ZoneInfo(reader.timezone) if reader is not None else settings.timezone
