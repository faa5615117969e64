"""API tokens: a program's way in, shown once, kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.errors import Invalid, NotFound
from advocacy.i18n import N_
from advocacy.people.models import ApiToken, Employee
from advocacy.people.roles import Role
from advocacy.people.sign_in import hash_token

PREFIX = "adv_"  # lets secret scanners recognise a leaked one


def create_token(
    session: Session,
    name: str,
    *,
    role: Role,
    employee: Employee | None = None,
    now: datetime,
) -> tuple[ApiToken, str]:
    """Make a token; the second value is shown once and never again.

    Raises:
        Invalid: It has no name.
    """
    if not name.strip():
        raise Invalid(N_("Give the token a name that says what it is for."))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name.strip(),
        role=role,
        employee_id=employee.id if employee else None,
        token_hash=hash_token(secret),
        created_at=now,
    )
    session.add(token)
    session.flush()
    return token, secret


def list_tokens(session: Session) -> list[ApiToken]:
    """List the tokens that work."""
    return list(
        session.scalars(
            select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)
        )
    )


def revoke_token(session: Session, token_id: int, *, now: datetime) -> ApiToken:
    """Stop a token from working.

    Raises:
        NotFound: There is no such token.
    """
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound(N_("There is no token {id}."), id=token_id)
    token.revoked_at = token.revoked_at or now
    return token


def token_of(session: Session, secret: str) -> ApiToken | None:
    """Find the token that a program showed, if it works."""
    return session.scalar(
        select(ApiToken).where(
            ApiToken.token_hash == hash_token(secret), ApiToken.revoked_at.is_(None)
        )
    )
