"""Figures per group of people, with small groups merged before anything is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.i18n import N_
from advocacy.links.models import Share
from advocacy.links.states import ShareState
from advocacy.people.models import Employee, Group, membership
from advocacy.stats.figures import Figure
from advocacy.stats.models import DayTotal
from advocacy.stats.offered import offered_people
from advocacy.stats.small_groups import hide, one_group_each

NO_GROUP = ""
OTHERS = N_("Smaller groups together")


@dataclass
class _Counted:
    """What one group brings into the row that shows it."""

    people: int = 0
    offered: int = 0
    shares: int = 0
    shares_confirmed: int = 0
    links: set[int] = field(default_factory=set)


def by_group(
    session: Session, *, from_day: date, to_day: date, zone: ZoneInfo, k: int
) -> list[Figure]:
    """Count shares and letters of the people in each group, each person once.

    Clicks are those on links that somebody of the group took along. Colleagues of two
    groups share the same link, so these do not add up to the total.
    """
    groups = _count(session, from_day, to_day, zone)
    cells = hide({name: group.people for name, group in groups.items()}, k=k)
    rows = []
    rows_of_link: dict[int, list[Figure]] = defaultdict(list)
    for cell in cells:
        merged = cell.groups[1:] or cell.groups == (NO_GROUP,)
        name = "" if merged else cell.groups[0]
        row = Figure({"group": name}, OTHERS if merged else name)
        links: set[int] = set()
        for group in (groups[name] for name in cell.groups):
            row.offered += group.offered
            row.shares += group.shares
            row.shares_confirmed += group.shares_confirmed
            links |= group.links
        for link_id in links:
            rows_of_link[link_id].append(row)
        rows.append(row)
    for link_id, verdict, hits, visitors in session.execute(
        select(
            DayTotal.link_id,
            DayTotal.verdict,
            func.sum(DayTotal.hits),
            func.sum(DayTotal.visitors),
        )
        .where(DayTotal.day.between(from_day, to_day))
        .group_by(DayTotal.link_id, DayTotal.verdict)
    ):
        for row in rows_of_link.get(link_id, ()):
            row.add_hits(verdict, int(hits), int(visitors))
    return rows


def _count(
    session: Session, from_day: date, to_day: date, zone: ZoneInfo
) -> dict[str, _Counted]:
    """Count what the people of each group did, before anything is merged."""
    group_of = _groups(session)
    counted: dict[str, _Counted] = defaultdict(_Counted)
    for group, people in Counter(group_of.values()).items():
        counted[group].people = people
    erased = False  # somebody whom we no longer know, but who did share
    for person, link_id, state, day in session.execute(
        select(Share.employee_id, Share.link_id, Share.state, Share.day).where(
            Share.day <= to_day
        )
    ):
        erased = erased or person is None
        mine = counted[group_of.get(person, NO_GROUP)]
        mine.links.add(link_id)
        if day >= from_day:
            mine.shares += 1
            mine.shares_confirmed += state is ShareState.CONFIRMED
    letters = offered_people(session, from_day=from_day, to_day=to_day, zone=zone)
    for person, items in letters.items():
        erased = erased or person is None
        counted[group_of.get(person, NO_GROUP)].offered += items
    if erased:
        counted[NO_GROUP].people += 1
    return counted


def _groups(session: Session) -> dict[int | None, str]:
    """Put every person in one group; those who left stay where they were."""
    memberships = session.execute(
        select(membership.c.employee_id, Group.name).join_from(
            membership, Group, Group.id == membership.c.group_id
        )
    )
    known = one_group_each((person, name) for person, name in memberships)
    everybody = session.scalars(select(Employee.id))
    return {person: known.get(person, NO_GROUP) for person in everybody}
