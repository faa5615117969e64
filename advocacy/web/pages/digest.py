"""The weekly mail at the desk: look at it, say something on top, hold it or send it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from advocacy.clock import utc_now
from advocacy.digest import editions
from advocacy.digest.calendar import week_to_plan
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.letters import preview
from advocacy.digest.models import LetterState
from advocacy.digest.progress import settle
from advocacy.digest.queries import (
    EditionLine,
    find_edition,
    list_editions,
    undelivered,
)
from advocacy.digest.rendering import Rendered
from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.jobs import Job, ring, send
from advocacy.people.directory import get_employee, list_people
from advocacy.web.deps import (
    AppHouse,
    CommsMember,
    CommsOutside,
    Db,
    House,
    csrf_checked,
)
from advocacy.web.forms import go
from advocacy.web.letters_shown import letter_frame
from advocacy.web.page import Page, ThePage

router = APIRouter(prefix="/desk/digest")

PEOPLE_SHOWN = 200  # to preview as
WEEKS_SHOWN = 13


@router.get("")
def show(page: ThePage, house: AppHouse, db: Db, _me: CommsMember) -> HTMLResponse:
    """Show this week's edition and the ones before."""
    head = Letterhead.of(house.settings)
    week = week_to_plan(utc_now(), head.timetable)
    edition = find_edition(db, week)
    return page.render(
        "desk/digest.html",
        edition=_context(edition),
        form={"opening": edition.opening},
        errors={},
        people=[
            (person.email, person.name)
            for person in list_people(db, limit=PEOPLE_SHOWN)
        ],
        editions=[
            _context(line)
            for line in list_editions(db, limit=WEEKS_SHOWN)
            if line.week != week
        ],
        undecided=[
            {"id": letter.id, "name": letter.name, "week": week, "since": letter.since}
            for letter in undelivered(db, week)
            if letter.state is LetterState.UNKNOWN
        ],
    )


@router.post("/{week}/opening", dependencies=[Depends(csrf_checked)])
def keep_opening(
    request: Request,
    page: ThePage,
    db: Db,
    _me: CommsMember,
    week: str,
    opening: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Put a line on top of the letter."""
    editions.write_opening(db, week, opening, now=utc_now())
    said = page.text(N_("Your line stands on top of the letter."))
    return go(request, "/desk/digest", say=said)


@router.get("/{week}/preview")
def show_preview(
    page: ThePage, house: AppHouse, db: Db, _me: CommsMember, week: str, person: str
) -> HTMLResponse:
    """Show the letter as one person would get it."""
    employee = get_employee(db, person)
    rendered = _preview(house, db, week, person)
    return page.render(
        "desk/digest_preview.html",
        week=week,
        name=employee.name,
        subject=rendered.subject,
        text=rendered.text,
        letter_src=f"/desk/digest/{week}/preview/{employee.email}",
    )


@router.get("/{week}/preview/{person}")
def show_preview_html(
    house: AppHouse, db: Db, _me: CommsMember, week: str, person: str
) -> HTMLResponse:
    """Give the letter's HTML, for the frame."""
    return letter_frame(_preview(house, db, week, person).html)


@router.post("/{week}/send", dependencies=[Depends(csrf_checked)])
def send_it(
    request: Request, house: AppHouse, me: CommsOutside, week: str
) -> RedirectResponse:
    """Let the letter leave now."""
    head = Letterhead.of(house.settings)
    editions.send_now(house.writing, week, now=utc_now(), head=head)
    send(Job.DELIVER_DIGEST)
    said = Page(request, me).text(
        N_("The letters leave now. This page shows how far they are.")
    )
    return go(request, "/desk/digest", say=said)


@router.post("/{week}/release", dependencies=[Depends(csrf_checked)])
def release_it(
    request: Request, house: AppHouse, me: CommsOutside, week: str
) -> RedirectResponse:
    """Let a held edition go on."""
    head = Letterhead.of(house.settings)
    editions.release(house.writing, week, now=utc_now(), head=head)
    send(Job.DELIVER_DIGEST)
    said = Page(request, me).text(N_("The letters go on."))
    return go(request, "/desk/digest", say=said)


@router.post("/{week}/pause", dependencies=[Depends(csrf_checked)])
def pause_it(
    request: Request, page: ThePage, db: Db, _me: CommsMember, week: str
) -> RedirectResponse:
    """Hold the letters that have not left."""
    editions.pause(db, week)
    said = page.text(N_("Held. The letters that had left have left."))
    return go(request, "/desk/digest", say=said)


@router.post("/{week}/cancel", dependencies=[Depends(csrf_checked)])
def cancel_it(
    request: Request, page: ThePage, db: Db, _me: CommsMember, week: str
) -> RedirectResponse:
    """Skip this week."""
    editions.cancel(db, week, now=utc_now())
    return go(request, "/desk/digest", say=page.text(N_("No letter this week.")))


@router.post("/letters/{letter_id}/arrived", dependencies=[Depends(csrf_checked)])
def it_arrived(
    request: Request, page: ThePage, db: Db, _me: CommsMember, letter_id: int
) -> RedirectResponse:
    """Take a letter of unknown outcome as delivered."""
    settle(db, letter_id, arrived=True, now=utc_now())
    return go(request, "/desk/digest", say=page.text(N_("Noted.")))


@router.post("/letters/{letter_id}/again", dependencies=[Depends(csrf_checked)])
def send_again(
    request: Request, page: ThePage, db: Db, _me: CommsMember, letter_id: int
) -> RedirectResponse:
    """Send a letter of unknown outcome once more."""
    settle(db, letter_id, arrived=False, now=utc_now())
    ring(db, Job.DELIVER_DIGEST)
    return go(request, "/desk/digest", say=page.text(N_("It is sent once more.")))


def _preview(house: House, db: Db, week: str, person: str) -> Rendered:
    rendered = preview(
        db,
        get_employee(db, person),
        week,
        now=utc_now(),
        head=Letterhead.of(house.settings),
    )
    if rendered is None:
        raise NotFound(N_("There is nothing new for {person} yet."), person=person)
    return rendered


def _context(line: EditionLine) -> dict[str, Any]:
    return {
        "week": line.week,
        "state": line.state.value,
        "hold": line.hold.value,
        "hold_detail": line.hold_detail,
        "planned_at": line.planned_at,
        "opening": line.opening,
        "planned": line.planned,
        "sent": line.letters[LetterState.SENT],
        "failed": line.letters[LetterState.FAILED],
        "skipped": line.letters[LetterState.SKIPPED],
        "unknown": line.letters[LetterState.UNKNOWN],
    }
