"""Statistics at the desk: a period, a chart, its table, and what was left out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from babel.dates import format_date
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse
from markupsafe import Markup

from advocacy.clock import day_of, utc_now
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.offers.networks import NETWORKS
from advocacy.stats.charts import DARK, LIGHT, Bar, Words, chart
from advocacy.stats.export import csv_lines
from advocacy.stats.figures import By, Figure, Figures
from advocacy.stats.queries import figures
from advocacy.web.deps import CommsMember, Db
from advocacy.web.page import Page, ThePage

router = APIRouter(prefix="/desk/stats")

WEEKS_SHOWN = 12
DAYS_IN_CHART = 62  # above that, the chart goes by week
CHOICES = {
    By.ITEM: N_("Story"),
    By.POST: N_("Story and network"),
    By.NETWORK: N_("Network"),
    By.WEEK: N_("Week"),
    By.DAY: N_("Day"),
    By.GROUP: N_("Group"),
    By.SOURCE: N_("Source"),
}


@router.get("")
def show(
    page: ThePage,
    db: Db,
    _me: CommsMember,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    by: str = By.ITEM.value,
) -> HTMLResponse:
    """Show the figures of a period, the last twelve weeks unless asked otherwise."""
    errors: dict[str, str] = {}
    try:
        found = _figures(page, db, from_, to, by)
    except Invalid as error:
        errors = {"from": error.say(page.gettext)}
        found = _figures(page, db, "", "", "")
    chosen = {
        "from_day": found.from_day.isoformat() if not errors else from_[:10],
        "to_day": found.to_day.isoformat() if not errors else to[:10],
        "by": found.by.value,
    }
    span = {"from": found.from_day, "to": found.to_day, "by": found.by.value}
    light, dark = _charts(page, db, found)
    return page.render(
        "desk/stats.html",
        status=422 if errors else 200,
        period=chosen,
        choices=[(key.value, page.gettext(label)) for key, label in CHOICES.items()],
        errors=errors,
        totals=_row(page, found, found.totals),
        chart_light=light,
        chart_dark=dark,
        rows=[_row(page, found, row) for row in _shown(found)],
        row_label=page.gettext(CHOICES[found.by]),
        csv_url=f"/desk/stats.csv?{urlencode(span)}",
    )


@router.get(".csv")
def download(
    page: ThePage,
    db: Db,
    _me: CommsMember,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    by: str = By.ITEM.value,
) -> StreamingResponse:
    """Give the same figures for a spreadsheet."""
    found = _figures(page, db, from_, to, by)
    columns, rows = found.table()
    name = f"advocacy-{found.from_day}-{found.to_day}-{found.by}.csv"
    return StreamingResponse(
        csv_lines(columns, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _figures(page: Page, db: Db, from_: str, to: str, by: str) -> Figures:
    settings = page.house.settings
    today = day_of(utc_now(), settings.timezone)
    to_day = _day(to) if to else today
    monday = to_day - timedelta(days=to_day.weekday())
    from_day = _day(from_) if from_ else monday - timedelta(weeks=WEEKS_SHOWN - 1)
    return figures(
        db,
        from_day=from_day,
        to_day=to_day,
        by=By(by) if by in set(By) else By.ITEM,
        zone=settings.timezone,
        small_group=settings.small_group,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("Write a day as 2026-12-31.")) from None


def _shown(found: Figures) -> list[Figure]:
    """Leave out days and weeks without anything, and put the last on top."""
    if found.by in {By.DAY, By.WEEK}:
        return [row for row in reversed(found.rows) if _is_something(row)]
    return found.rows


def _is_something(row: Figure) -> bool:
    return bool(row.offered or row.shares or row.clicks or row.excluded.total())


def _charts(page: Page, db: Db, found: Figures) -> tuple[Markup, Markup]:
    days = (found.to_day - found.from_day).days + 1
    by = By.DAY if days <= DAYS_IN_CHART else By.WEEK
    settings = page.house.settings
    over_time = figures(
        db,
        from_day=found.from_day,
        to_day=found.to_day,
        by=by,
        zone=settings.timezone,
        small_group=settings.small_group,
    )
    if not any(_is_something(row) for row in over_time.rows):
        return Markup(), Markup()
    bars = [
        Bar(_moment(page, by, row), row.clicks, row.shares) for row in over_time.rows
    ]
    words = Words(
        title=page.gettext(N_("Human clicks and shares started")),
        description=page.text(
            N_("{clicks} human clicks and {shares} shares started in {count} steps."),
            clicks=found.totals.clicks,
            shares=found.totals.shares,
            count=len(bars),
        ),
        clicks=page.gettext(N_("Human clicks")),
        shares=page.gettext(N_("Shares started")),
    )
    # The drawing is ours alone and holds no markup from outside (stats.charts).
    return (
        Markup(chart(bars, words, theme=LIGHT)),  # noqa: S704
        Markup(chart(bars, words, theme=DARK)),  # noqa: S704
    )


def _moment(page: Page, by: By, row: Figure) -> str:
    if by is By.WEEK:
        return row.label.partition("-")[2]
    return format_date(date.fromisoformat(row.label), "d MMM", locale=page.language)


def _row(page: Page, found: Figures, row: Figure) -> dict[str, Any]:
    item_id = row.key.get("item_id")
    return {
        "label": _label(page, found.by, row),
        "href": f"/desk/queue/{item_id}" if item_id else None,
        "offered": row.offered,
        "shares": row.shares,
        "shares_confirmed": row.shares_confirmed,
        "clicks": row.clicks,
        "visitors": row.visitors,
        "unclear": row.unclear,
        "automatic": row.automatic,
        "excluded": [
            {"verdict": verdict, "count": count}
            for verdict, count in row.excluded.most_common()
            if count
        ],
    }


def _label(page: Page, by: By, row: Figure) -> str:
    network = row.key.get("network")
    if network in NETWORKS:
        name = page.gettext(NETWORKS[network].label)
        return name if by is By.NETWORK else f"{row.label} · {name}"
    if by is By.DAY:
        return format_date(date.fromisoformat(row.label), locale=page.language)
    return page.gettext(row.label) if by is By.GROUP else row.label
