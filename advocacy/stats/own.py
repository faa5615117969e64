"""What somebody's own shares brought, for that person alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.links.models import Share, ShareLink
from advocacy.links.states import ShareState, Verdict
from advocacy.people.models import Employee
from advocacy.stats.models import DayTotal


@dataclass(frozen=True)
class OwnFigures:
    """One's own numbers; clicks only where one chose to have personal links."""

    shares: int
    shares_confirmed: int
    clicks: int | None
    clicks_of_link: dict[int, int]  # personal links alone


def own_figures(session: Session, employee: Employee) -> OwnFigures:
    """Give somebody's own figures. Call it for nobody but that person."""
    rows = session.execute(
        select(Share.state, func.count())
        .where(Share.employee_id == employee.id)
        .group_by(Share.state)
    )
    states: dict[ShareState, int] = {state: number for state, number in rows}  # noqa: C416 - typed so
    confirmed = states.get(ShareState.CONFIRMED, 0)
    shares = confirmed + states.get(ShareState.STARTED, 0)
    if not employee.wants_own_figures:
        return OwnFigures(shares, confirmed, None, {})
    links = session.execute(
        select(ShareLink.id, func.coalesce(func.sum(DayTotal.hits), 0))
        .outerjoin(
            DayTotal,
            (DayTotal.link_id == ShareLink.id)
            & (DayTotal.verdict == Verdict.HUMAN.value),
        )
        .where(ShareLink.personal_to_id == employee.id)
        .group_by(ShareLink.id)
    )
    clicks = {link_id: int(hits) for link_id, hits in links}
    return OwnFigures(shares, confirmed, sum(clicks.values()), clicks)
