"""Sources at the desk: add, see how they are, ask now, pause, remove."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from advocacy import i18n, jobs
from advocacy.clock import utc_now
from advocacy.errors import Conflict, Invalid
from advocacy.i18n import N_
from advocacy.outbound.failures import retell
from advocacy.queue.queries import count_by_source, list_items
from advocacy.sources.adapters import KINDS
from advocacy.sources.catalog import (
    add_source,
    ask_now,
    change_source,
    get_source,
    list_sources,
    pause,
    remove,
    resume,
)
from advocacy.sources.models import Approval, Source
from advocacy.web.deps import CommsMember, Db, csrf_checked
from advocacy.web.forms import go
from advocacy.web.page import Page, ThePage

router = APIRouter(prefix="/desk/sources")

NEWEST = 10
EMPTY_FORM = {
    "url": "",
    "name": "",
    "kind": "auto",
    "approval": "review",
    "language": "",
}


@router.get("")
def show_all(page: ThePage, db: Db, _me: CommsMember) -> HTMLResponse:
    """List the sources with how they are."""
    return _list(page, db, EMPTY_FORM)


@router.post("", dependencies=[Depends(csrf_checked)])
def add(
    request: Request,
    page: ThePage,
    db: Db,
    _me: CommsMember,
    url: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "auto",
    approval: Annotated[Approval, Form()] = Approval.REVIEW,
    language: Annotated[str, Form()] = "",
) -> Response:
    """Add a source and ask it at once."""
    try:
        source = add_source(
            db,
            url,
            name=name,
            kind=kind,
            approval=approval,
            language=language or None,
            now=utc_now(),
        )
    except (Invalid, Conflict) as error:
        form = {
            "url": url[:2000],
            "name": name[:200],
            "kind": kind,
            "approval": approval.value,
            "language": language,
        }
        return _list(
            page, db, form, status=422, errors={"url": error.say(page.gettext)}
        )
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    said = page.text(N_("Added. Its news will be here in a moment; reload to see it."))
    return go(request, f"/desk/sources/{source.id}", say=said)


@router.get("/{source_id}")
def show(page: ThePage, db: Db, _me: CommsMember, source_id: int) -> HTMLResponse:
    """Show one source with its newest items."""
    source = get_source(db, source_id)
    return _one(page, db, source)


@router.post("/{source_id}", dependencies=[Depends(csrf_checked)])
def change(
    request: Request,
    page: ThePage,
    db: Db,
    _me: CommsMember,
    source_id: int,
    name: Annotated[str, Form()] = "",
    approval: Annotated[Approval, Form()] = Approval.REVIEW,
    language: Annotated[str, Form()] = "",
) -> Response:
    """Keep a source's name, approval and language."""
    try:
        change_source(
            db, source_id, name=name, approval=approval, language=language or None
        )
    except Invalid as error:
        form = {"name": name[:200], "approval": approval.value, "language": language}
        errors = {"name": error.say(page.gettext)}
        source = get_source(db, source_id)
        return _one(page, db, source, status=422, form=form, errors=errors)
    return go(
        request, f"/desk/sources/{source_id}", say=page.text(N_("Kept. Thank you."))
    )


@router.post("/{source_id}/pull", dependencies=[Depends(csrf_checked)])
def pull(
    request: Request, page: ThePage, db: Db, _me: CommsMember, source_id: int
) -> RedirectResponse:
    """Make it this source's turn, and ring for a worker."""
    source = ask_now(db, source_id, now=utc_now())
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    said = page.text(N_("{name} is being asked; reload in a moment."), name=source.name)
    return go(request, "/desk/sources", say=said)


@router.post("/{source_id}/pause", dependencies=[Depends(csrf_checked)])
def stop(
    request: Request, page: ThePage, db: Db, _me: CommsMember, source_id: int
) -> RedirectResponse:
    """Stop asking a source for a while."""
    source = pause(db, source_id)
    said = page.text(N_("{name} is paused; its items stay."), name=source.name)
    return go(request, "/desk/sources", say=said)


@router.post("/{source_id}/resume", dependencies=[Depends(csrf_checked)])
def go_on(
    request: Request, page: ThePage, db: Db, _me: CommsMember, source_id: int
) -> RedirectResponse:
    """Ask a source again."""
    source = resume(db, source_id, now=utc_now())
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    said = page.text(N_("{name} is asked for news again."), name=source.name)
    return go(request, "/desk/sources", say=said)


@router.post("/{source_id}/remove", dependencies=[Depends(csrf_checked)])
def take_off(
    request: Request, page: ThePage, db: Db, _me: CommsMember, source_id: int
) -> RedirectResponse:
    """Take a source off the list; its items stay."""
    source = remove(db, source_id)
    said = page.text(N_("{name} is removed; its items stay."), name=source.name)
    return go(request, "/desk/sources", say=said)


def _list(
    page: Page,
    db: Db,
    form: dict[str, str],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    counts = count_by_source(db)
    return page.render(
        "desk/sources.html",
        status=status,
        sources=[
            _source_context(page, source, counts.get(source.id, 0))
            for source in list_sources(db)
        ],
        kinds=[(kind, page.gettext(label)) for kind, label in KINDS.items()],
        languages=_languages(page),
        form=form,
        errors=errors or {},
    )


def _one(
    page: Page,
    db: Db,
    source: Source,
    *,
    status: int = 200,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    newest = list_items(db, source_id=source.id, limit=NEWEST)
    kept = {
        "name": source.name,
        "approval": source.approval.value,
        "language": source.language or "",
    }
    return page.render(
        "desk/source.html",
        status=status,
        source=_source_context(page, source, count_by_source(db).get(source.id, 0)),
        items=[
            {
                "id": item.id,
                "title": item.title,
                "state": item.state.value,
                "published_at": item.published_at,
                "language": item.language,
            }
            for item in newest.rows
        ],
        languages=_languages(page),
        form=form or kept,
        errors=errors or {},
    )


def _languages(page: Page) -> list[tuple[str, str]]:
    default = page.text(N_("As the feed says"))
    return [
        ("", default),
        *((code, i18n.native_name(code)) for code in i18n.languages()),
    ]


def _source_context(page: Page, source: Source, items: int) -> dict[str, Any]:
    error = source.last_error and retell(
        source.last_error_kind or "", source.last_error, page.gettext
    )
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url,
        "kind": page.gettext(KINDS.get(source.kind, source.kind)),
        "state": source.state.value,
        "approval": source.approval.value,
        "language": source.language,
        "failures": source.failures,
        "failing_since": source.failing_since,
        "last_pulled_at": source.last_pulled_at,
        "next_pull_at": source.next_pull_at,
        "last_result": source.last_result,
        "last_error": error,
        "item_count": items,
    }
