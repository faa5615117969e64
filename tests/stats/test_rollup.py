"""Totals, brought up to date in steps, and equal to counting in one go."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from advocacy.clock import day_of
from advocacy.db.dialect import appender
from advocacy.db.session import Transactions, transactions_on
from advocacy.links.hit_ids import moment_of, new_id_at
from advocacy.links.models import Hit, LateHit, RollupMark
from advocacy.links.recorder import JOURNAL, HitRow, add_hits
from advocacy.links.replay import replay
from advocacy.links.spool import Spool
from advocacy.links.states import Verdict
from advocacy.stats.models import DayTotal, DayVisitor
from advocacy.stats.rollup import advance
from advocacy.stats.verify import verify
from tests.makers import NOW

ZONE = ZoneInfo("Europe/Amsterdam")
Totals = dict[tuple[date, int, str], tuple[int, int]]


def make_row(
    moment: datetime,
    *,
    link_id: int = 1,
    verdict: str = "human",
    visitor: int | None = 1,
) -> HitRow:
    """Make a hit at a moment, as the door would."""
    hit_id = new_id_at(moment).bytes
    at_ms = int.from_bytes(hit_id[:6], "big")
    return HitRow(hit_id, link_id, at_ms, verdict, "rule", None, visitor)


def counted(rows: list[HitRow]) -> Totals:
    """Count in one go, in the plainest way."""
    hits: Counter[tuple[date, int, str]] = Counter()
    visitors: dict[tuple[date, int, str], set[int]] = defaultdict(set)
    for row in {row.id: row for row in rows}.values():
        moment = datetime.fromtimestamp(row.at_ms / 1000, UTC)
        key = (day_of(moment, ZONE), row.link_id, row.verdict)
        hits[key] += 1
        if row.verdict == "human" and row.visitor is not None:
            visitors[key].add(row.visitor)
    return {key: (number, len(visitors[key])) for key, number in hits.items()}


def totals(engine: Engine) -> Totals:
    """Read the totals back."""
    with Session(engine) as session:
        return {
            (row.day, row.link_id, row.verdict): (row.hits, row.visitors)
            for row in session.scalars(select(DayTotal))
        }


def test_hits_become_totals_of_their_local_day(
    engine: Engine, transactions: Transactions
) -> None:
    """Half past eleven at night in UTC is the next day in Amsterdam."""
    late_evening = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    with transactions() as session:
        add_hits(session, [make_row(late_evening), make_row(NOW, visitor=2)])

    done = advance(transactions, NOW, zone=ZONE)

    assert (done.hits, done.late) == (2, 0)
    assert totals(engine) == {(date(2026, 11, 23), 1, "human"): (2, 2)}


def test_advancing_again_changes_nothing(
    engine: Engine, transactions: Transactions
) -> None:
    """Two clocks may ring at once."""
    with transactions() as session:
        add_hits(session, [make_row(NOW), make_row(NOW)])
    advance(transactions, NOW, zone=ZONE)
    before = totals(engine)

    done = advance(transactions, NOW, zone=ZONE)

    assert (done.hits, totals(engine)) == (0, before)


def test_a_visitor_counts_once_per_link_and_day(
    engine: Engine, transactions: Transactions
) -> None:
    """However the hits are spread over runs."""
    for moment in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        with transactions() as session:
            add_hits(session, [make_row(moment), make_row(moment, link_id=2)])
        advance(transactions, NOW, zone=ZONE)

    assert totals(engine) == {
        (date(2026, 11, 23), 1, "human"): (2, 1),
        (date(2026, 11, 23), 2, "human"): (2, 1),
        (date(2026, 11, 24), 1, "human"): (1, 1),
        (date(2026, 11, 24), 2, "human"): (1, 1),
    }


def test_a_hit_below_the_mark_is_counted_on_its_own_day_and_taken_off(
    engine: Engine, transactions: Transactions
) -> None:
    """It came out of the spool, after its neighbours."""
    with transactions() as session:
        add_hits(session, [make_row(NOW)])
    advance(transactions, NOW, zone=ZONE)
    with transactions() as session:
        add_hits(session, [make_row(NOW - timedelta(days=3))])
        assert len(session.scalars(select(LateHit)).all()) == 1

    done = advance(transactions, NOW, zone=ZONE)

    assert (done.hits, done.late) == (0, 1)
    assert totals(engine)[date(2026, 11, 20), 1, "human"] == (1, 1)
    with transactions() as session:
        assert session.scalars(select(LateHit)).all() == []


def test_a_step_that_fails_has_not_been(
    engine: Engine, transactions: Transactions
) -> None:
    """Totals and mark move together; a crash before the commit repeats nothing."""
    rows = [make_row(NOW + timedelta(minutes=n)) for n in range(10)]
    with transactions() as session:
        add_hits(session, rows)
    steps = 0

    @contextmanager
    def failing() -> Iterator[Session]:
        nonlocal steps
        with transactions() as session:
            yield session
            steps += 1
            if steps == 2:
                raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError):
        advance(failing, NOW, zone=ZONE, step=4)
    advance(transactions, NOW, zone=ZONE, step=4)

    assert totals(engine) == counted(rows)


def test_deleting_old_hits_leaves_the_totals(
    engine: Engine, transactions: Transactions
) -> None:
    """Raw hits are kept for a while, totals for ever."""
    with transactions() as session:
        add_hits(session, [make_row(NOW)])
    advance(transactions, NOW, zone=ZONE)
    before = totals(engine)
    with transactions() as session:
        session.execute(delete(Hit))

    advance(transactions, NOW, zone=ZONE)

    assert totals(engine) == before


def test_the_mark_stands_at_the_last_hit(transactions: Transactions) -> None:
    """What is at or below it is in the totals."""
    rows = [make_row(NOW), make_row(NOW + timedelta(seconds=1))]
    with transactions() as session:
        add_hits(session, rows)

    advance(transactions, NOW, zone=ZONE)

    with transactions() as session:
        mark = session.get_one(RollupMark, 1)
        assert mark.hit_id.bytes == rows[1].id
        assert mark.advanced_at == NOW


def test_counting_while_hits_come_in_loses_and_doubles_none(
    engine: Engine, transactions: Transactions
) -> None:
    """Two writers with clocks apart, and a counter that never rests."""
    done = threading.Event()
    given: list[list[HitRow]] = [[], []]

    def write(number: int) -> None:
        wire = appender(engine, JOURNAL)
        for n in range(60):
            # The second writer's clock is behind: most of its hits are late.
            moment = NOW + timedelta(milliseconds=10 * n, seconds=-30 * number)
            rows = [make_row(moment, visitor=n % 7) for _ in range(5)]
            wire.append(rows)
            given[number].extend(rows)
        wire.close()

    def count() -> None:
        while not done.is_set():
            advance(transactions, NOW, zone=ZONE, step=20)

    writers = [threading.Thread(target=write, args=(n,)) for n in (0, 1)]
    counter = threading.Thread(target=count)
    for thread in (counter, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    counter.join()
    advance(transactions, NOW, zone=ZONE, step=20)

    assert sum(map(len, given)) == 600
    assert totals(engine) == counted(given[0] + given[1])


# Few links, visitors and days, so that they meet.
hit = st.builds(
    lambda minutes, link, verdict, visitor: make_row(
        NOW + timedelta(minutes=minutes), link_id=link, verdict=verdict, visitor=visitor
    ),
    st.integers(-3_000, 3_000),
    st.integers(1, 2),
    st.sampled_from([verdict.value for verdict in Verdict]),
    st.none() | st.integers(1, 3),
)
act = st.one_of(
    st.tuples(st.just("door"), st.lists(hit, min_size=1, max_size=4)),
    st.tuples(st.just("spool"), st.lists(hit, min_size=1, max_size=4)),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("replay"), st.none()),
    st.tuples(st.just("advance"), st.integers(1, 5)),
)


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=st.lists(act, max_size=12))
def test_any_order_of_hits_replays_and_counting_gives_the_same_totals(
    engine: Engine, tmp_path: Path, acts: list[tuple[str, object]]
) -> None:
    """Exactly once, whatever happened on the way."""
    transactions = transactions_on(engine)
    with transactions() as session:
        for table in (Hit, LateHit, RollupMark, DayTotal, DayVisitor):
            session.execute(delete(table))
    spool = Spool(tmp_path / "spool")
    wire = appender(engine, JOURNAL)
    rows: list[HitRow] = []
    for kind, what in acts:
        if kind in {"door", "spool"}:
            assert isinstance(what, list)
            (wire if kind == "door" else spool).append(what)
            rows += what
        elif kind == "again" and rows:  # written, and spooled in the same trouble
            assert isinstance(what, int)
            spool.append([rows[what % len(rows)]])
        elif kind == "replay":
            replay(transactions, spool)
        elif kind == "advance":
            assert isinstance(what, int)
            advance(transactions, NOW, zone=ZONE, step=what)
    replay(transactions, spool)
    advance(transactions, NOW, zone=ZONE, step=3)
    wire.close()

    assert totals(engine) == counted(rows)
    days = [day_of(moment_of(new_id_at(NOW)), ZONE) + timedelta(n) for n in (-3, 3)]
    with transactions() as session:
        assert verify(session, from_day=days[0], to_day=days[1], zone=ZONE).agrees
