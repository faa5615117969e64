"""Answers to forms: go on to a page of ours, with a sentence to show there."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from advocacy.web.deps import House, house_of
from advocacy.web.signing import sign, unsign

FLASH_COOKIE = "flash"
_INSIDE = re.compile(r"/(?![/\\])[^\s\\]*")


def go(
    request: Request, path: str, *, say: str = "", kind: str = "ok"
) -> RedirectResponse:
    """Go to a page of ours after a form, with a sentence to show there."""
    house = house_of(request)
    answer = RedirectResponse(path, status_code=303)
    if say:
        signed = sign(
            house.settings.secret, FLASH_COOKIE, [{"kind": kind, "text": say}]
        )
        answer.set_cookie(
            FLASH_COOKIE,
            signed,
            max_age=60,  # s
            httponly=True,
            samesite="lax",
            secure=house.settings.https,
        )
    return answer


def take_flash(request: Request, house: House) -> list[dict[str, Any]]:
    """Read the sentences left by the form before this page."""
    signed = request.cookies.get(FLASH_COOKIE)
    if not signed:
        return []
    return unsign(house.settings.secret, FLASH_COOKIE, signed) or []


def forget_flash(answer: Response) -> None:
    """Show a sentence once."""
    answer.delete_cookie(FLASH_COOKIE)


def safe_path(path: str, default: str = "/") -> str:
    """Keep only a path on this site: nobody is sent elsewhere by a parameter."""
    return path if len(path) < 2000 and _INSIDE.fullmatch(path) else default  # noqa: PLR2004 - longer than any page of ours
