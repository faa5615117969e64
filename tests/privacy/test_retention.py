from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.links.hit_ids import new_id_at
from advocacy.links.models import Hit, LateHit, RollupMark, VisitorSalt
from advocacy.outbound.models import DevMail
from advocacy.privacy.retention import forget_hits, forget_what_is_over
from tests.makers import NOW

KEPT = timedelta(days=400)


def make_hit(session: Session, *, days_ago: float) -> Hit:
    """Make a hit of some days ago."""
    at = NOW - timedelta(days=days_ago)
    hit = Hit(id=new_id_at(at), link_id=1, at=at, verdict="human", rule="none")
    session.add(hit)
    session.flush()
    return hit


def mark_counted(session: Session, hit: Hit) -> None:
    """Say that hits up to this one are in the totals."""
    mark = session.get(RollupMark, 1) or RollupMark(id=1)
    mark.hit_id, mark.advanced_at = hit.id, NOW
    session.add(mark)
    session.flush()


def hits_left(session: Session) -> int:
    """Count the hits that are kept."""
    return session.scalar(select(func.count()).select_from(Hit)) or 0


def test_old_hits_go_and_young_ones_stay(session: Session) -> None:
    """Their totals tell the story from then on."""
    make_hit(session, days_ago=401)
    mark_counted(session, make_hit(session, days_ago=399))

    gone = forget_hits(session, before=NOW - KEPT)

    assert (gone, hits_left(session)) == (1, 1)


def test_a_hit_that_is_not_counted_yet_waits(session: Session) -> None:
    """Counting comes before forgetting, however late it is."""
    counted = make_hit(session, days_ago=500)
    mark_counted(session, counted)
    make_hit(session, days_ago=450)

    gone = forget_hits(session, before=NOW - KEPT)

    assert (gone, hits_left(session)) == (1, 1)


def test_a_late_hit_is_counted_before_it_goes(session: Session) -> None:
    """It came in below the mark, out of the spool."""
    late = make_hit(session, days_ago=450)
    session.add(LateHit(hit_id=late.id))
    mark_counted(session, make_hit(session, days_ago=1))

    gone = forget_hits(session, before=NOW - KEPT)

    assert (gone, hits_left(session)) == (0, 2)


def test_nothing_was_ever_counted_so_nothing_goes(session: Session) -> None:
    """There is no mark on the first day."""
    make_hit(session, days_ago=500)

    assert forget_hits(session, before=NOW - KEPT) == 0


def test_hits_go_a_few_at_a_time(session: Session) -> None:
    """The door writes in between."""
    for day in range(500, 510):
        make_hit(session, days_ago=day)
    mark_counted(session, make_hit(session, days_ago=1))

    assert forget_hits(session, before=NOW - KEPT, limit=4) == 4
    assert hits_left(session) == 7


def test_what_is_over_is_destroyed(transactions: Transactions) -> None:
    """Salts within two days, development mail after a month."""
    with transactions() as session:
        for days in (0, 1, 3):
            day = NOW - timedelta(days=days)
            session.add(VisitorSalt(day=day.date(), salt=b"s" * 16, made_at=day))
        for days in (1, 31):
            at = NOW - timedelta(days=days)
            session.add(DevMail(to="a@b.example", subject="s", raw=b"", received_at=at))

    forget_what_is_over(transactions, Settings(), now=NOW)

    with transactions() as session:
        salts = session.scalars(select(VisitorSalt.made_at)).all()
        mails = session.scalars(select(DevMail.received_at)).all()
    assert all(NOW - made < timedelta(days=2) for made in salts)
    assert NOW in salts
    assert [(NOW - at).days for at in mails] == [1]
