"""The directory: adding, changing and listing people and their groups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from advocacy import i18n
from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.i18n import N_
from advocacy.people.models import Employee, Group
from advocacy.people.roles import Role

EMAIL_MAX = 254  # RFC 5321, section 4.5.3.1.3, less the brackets
NAME_MAX = 120
# One @, no white space, a dot in the domain: the rest is the mail server's to judge.
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\]+\.[^@\s.<>\"',;]+")


def clean_email(text: str) -> str:
    """Give an address in lower case.

    Raises:
        Invalid: It cannot be a mail address.
    """
    email = text.strip().lower()
    if len(email) > EMAIL_MAX or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise Invalid(
            N_("“{text}” is not a mail address; write it as name@company.example."),
            text=text.strip()[:80],
        )
    return email


def clean_name(text: str) -> str:
    """Give a name on one line.

    Raises:
        Invalid: There is none, or it is longer than 120 characters.
    """
    name = " ".join(text.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise Invalid(N_("Give a name of 1 to {max} characters."), max=NAME_MAX)
    return name


def clean_role(text: str) -> Role:
    """Read a role.

    Raises:
        Invalid: There is no such role.
    """
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise Invalid(
            N_("“{text}” is not a role; use employee, comms or admin."), text=text[:40]
        ) from None


def clean_language(text: str) -> str:
    """Read a language that we speak.

    Raises:
        Invalid: We do not speak it.
    """
    language = text.strip().lower()
    if language not in i18n.languages():
        raise Invalid(
            N_("“{text}” is not a language here; use {languages}."),
            text=text[:20],
            languages=", ".join(i18n.languages()),
        )
    return language


def clean_timezone(text: str) -> str:
    """Read the name of a time zone.

    Raises:
        Invalid: There is no such zone.
    """
    if text.strip() not in available_timezones():
        raise Invalid(
            N_("“{text}” is not a time zone; write it as Europe/Amsterdam."),
            text=text[:40],
        )
    return text.strip()


def clean_groups(names: Iterable[str]) -> list[str]:
    """Give group names once each, trimmed, empty ones left out."""
    trimmed = (" ".join(name.split())[:NAME_MAX] for name in names)
    return list(dict.fromkeys(name for name in trimmed if name))


def find_employee(session: Session, email: str) -> Employee | None:
    """Find somebody who works here by address."""
    return session.scalar(
        select(Employee).where(
            Employee.email == email.strip().lower(), Employee.left_at.is_(None)
        )
    )


def get_employee(session: Session, email: str) -> Employee:
    """Give somebody who works here by address.

    Raises:
        NotFound: Nobody has this address.
    """
    employee = find_employee(session, email)
    if employee is None:
        raise NotFound(N_("Nobody here has the address {email}."), email=email[:80])
    return employee


def get_person(session: Session, employee_id: int) -> Employee:
    """Give somebody who works here by id, with their groups.

    Raises:
        NotFound: Nobody has this id.
    """
    employee = session.scalar(
        select(Employee)
        .where(Employee.id == employee_id, Employee.left_at.is_(None))
        .options(selectinload(Employee.groups))
    )
    if employee is None:
        raise NotFound(N_("There is no person {id} here."), id=employee_id)
    return employee


def get_group(session: Session, group_id: int) -> Group:
    """Give a group by id.

    Raises:
        NotFound: There is no such group.
    """
    group = session.get(Group, group_id)
    if group is None:
        raise NotFound(N_("There is no group {id}."), id=group_id)
    return group


def ensure_groups(session: Session, names: Iterable[str]) -> list[Group]:
    """Give the groups of these names, made where they are new."""
    wanted = clean_groups(names)
    known = {
        group.name: group
        for group in session.scalars(select(Group).where(Group.name.in_(wanted)))
    }
    for name in wanted:
        if name not in known:
            known[name] = Group(name=name)
            session.add(known[name])
    session.flush()
    return [known[name] for name in wanted]


def add_employee(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role = Role.EMPLOYEE,
    groups: Iterable[str] = (),
    language: str,
    timezone: str,
    now: datetime,
) -> Employee:
    """Add a person.

    Raises:
        Conflict: Somebody has this address already.
        Invalid: A value cannot be used.
    """
    address = clean_email(email)
    if session.scalar(select(Employee.id).where(Employee.email == address)) is not None:
        raise Conflict(N_("Somebody has the address {email} already."), email=address)
    employee = Employee(
        email=address,
        name=clean_name(name),
        role=role,
        language=clean_language(language),
        timezone=clean_timezone(timezone),
        created_at=now,
        groups=ensure_groups(session, groups),
    )
    session.add(employee)
    session.flush()
    return employee


def list_people(
    session: Session, *, search: str = "", after: str = "", limit: int = 50
) -> list[Employee]:
    """List who works here by address, a page at a time, with their groups."""
    query = select(Employee).where(Employee.left_at.is_(None), Employee.email > after)
    if search.strip():
        needle = f"%{_escape_like(search.strip().lower())}%"
        query = query.where(
            or_(
                Employee.email.like(needle, escape="\\"),
                func.lower(Employee.name).like(needle, escape="\\"),
                Employee.groups.any(func.lower(Group.name).like(needle, escape="\\")),
            )
        )
    return list(
        session.scalars(
            query.options(selectinload(Employee.groups))
            .order_by(Employee.email)
            .limit(limit)
        )
    )


def count_people(session: Session) -> int:
    """Count who works here."""
    count = session.scalar(
        select(func.count()).select_from(Employee).where(Employee.left_at.is_(None))
    )
    return count or 0


def list_groups(session: Session) -> list[Group]:
    """List the groups by name."""
    return list(session.scalars(select(Group).order_by(Group.name)))


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
