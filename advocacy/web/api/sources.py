"""Sources: the feeds and sites that the queue is filled from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from advocacy import jobs
from advocacy.clock import utc_now
from advocacy.queue.queries import count_by_source
from advocacy.sources import catalog
from advocacy.sources.models import Approval, SourceState
from advocacy.sources.models import Source as SourceRow
from advocacy.web.api.callers import CommsCaller
from advocacy.web.api.shapes import (
    Answer,
    Body,
    Line,
    Listing,
    ListQuery,
    Moment,
    PathId,
    listing,
    part_by_id,
)
from advocacy.web.deps import Db

router = APIRouter(prefix="/sources", tags=["sources"])


class Source(Answer):
    """A feed or site of the organisation, and how it is."""

    id: int
    name: str
    url: str
    kind: str
    state: SourceState
    approval: Approval
    language: str | None
    every_s: int | None
    last_pulled_at: Moment | None
    next_pull_at: Moment
    last_result: str | None = Field(description="new, unchanged, gone or failed.")
    last_error: str | None
    items: int = 0


class NewSource(Body):
    """A source to be added."""

    url: Line
    name: Line = Field("", description="What the source calls itself, if empty.")
    kind: Line = "auto"
    approval: Approval = Approval.REVIEW
    every_s: int | None = Field(
        None, description="Seconds between pulls; it adapts to the source if left out."
    )
    language: Line | None = Field(None, description="Of items that do not say.")


class SourceChange(Body):
    """What is to be different; the rest stays."""

    name: Line | None = None
    approval: Approval | None = None
    language: Line | None = Field(None, description="Null: as the source says.")


@router.get("")
def list_all(
    db: Db, _caller: CommsCaller, asked: Annotated[ListQuery, Query()]
) -> Listing[Source]:
    """List the sources, oldest first."""
    counts = count_by_source(db)
    page = part_by_id(catalog.list_sources(db), asked, lambda source: source.id)
    return listing(page, lambda source: _source(source, counts.get(source.id, 0)))


@router.post("", status_code=201)
def add(
    request: Request,
    response: Response,
    db: Db,
    _caller: CommsCaller,
    given: NewSource,
) -> Source:
    """Add a source; the workers pull it at once."""
    source = catalog.add_source(
        db,
        given.url,
        name=given.name,
        kind=given.kind,
        approval=given.approval,
        every_s=given.every_s,
        language=given.language,
        now=utc_now(),
    )
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    response.headers["Location"] = f"{request.scope['root_path']}/sources/{source.id}"
    return _counted(db, source)


@router.get("/{source_id}")
def show(db: Db, _caller: CommsCaller, source_id: PathId) -> Source:
    """Give one source."""
    return _counted(db, catalog.get_source(db, source_id))


@router.patch("/{source_id}")
def change(
    db: Db, _caller: CommsCaller, source_id: PathId, given: SourceChange
) -> Source:
    """Give a source another name, way of approving, or language."""
    source = catalog.get_source(db, source_id, lock=True)
    with_language = "language" in given.model_fields_set
    catalog.change_source(
        db,
        source_id,
        name=source.name if given.name is None else given.name,
        approval=given.approval or source.approval,
        language=given.language if with_language else source.language,
    )
    return _counted(db, source)


@router.delete("/{source_id}", status_code=204)
def remove(db: Db, _caller: CommsCaller, source_id: PathId) -> None:
    """Take a source off the list; its items stay."""
    catalog.remove(db, source_id)


@router.post("/{source_id}/pull", status_code=202)
def pull(db: Db, _caller: CommsCaller, source_id: PathId) -> Source:
    """Have a worker ask a source for news now."""
    source = catalog.ask_now(db, source_id, now=utc_now())
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    return _counted(db, source)


@router.post("/{source_id}/pause")
def pause(db: Db, _caller: CommsCaller, source_id: PathId) -> Source:
    """Stop asking a source for a while; its items stay."""
    return _counted(db, catalog.pause(db, source_id))


@router.post("/{source_id}/resume")
def resume(db: Db, _caller: CommsCaller, source_id: PathId) -> Source:
    """Ask a source again, at once."""
    source = catalog.resume(db, source_id, now=utc_now())
    jobs.ring(db, jobs.Job.PULL_SOURCE, source.id)
    return _counted(db, source)


def _counted(db: Db, row: SourceRow) -> Source:
    return _source(row, count_by_source(db).get(row.id, 0))


def _source(row: SourceRow, items: int) -> Source:
    return Source.model_validate(row).model_copy(update={"items": items})
