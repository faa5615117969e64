"""Digests: how far the letters of each week are; send, hold, stop and release them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from advocacy.clock import utc_now
from advocacy.db.paging import page_of, text_in
from advocacy.digest import editions
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import EditionState, Hold
from advocacy.digest.queries import EditionLine, find_edition, list_editions
from advocacy.jobs import Job, send
from advocacy.web.api.callers import CommsCaller, CommsCallerOutside
from advocacy.web.api.shapes import Answer, Listing, ListQuery, Moment, Week, listing
from advocacy.web.deps import AppHouse, Db, House

router = APIRouter(prefix="/digests", tags=["digests"])


class Digest(Answer):
    """The edition of one ISO week, its letters counted."""

    week: str
    state: EditionState
    hold: Hold = Field(description="Why it waits for a word, if it does.")
    hold_detail: str
    opening: str
    planned: int = Field(description="All letters, also those that were skipped.")
    pending: int
    sending: int
    sent: int
    failed: int
    unknown: int = Field(description="Letters that may have arrived.")
    skipped: int
    planned_at: Moment | None
    finished_at: Moment | None


@router.get("")
def list_all(
    db: Db, _caller: CommsCaller, asked: Annotated[ListQuery, Query()]
) -> Listing[Digest]:
    """List the editions, the newest first."""
    lines = list_editions(
        db,
        limit=asked.limit + 1,
        before=text_in(asked.cursor) if asked.cursor else "",
    )
    return listing(page_of(lines, asked.limit, lambda line: [line.week]), _digest)


@router.get("/{week}")
def show(db: Db, _caller: CommsCaller, week: Week) -> Digest:
    """Say how far the letters of a week are."""
    return _digest(find_edition(db, week))


@router.post("/{week}/send")
def send_it(house: AppHouse, _caller: CommsCallerOutside, week: Week) -> Digest:
    """Let the letters of a week leave now; nobody gets one twice."""
    head = Letterhead.of(house.settings)
    editions.send_now(house.writing, week, now=utc_now(), head=head)
    send(Job.DELIVER_DIGEST)
    return _found(house, week)


@router.post("/{week}/release")
def release(house: AppHouse, _caller: CommsCallerOutside, week: Week) -> Digest:
    """Let an edition go on that waits for a word."""
    head = Letterhead.of(house.settings)
    editions.release(house.writing, week, now=utc_now(), head=head)
    send(Job.DELIVER_DIGEST)
    return _found(house, week)


@router.post("/{week}/pause")
def pause(db: Db, _caller: CommsCaller, week: Week) -> Digest:
    """Hold the letters that have not left."""
    editions.pause(db, week)
    return _digest(find_edition(db, week))


@router.post("/{week}/cancel")
def cancel(db: Db, _caller: CommsCaller, week: Week) -> Digest:
    """Stop an edition for good; who has the letter keeps it."""
    editions.cancel(db, week, now=utc_now())
    return _digest(find_edition(db, week))


def _found(house: House, week: str) -> Digest:
    with house.reading() as session:
        return _digest(find_edition(session, week))


def _digest(line: EditionLine) -> Digest:
    return Digest(
        week=line.week,
        state=line.state,
        hold=line.hold,
        hold_detail=line.hold_detail,
        opening=line.opening,
        planned=line.planned,
        planned_at=line.planned_at,
        finished_at=line.finished_at,
        **{state.value: count for state, count in line.letters.items()},
    )
