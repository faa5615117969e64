"""The directory, for administrators: who is here, and the roster import."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import HTMLResponse

from advocacy.clock import utc_now
from advocacy.errors import Invalid
from advocacy.people.directory import count_people, list_people
from advocacy.people.roster import Report, import_people, try_people
from advocacy.web.deps import Admin, Db, csrf_checked
from advocacy.web.page import Page, ThePage

router = APIRouter(prefix="/desk/people")

PAGE_ROWS = 50


@router.get("")
def show(
    page: ThePage, db: Db, _me: Admin, q: str = "", after: str = ""
) -> HTMLResponse:
    """List people by address; no word of what they share."""
    return _render(page, db, q=q, after=after)


@router.post("/import", dependencies=[Depends(csrf_checked)])
def import_roster(
    page: ThePage,
    db: Db,
    _me: Admin,
    file: Annotated[UploadFile, File()],
    dry_run: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Import a roster; rows that do not fit are named, the others are in."""
    settings = page.house.settings
    act = try_people if dry_run else import_people
    try:
        report = act(
            db,
            file.file.read(),
            language=settings.default_locale,
            timezone=settings.timezone.key,
            now=utc_now(),
        )
    except Invalid as error:
        return _render(page, db, status=422, errors={"file": error.say(page.gettext)})
    return _render(page, db, report=_told(page, report, dry_run=dry_run))


def _render(
    page: Page,
    db: Db,
    *,
    status: int = 200,
    q: str = "",
    after: str = "",
    report: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    found = list_people(db, search=q, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    more = urlencode({"q": q, "after": shown[-1].email}) if shown else ""
    return page.render(
        "desk/people.html",
        status=status,
        people=[
            {
                "name": person.name,
                "email": person.email,
                "role": person.role.value,
                "groups": [group.name for group in person.groups],
                "language": person.language,
                "left": person.left_at is not None,
            }
            for person in shown
        ],
        total=count_people(db),
        q=q[:100],
        pages={
            "previous": "/desk/people" if after else None,
            "next": f"/desk/people?{more}" if len(found) > PAGE_ROWS else None,
        },
        report=report,
        errors=errors or {},
    )


def _told(page: Page, report: Report, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "errors": [
            {"row": bad.row, "message": bad.error.say(page.gettext)}
            for bad in report.errors
        ],
    }
