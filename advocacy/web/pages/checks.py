"""Checking a text while it is written; asked by static/writing.js."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from advocacy.web.checked import Checked, Typed, check
from advocacy.web.deps import (
    AppHouse,
    NotSignedIn,
    csrf_checked,
    language_of,
    reader_of,
)

router = APIRouter()


def _ours(
    request: Request,
    house: AppHouse,
    token: Annotated[str, Header(alias="X-CSRF-Token")] = "",
) -> None:
    csrf_checked(request, house, token)


@router.post("/checks", dependencies=[Depends(_ours)])
def check_it(request: Request, house: AppHouse, typed: Typed) -> Checked:
    """Say how long the text is by now, and what could be better.

    Asked at every pause of the keys, so nothing here waits for whoever writes to the
    database.
    """
    reader = reader_of(request)
    if reader is None:
        raise NotSignedIn
    language = language_of(request, reader, house.settings)
    return check(typed, house.settings.link_base, language)
