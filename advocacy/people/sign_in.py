"""Signing in: a one-time link by mail, then a session that can be revoked.

Tokens are 256 random bits; the database keeps their SHA-256 alone, which needs no
salt since a random token cannot be guessed from its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from advocacy.errors import Conflict, NotFound
from advocacy.i18n import N_
from advocacy.people.models import Employee, SignInLink, WebSession

LINK_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(days=30)
LINKS_MAX = 5  # unused links per person at a time; a flood of mail helps nobody


class LinkSpent(Conflict):
    """The one-time link was used, has expired, or was never ours."""

    def __init__(self) -> None:
        super().__init__(
            N_("This link no longer works: it is used or too old. Ask for a new one.")
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), ())


def hash_token(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(
    session: Session,
    employee: Employee,
    *,
    now: datetime,
    lifetime: timedelta = LINK_LIFETIME,
) -> str | None:
    """Make a one-time token; None where the person has enough unused ones."""
    waiting = session.scalar(
        select(func.count())
        .select_from(SignInLink)
        .where(
            SignInLink.employee_id == employee.id,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
    )
    if waiting is not None and waiting >= LINKS_MAX:
        return None
    token = secrets.token_urlsafe(32)
    session.add(
        SignInLink(
            employee_id=employee.id,
            token_hash=hash_token(token),
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return token


def make_link(
    session: Session,
    employee: Employee,
    *,
    base_url: str,
    now: datetime,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """Make a one-time sign-in address for a person, for a command to print.

    Raises:
        Conflict: The person has enough unused links already.
    """
    token = make_token(session, employee, now=now, lifetime=lifetime)
    if token is None:
        raise Conflict(
            N_("{email} has {max} unused links; use one, or wait half an hour."),
            email=employee.email,
            max=LINKS_MAX,
        )
    return f"{base_url}/sign-in/{token}"


def link_owner(session: Session, token: str, *, now: datetime) -> Employee:
    """Say whom a one-time link lets in, without using it: scanners open links too.

    Raises:
        LinkSpent: It does not work (any more).
    """
    employee = session.scalar(
        select(Employee)
        .join(SignInLink, SignInLink.employee_id == Employee.id)
        .where(
            SignInLink.token_hash == hash_token(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            Employee.left_at.is_(None),
        )
    )
    if employee is None:
        raise LinkSpent
    return employee


def sign_in(
    session: Session, token: str, *, browser: str, now: datetime
) -> tuple[Employee, str]:
    """Use a one-time link; give the person and the new session's token.

    One conditional UPDATE spends the link, so that two presses at once make one
    session.

    Raises:
        LinkSpent: It does not work (any more).
    """
    employee = link_owner(session, token, now=now)
    spent = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == hash_token(token), SignInLink.used_at.is_(None))
        .values(used_at=now)
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkSpent
    return employee, open_session(session, employee, browser=browser, now=now)


def open_session(
    session: Session, employee: Employee, *, browser: str, now: datetime
) -> str:
    """Let a person in, and give the token for their cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            employee_id=employee.id,
            token_hash=hash_token(token),
            browser=browser[:80],
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, *, now: datetime) -> Employee | None:
    """Say who is signed in with a session's token, if anybody is."""
    return session.scalar(
        select(Employee)
        .join(WebSession, WebSession.employee_id == Employee.id)
        .where(
            WebSession.token_hash == hash_token(token),
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now,
            Employee.left_at.is_(None),
        )
    )


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """Close the session of a token."""
    session.execute(
        update(WebSession)
        .where(
            WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None)
        )
        .values(revoked_at=now)
    )


def sessions_of(
    session: Session, employee: Employee, *, now: datetime
) -> list[WebSession]:
    """List where a person is signed in, latest first."""
    return list(
        session.scalars(
            select(WebSession)
            .where(
                WebSession.employee_id == employee.id,
                WebSession.revoked_at.is_(None),
                WebSession.expires_at > now,
            )
            .order_by(WebSession.id.desc())
        )
    )


def revoke_session(
    session: Session, employee: Employee, session_id: int, *, now: datetime
) -> None:
    """Close one of a person's own sessions.

    Raises:
        NotFound: The person has no such session.
    """
    web_session = session.get(WebSession, session_id)
    if web_session is None or web_session.employee_id != employee.id:
        raise NotFound(N_("You have no such session."))
    web_session.revoked_at = web_session.revoked_at or now


def forget_spent(session: Session, *, now: datetime) -> int:
    """Delete links and sessions that can no longer be used; say how many."""
    links = session.execute(
        delete(SignInLink).where(
            or_(SignInLink.expires_at <= now, SignInLink.used_at.is_not(None))
        )
    )
    sessions = session.execute(
        delete(WebSession).where(
            or_(WebSession.expires_at <= now, WebSession.revoked_at.is_not(None))
        )
    )
    return int(links.rowcount + sessions.rowcount)  # type: ignore[attr-defined]
