"""How long things are kept: what is over is destroyed, a little at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.links.hit_ids import floor_id
from advocacy.links.models import Hit, LateHit, RollupMark
from advocacy.links.visitors import forget_salts
from advocacy.outbound.models import DevMail
from advocacy.people.sign_in import forget_spent

HITS_PER_STEP = 5_000
DEV_MAIL_KEPT = timedelta(days=30)


def forget_what_is_over(
    transactions: Transactions, settings: Settings, *, now: datetime
) -> None:
    """Destroy salts, spent ways in, old hits and old development mail.

    Each in transactions of its own: one that fails does not keep the others alive.
    """
    with transactions() as session:
        forget_salts(session, now)
    with transactions() as session:
        forget_spent(session, now=now)
    with transactions() as session:
        session.execute(
            delete(DevMail).where(DevMail.received_at < now - DEV_MAIL_KEPT)
        )
    before = now - timedelta(days=settings.hits_kept_days)
    while True:
        with transactions() as session:
            if forget_hits(session, before=before) < HITS_PER_STEP:
                return


def forget_hits(
    session: Session, *, before: datetime, limit: int = HITS_PER_STEP
) -> int:
    """Delete hits from before a moment, at most so many; their totals stay.

    A hit that is not yet in the totals waits, however old it is.
    """
    old = session.scalars(
        select(Hit.id)
        .where(
            Hit.id < floor_id(before),
            Hit.id <= select(RollupMark.hit_id).scalar_subquery(),
            ~exists().where(LateHit.hit_id == Hit.id),
        )
        .order_by(Hit.id)
        .limit(limit)
    ).all()
    if old:
        session.execute(delete(Hit).where(Hit.id.in_(old)))
    return len(old)
