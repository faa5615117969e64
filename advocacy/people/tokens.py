"""API tokens: a program's way in, shown once, kept as a hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.errors import Invalid, NotAllowed, NotFound
from advocacy.i18n import N_
from advocacy.people.models import ApiToken, Employee
from advocacy.people.roles import Role
from advocacy.people.sign_in import hash_token

PREFIX = "adv_"  # lets secret scanners recognise a leaked one


@dataclass(frozen=True)
class Caller:
    """A program that shows a token, and the person it speaks for, if any."""

    token: ApiToken
    role: Role  # never more than the person's own
    employee: Employee | None

    def person(self) -> Employee:
        """Give the person that the token speaks for.

        Raises:
            NotAllowed: It speaks for nobody.
        """
        if self.employee is None:
            raise NotAllowed(
                N_(
                    "This token speaks for nobody. Make one with --email for the "
                    "person whose offers and shares these are."
                )
            )
        return self.employee


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


def caller_of(session: Session, secret: str) -> Caller | None:
    """Say who shows a token; nobody if it does not work, or its person left."""
    token = session.scalar(
        select(ApiToken).where(
            ApiToken.token_hash == hash_token(secret), ApiToken.revoked_at.is_(None)
        )
    )
    if token is None:
        return None
    if token.employee_id is None:
        return Caller(token, token.role, None)
    employee = session.get_one(Employee, token.employee_id)
    if employee.left_at is not None:
        return None
    # Whoever may do less than when the token was made, may do less by it as well.
    role = token.role if employee.role.covers(token.role) else employee.role
    return Caller(token, role, employee)
