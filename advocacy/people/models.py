"""Employees, their groups, and the ways in which they sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from advocacy.db.base import Base, words
from advocacy.people.roles import Role

membership = Table(
    "membership",
    Base.metadata,
    Column(
        "employee_id", ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True
    ),
    Column(
        "group_id", ForeignKey("people_group.id", ondelete="CASCADE"), primary_key=True
    ),
    Index("ix_membership_group_id", "group_id"),
)


class Group(Base):
    """A team or department, named by the organisation; an audience for posts."""

    __tablename__ = "people_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Employee(Base):
    """A person who may be offered posts. Nothing here says what they share."""

    __tablename__ = "employee"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(words(Role), default=Role.EMPLOYEE)
    language: Mapped[str]  # as in `nl`
    timezone: Mapped[str]  # IANA name, as in Europe/Amsterdam
    wants_digest: Mapped[bool] = mapped_column(default=True)
    wants_own_figures: Mapped[bool] = mapped_column(default=False)  # personal links
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # no longer works here; cannot sign in

    groups: Mapped[list[Group]] = relationship(
        secondary=membership, lazy="raise", order_by=Group.name
    )


class SignInLink(Base):
    """A one-time way in, sent by mail; only its hash is kept."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser in which somebody is signed in; can be revoked at any moment."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    browser: Mapped[str]  # "Firefox on Linux": for the person's own list of sessions


class ApiToken(Base):
    """A program's way in; shown once, kept as a hash."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(words(Role))
    employee_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
