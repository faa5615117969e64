from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.clock import day_of
from advocacy.db.base import Base
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.demo.past import invent_past
from advocacy.digest.models import Edition, Letter, LetterItem
from advocacy.links.models import Hit, Share, ShareLink
from advocacy.links.states import Verdict
from advocacy.models import metadata
from advocacy.offers.models import Post
from advocacy.people.models import Employee
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from advocacy.stats.models import DayTotal
from tests.makers import NOW

ZONE = ZoneInfo("Europe/Amsterdam")


Begin = Callable[[Transactions], Transactions]


def count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_there_is_no_past_before_the_first_pull(company: Transactions) -> None:
    """It rests on what a real pull brought in."""
    assert invent_past(company, now=NOW, zone=ZONE) is None


def test_the_past_looks_like_a_quarter_of_a_friendly_company(
    pulled: Transactions,
) -> None:
    """Enough to see every page at work, and little enough to be believed."""
    invented = invent_past(pulled, now=NOW, zone=ZONE)

    assert invented is not None
    assert invented.items == 25
    assert 12 * 20 <= invented.shares <= 12 * 45
    assert 3_000 <= invented.hits <= 6_000
    with pulled() as session:
        verdicts = Counter(session.scalars(select(Hit.verdict)))
        assert 0.6 < verdicts[Verdict.HUMAN] / invented.hits < 0.8
        assert set(verdicts) >= {
            Verdict.PREVIEW,
            Verdict.BOT,
            Verdict.SCANNER,
            Verdict.OWN,
            Verdict.REPEAT,
        }
        weeks = Counter(
            (day_of(NOW, ZONE) - day).days // 7
            for day in session.scalars(select(Share.day))
        )
        assert max(weeks.values()) <= 60
        states = Counter(session.scalars(select(Item.state)))
        assert states == {ItemState.APPROVED: 25, ItemState.PENDING: 6}


def test_everything_in_the_past_is_marked_and_ends_with_yesterday(
    pulled: Transactions,
) -> None:
    """What is counted today is the visitor's own doing."""
    today = day_of(NOW, ZONE)

    invent_past(pulled, now=NOW, zone=ZONE)

    with pulled() as session:
        assert all(session.scalars(select(Share.invented)))
        assert all(session.scalars(select(Hit.invented)))
        assert all(session.scalars(select(Edition.invented)))
        assert all(day < today for day in session.scalars(select(Share.day)))
        assert all(day_of(at, ZONE) < today for at in session.scalars(select(Hit.at)))
        assert all(at < NOW for at in session.scalars(select(Letter.send_after)))


def test_nothing_in_the_past_comes_before_its_cause(pulled: Transactions) -> None:
    """A share follows the approval, a click follows its link."""
    invent_past(pulled, now=NOW, zone=ZONE)

    with pulled() as session:
        early_shares = session.scalar(
            select(func.count())
            .select_from(Share)
            .join(Post, Share.post_id == Post.id)
            .where(Share.started_at < Post.share_from)
        )
        early_hits = session.scalar(
            select(func.count())
            .select_from(Hit)
            .join(ShareLink, Hit.link_id == ShareLink.id)
            .where(Hit.at < ShareLink.created_at)
        )
        early_letters = session.scalar(
            select(func.count())
            .select_from(LetterItem)
            .join(Letter, LetterItem.letter_id == Letter.id)
            .join(Item, LetterItem.item_id == Item.id)
            .where(Letter.sent_at < Item.published_at)
        )
        assert (early_shares, early_hits, early_letters) == (0, 0, 0)


def test_the_totals_know_the_past_at_once(pulled: Transactions) -> None:
    """The first look at the statistics shows it."""
    invented = invent_past(pulled, now=NOW, zone=ZONE)

    assert invented is not None
    with pulled() as session:
        assert session.scalar(select(func.sum(DayTotal.hits))) == invented.hits


def test_the_past_is_invented_once(pulled: Transactions) -> None:
    """A second start, or a third, adds nothing."""
    invent_past(pulled, now=NOW, zone=ZONE)
    tables = (Share, Hit, Letter, LetterItem, Edition, Post, ShareLink)
    with pulled() as session:
        before = [count(session, table) for table in tables]

    assert invent_past(pulled, now=NOW + timedelta(hours=1), zone=ZONE) is None

    with pulled() as session:
        assert [count(session, table) for table in tables] == before


def test_the_dice_fall_the_same_way_every_time(
    pulled: Transactions, begin: Begin, tmp_path: Path
) -> None:
    """Screenshots and talks can rely on it; both databases agree with one another."""
    engine = make_engine(f"sqlite:///{tmp_path / 'another.db'}")
    metadata.create_all(engine)
    another = begin(transactions_on(engine))

    first = invent_past(pulled, now=NOW, zone=ZONE)
    second = invent_past(another, now=NOW, zone=ZONE)

    assert first == second
    assert _told(pulled) == _told(another)
    engine.dispose()


def _told(transactions: Transactions) -> tuple[object, object]:
    """Tell a past without the numbers that databases give."""
    with transactions() as session:
        shares = session.execute(
            select(Employee.email, Post.network, Post.title, Share.started_at)
            .select_from(Share)
            .join(Employee, Share.employee_id == Employee.id)
            .join(Post, Share.post_id == Post.id)
        )
        hits = session.execute(select(Hit.at, Hit.verdict, Hit.referrer, Hit.visitor))
        return Counter(map(tuple, shares)), Counter(map(tuple, hits))


def test_somebody_with_own_figures_has_links_of_their_own(
    pulled: Transactions,
) -> None:
    """So that their page has something to show."""
    invent_past(pulled, now=NOW, zone=ZONE)

    with pulled() as session:
        owners = set(
            session.scalars(
                select(ShareLink.personal_to_id).where(
                    ShareLink.personal_to_id.is_not(None)
                )
            )
        )
        wanting = set(
            session.scalars(select(Employee.id).where(Employee.wants_own_figures))
        )
    assert owners <= wanting
    assert len(owners) >= 4
