"""Totals rolled up from hits; every one can be recomputed from them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from advocacy.db.base import Base


class DayTotal(Base):
    """How many hits a link got on a day, per verdict."""

    __tablename__ = "day_total"

    day: Mapped[date] = mapped_column(primary_key=True)  # in the organisation's zone
    link_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    verdict: Mapped[str] = mapped_column(String(10), primary_key=True)
    hits: Mapped[int]
    visitors: Mapped[int]  # distinct visitor keys; only for human hits


class DayVisitor(Base):
    """A visitor key seen on a link on a day, so that it is counted once."""

    __tablename__ = "day_visitor"

    day: Mapped[date] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
