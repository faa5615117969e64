"""Who calls, by the token it shows; never by a cookie."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from advocacy.errors import NotAllowed
from advocacy.i18n import N_
from advocacy.people.directory import get_employee
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.people.tokens import Caller, caller_of
from advocacy.web.deps import AppHouse, Db, NotSignedIn

VIA = "api"  # how decisions made here are recorded

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `advocacy token create`.",
)
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


class TokenRefused(NotSignedIn):
    """No token was shown, or not one that works."""

    def __init__(self) -> None:
        NotAllowed.__init__(
            self, N_("Show a token that works, as in “Authorization: Bearer adv_…”.")
        )


def _known(db: Session, shown: HTTPAuthorizationCredentials | None) -> Caller:
    caller = caller_of(db, shown.credentials) if shown else None
    if caller is None:
        raise TokenRefused
    return caller


def _with_role(caller: Caller, needed: Role) -> Caller:
    if not caller.role.covers(needed):
        raise NotAllowed(
            N_("This token may not do that; it takes the role {role}."), role=needed
        )
    return caller


def _any(db: Db, shown: Shown) -> Caller:
    return _known(db, shown)


def _any_outside(house: AppHouse, shown: Shown) -> Caller:
    with house.reading() as session:
        return _known(session, shown)


AnyCaller = Annotated[Caller, Depends(_any)]
AnyCallerOutside = Annotated[Caller, Depends(_any_outside)]
"""As `AnyCaller`, for what needs no transaction, or opens its own."""


def _comms(caller: AnyCaller) -> Caller:
    return _with_role(caller, Role.COMMS)


def _comms_outside(caller: AnyCallerOutside) -> Caller:
    return _with_role(caller, Role.COMMS)


def _admin(caller: AnyCaller) -> Caller:
    return _with_role(caller, Role.ADMIN)


CommsCaller = Annotated[Caller, Depends(_comms)]
CommsCallerOutside = Annotated[Caller, Depends(_comms_outside)]
AdminCaller = Annotated[Caller, Depends(_admin)]


def sharer_of(db: Session, caller: Caller, email: str | None) -> Employee:
    """Say who shares: the caller's person, or somebody on whose behalf comms act.

    Raises:
        NotAllowed: The token speaks for nobody, or may not speak for others.
        NotFound: Nobody has this address.
    """
    if email is None:
        return caller.person()
    _with_role(caller, Role.COMMS)
    return get_employee(db, email)
