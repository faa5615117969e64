"""Checking a text as typed, for programs."""

from __future__ import annotations

from fastapi import APIRouter, Request

from advocacy.web.api.callers import AnyCallerOutside
from advocacy.web.checked import Checked, Typed, check
from advocacy.web.deps import AppHouse, language_of

router = APIRouter(prefix="/checks", tags=["checks"])


@router.post("")
def check_it(
    request: Request, house: AppHouse, caller: AnyCallerOutside, typed: Typed
) -> Checked:
    """Say how long a text is on its network, and what could be better."""
    language = language_of(request, caller.employee, house.settings)
    return check(typed, house.settings.link_base, language)
