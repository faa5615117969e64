"""What a person chooses: language, mail, own figures, topics, open sessions."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from advocacy import i18n
from advocacy.clock import utc_now
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.people.models import Employee
from advocacy.people.preferences import choose
from advocacy.people.sign_in import hash_token, revoke_session, sessions_of
from advocacy.queue.interests import follow, followed_by, list_topics
from advocacy.web.deps import Db, Me, csrf_checked, session_cookie
from advocacy.web.forms import go
from advocacy.web.page import Page, ThePage

router = APIRouter(prefix="/preferences")


@router.get("")
def show(page: ThePage, db: Db, me: Me) -> HTMLResponse:
    """Show what was chosen."""
    form = {
        "language": me.language,
        "timezone": me.timezone,
        "wants_digest": me.wants_digest,
        "wants_own_figures": me.wants_own_figures,
        "topics": followed_by(db, me),
    }
    return _render(page, db, me, form)


@router.post("", dependencies=[Depends(csrf_checked)])
def keep(
    request: Request,
    page: ThePage,
    db: Db,
    me: Me,
    language: Annotated[str, Form()] = "",
    timezone: Annotated[str, Form()] = "",
    wants_digest: Annotated[bool, Form()] = False,
    wants_own_figures: Annotated[bool, Form()] = False,
    topics: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Keep what was chosen."""
    chosen = set(topics or [])
    try:
        choose(
            db,
            me,
            language=language,
            timezone=timezone,
            wants_digest=wants_digest,
            wants_own_figures=wants_own_figures,
        )
    except Invalid as error:
        field = "timezone" if language in i18n.languages() else "language"
        form = {
            "language": language,
            "timezone": timezone,
            "wants_digest": wants_digest,
            "wants_own_figures": wants_own_figures,
            "topics": chosen,
        }
        errors = {field: error.say(page.gettext)}
        return _render(page, db, me, form, status=422, errors=errors)
    follow(db, me, chosen)
    said = i18n.translations(me.language).gettext(N_("Kept. Thank you."))
    return go(request, "/preferences", say=said)


@router.post("/sessions/{session_id}/revoke", dependencies=[Depends(csrf_checked)])
def revoke(
    request: Request, page: ThePage, db: Db, me: Me, session_id: int
) -> RedirectResponse:
    """Sign out another browser."""
    revoke_session(db, me, session_id, now=utc_now())
    return go(request, "/preferences", say=page.text(N_("That browser is signed out.")))


def _render(
    page: Page,
    db: Db,
    me: Employee,
    form: dict[str, object],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    own = hash_token(page.request.cookies.get(session_cookie(page.house), ""))
    return page.render(
        "preferences.html",
        status=status,
        form=form,
        timezones=sorted(available_timezones()),
        topics=[{"id": topic.id, "name": topic.name} for topic in list_topics(db)],
        sessions=[
            {
                "id": one.id,
                "browser": one.browser,
                "created_at": one.created_at,
                "current": one.token_hash == own,
            }
            for one in sessions_of(db, me, now=utc_now())
        ],
        errors=errors or {},
    )
