"""Statistics: the figures of a period, as `advocacy stats --json` gives them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from advocacy.clock import day_of, utc_now
from advocacy.stats.figures import By
from advocacy.stats.queries import figures
from advocacy.web.api.callers import CommsCaller
from advocacy.web.api.shapes import Answer, Body
from advocacy.web.deps import AppHouse, Db

router = APIRouter(prefix="/stats", tags=["stats"])

SPAN = timedelta(weeks=12)  # where the first day is not given
DAY_MIN, DAY_MAX = date(2000, 1, 1), date(2999, 12, 31)


class StatsQuery(Body):
    """Which figures are wanted."""

    from_day: date | None = Field(
        None,
        alias="from",
        ge=DAY_MIN,
        le=DAY_MAX,
        description="The first day; twelve weeks before the last if left out.",
    )
    to_day: date | None = Field(
        None,
        alias="to",
        ge=DAY_MIN,
        le=DAY_MAX,
        description="The last day; today if left out.",
    )
    by: By = Field(By.DAY, description="What a row stands for.")


class Totals(Answer):
    """The figures of everything; docs/metrics.md defines each."""

    offered: int
    shares: int
    shares_confirmed: int
    clicks: int
    visitors: int
    excluded: dict[str, int] = Field(description="Hits that are no clicks, by kind.")


class Row(Totals):
    """The figures of one day, week, post, item, network, group or source."""

    model_config = ConfigDict(extra="allow")


class Stats(Answer):
    """The figures of a period, both ends included."""

    from_day: date = Field(alias="from")
    to_day: date = Field(alias="to")
    by: By
    rows: list[Row]
    totals: Totals


@router.get("")
def show(
    db: Db, house: AppHouse, _caller: CommsCaller, asked: Annotated[StatsQuery, Query()]
) -> Stats:
    """Give the figures of a period; small groups are shown together."""
    settings = house.settings
    last = asked.to_day or day_of(utc_now(), settings.timezone)
    found = figures(
        db,
        from_day=asked.from_day or last - SPAN,
        to_day=last,
        by=asked.by,
        zone=settings.timezone,
        small_group=settings.small_group,
    )
    return Stats.model_validate(found.as_json())
