from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import selectinload

from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.models import metadata
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Answer, Get
from advocacy.queue import arrivals
from advocacy.queue.decisions import approve, reject
from advocacy.queue.intake import PullOutcome, pull_source
from advocacy.queue.models import Item, ItemRevision
from advocacy.queue.states import ItemState
from advocacy.sources import turns
from advocacy.sources.models import Source, SourceState
from tests.makers import NOW, make_comms_member, make_source
from tests.sites import Asked, Reply, Site, getter, rss, rss_item

HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[Site]:
    """The company's own news site."""
    with Site() as site:
        yield site


@pytest.fixture
def source_id(transactions: Transactions, site: Site) -> int:
    """A source at that site, due now."""
    with transactions() as session:
        return make_source(session, url=site.url()).id


@pytest.fixture
def pull(transactions: Transactions, source_id: int) -> partial[PullOutcome]:
    """Pull the source, without chance."""
    return partial(
        pull_source,
        transactions,
        source_id,
        now=NOW,
        get=getter(),
        chance=lambda: 0.0,
    )


def items(transactions: Transactions) -> list[Item]:
    """List all items by title."""
    with transactions() as session:
        query = select(Item).options(selectinload(Item.topics)).order_by(Item.title)
        return list(session.scalars(query))


def source(transactions: Transactions, source_id: int) -> Source:
    """Read the source as it stands now."""
    with transactions() as session:
        return session.get_one(Source, source_id)


def date(moment: datetime) -> str:
    """Write a date as RSS does."""
    return format_datetime(moment, usegmt=True)


def test_entries_become_pending_items(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Cleaned, dated, with their topics, and told to whoever approves by rule."""
    site.pages["/feed/"] = Reply(
        rss(
            rss_item(1, category="Projecten", title="Sluis &amp;amp; dijk"), rss_item(2)
        )
    )

    outcome = pull()

    (second, first) = items(transactions)
    assert (outcome.result, outcome.new) == ("new", 2)
    assert set(outcome.pending_ids) == {first.id, second.id}
    assert first.title == "Sluis & dijk"
    assert first.state is ItemState.PENDING
    assert first.published_at == NOW - 2 * HOUR
    assert first.language == "nl"
    assert [topic.name for topic in first.topics] == ["Projecten"]


def test_pulling_twice_changes_nothing(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Also when the server sends the same news in other bytes."""
    site.pages["/feed/"] = Reply(rss(rss_item(1), rss_item(2)))
    pull()
    before = [(item.id, item.version) for item in items(transactions)]
    site.pages["/feed/"] = Reply(rss(rss_item(2), rss_item(1)))

    outcome = pull()

    assert (outcome.result, outcome.new, outcome.updated) == ("unchanged", 0, 0)
    assert outcome.unchanged == 2
    assert [(item.id, item.version) for item in items(transactions)] == before


BODY = rss(rss_item())


def _not_modified(asked: Asked) -> Reply:
    if asked.headers["If-None-Match"] == '"e"':
        return Reply(status=304, headers={"ETag": '"e"'})
    return Reply(BODY, headers={"ETag": '"e"'})


@pytest.mark.parametrize(
    "page",
    [
        _not_modified,
        lambda asked: Reply(
            BODY + asked.path.encode() * len(asked.headers), headers={"ETag": "e"}
        ),
        lambda _: Reply(BODY),
    ],
    ids=["304", "same-etag", "same-bytes"],
)
def test_an_unchanged_source_costs_no_reading_and_no_writing(
    *,
    site: Site,
    transactions: Transactions,
    source_id: int,
    pull: partial[PullOutcome],
    monkeypatch: pytest.MonkeyPatch,
    page: Reply,
) -> None:
    """Three ways to see it; most pulls end so."""
    site.pages["/feed/"] = page
    pull()
    monkeypatch.setattr("advocacy.sources.feeds.read", None)
    written = []

    with transactions() as session:

        def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("SELECT", "BEGIN")):
                written.append(statement.split()[:2])

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
    outcome = pull(now=NOW + HOUR)
    event.remove(engine, "before_cursor_execute", note)

    assert (outcome.result, outcome.new, outcome.updated) == ("unchanged", 0, 0)
    assert {tuple(words) for words in written} <= {
        ("UPDATE", "source"),
        ("PRAGMA", "query_only"),
    }
    assert source(transactions, source_id).last_pulled_at == NOW + HOUR


def test_two_workers_on_one_source_ask_once(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Whoever comes second sees that somebody is at it."""
    both = threading.Barrier(2, timeout=10)
    second_is_done = threading.Event()

    def page(_: Asked) -> Reply:
        second_is_done.wait(10)
        return Reply(BODY)

    def work() -> PullOutcome:
        both.wait()
        outcome = pull()
        if outcome.skipped:
            second_is_done.set()
        return outcome

    site.pages["/feed/"] = page
    with ThreadPoolExecutor(2) as pool:
        outcomes = [task.result(30) for task in [pool.submit(work) for _ in range(2)]]

    assert len(site.asked) == 1
    assert sorted(outcome.skipped for outcome in outcomes) == [False, True]
    assert len(items(transactions)) == 1


def test_no_transaction_is_open_while_the_source_is_asked(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """A slow server must not hold up everybody else."""
    site.pages["/feed/"] = Reply(BODY)
    seen = []

    def ask(url: str, headers: Mapping[str, str]) -> Answer:
        with transactions() as session:  # would wait for a lock otherwise
            session.get_one(Source, source_id).name = "written meanwhile"
        seen.append(url)
        return getter()(url, headers)

    assert pull(get=ask).result == "new"
    assert seen == [site.url()]


def test_a_worker_that_dies_before_the_commit_leaves_no_trace(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """Entries and validators are kept together: the next pull gets all of it again."""

    class KilledError(BaseException):
        """Stands for kill -9."""

    def ask(url: str, headers: Mapping[str, str]) -> Answer:
        getter()(url, headers)
        raise KilledError

    site.pages["/feed/"] = _not_modified
    with pytest.raises(KilledError):
        pull(get=ask)
    assert source(transactions, source_id).etag is None

    outcome = pull(now=NOW + turns.LEASE)

    assert (outcome.result, outcome.new) == ("new", 1)
    assert site.asked[-1].headers["If-None-Match"] is None


def test_what_somebody_elses_pull_overtook_is_dropped(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """It took longer than its lease."""

    def ask(url: str, headers: Mapping[str, str]) -> Answer:
        with transactions() as session:
            assert turns.plan_pull(session, source_id, now=NOW + turns.LEASE)
        return getter()(url, headers)

    site.pages["/feed/"] = Reply(BODY)

    assert pull(get=ask).skipped
    assert items(transactions) == []


@pytest.mark.parametrize("kind", [k for k in FailureKind if k is not FailureKind.GONE])
def test_every_failure_moves_the_next_turn_and_is_told(
    transactions: Transactions,
    source_id: int,
    pull: partial[PullOutcome],
    kind: FailureKind,
) -> None:
    """And nothing is raised: a server that is down is everyday life."""

    def ask(_url: str, _headers: Mapping[str, str]) -> Answer:
        raise FetchFailed(kind, host="www.example.com", status=404, limit_mib=5)

    outcome = pull(get=ask)

    kept = source(transactions, source_id)
    assert (outcome.result, outcome.error_kind) == ("failed", kind)
    assert kept.last_error == outcome.error
    assert (kept.failures, kept.failing_since) == (1, NOW)
    assert kept.next_pull_at == NOW + timedelta(minutes=5)
    assert kept.lease_token is None


def test_a_database_that_refuses_is_a_failure_on_our_side(
    site: Site,
    transactions: Transactions,
    source_id: int,
    pull: partial[PullOutcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The source waits its turn like after any other failure."""
    monkeypatch.setattr(arrivals, "_hash", lambda _: None)  # a column that must not be
    site.pages["/feed/"] = Reply(BODY)

    outcome = pull()

    assert outcome.error_kind == FailureKind.OUR_SIDE
    assert source(transactions, source_id).next_pull_at > NOW
    assert items(transactions) == []


def test_failures_wait_longer_each_time_and_one_success_forgets_them(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """A source is never given up."""
    site.pages["/feed/"] = Reply(status=500)
    waits = []
    for _ in range(3):
        pull()
        waits.append(source(transactions, source_id).next_pull_at - NOW)
    site.pages["/feed/"] = Reply(BODY)
    pull()

    kept = source(transactions, source_id)
    assert waits == [timedelta(minutes=m) for m in (5, 10, 20)]
    assert (kept.failures, kept.failing_since, kept.last_error) == (0, None, None)


def test_a_server_that_asks_for_time_gets_it(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """Longer than we would have waited."""
    site.pages["/feed/"] = Reply(status=429, headers={"Retry-After": "7200"})

    pull()

    assert source(transactions, source_id).next_pull_at == NOW + 2 * HOUR


def test_an_address_that_is_gone_is_told_apart(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """After a second time it is no longer asked; its items stay."""
    site.pages["/feed/"] = Reply(BODY)
    pull()
    site.pages["/feed/"] = Reply(status=410)

    results = [pull(now=NOW + hours * HOUR).result for hours in (1, 2)]

    assert results == ["gone", "gone"]
    assert source(transactions, source_id).state is SourceState.PAUSED
    assert len(items(transactions)) == 1


def test_a_broken_answer_takes_nothing_away(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Nor does an empty feed."""
    site.pages["/feed/"] = Reply(BODY)
    pull()
    for body in (b"", b"<html>maintenance", rss()):
        site.pages["/feed/"] = Reply(body)
        pull()

    assert [item.state for item in items(transactions)] == [ItemState.PENDING]


def test_an_edited_entry_is_a_new_revision(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """An approval belongs to the words that were there."""
    site.pages["/feed/"] = Reply(rss(rss_item(1)))
    pull()
    with transactions() as session:
        item = session.scalars(select(Item)).one()
        approve(session, item.id, by=make_comms_member(session), via="page", now=NOW)
    site.pages["/feed/"] = Reply(rss(rss_item(1, title="Toch anders")))

    outcome = pull()

    (item,) = items(transactions)
    assert (outcome.result, outcome.new, outcome.updated) == ("unchanged", 0, 1)
    assert (item.title, item.revisions) == ("Toch anders", 2)
    assert item.state is ItemState.APPROVED
    assert item.changed_since_approval
    with transactions() as session:
        titles = session.scalars(
            select(ItemRevision.title).order_by(ItemRevision.number)
        ).all()
    assert titles == ["Bericht 1", "Toch anders"]


def test_a_page_with_a_clock_in_it_stops_making_revisions(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Comms would be asked to look at it for ever."""
    for number in range(arrivals.REVISIONS_MAX + 3):
        site.pages["/feed/"] = Reply(rss(rss_item(1, title=f"Het is {number} uur")))
        outcome = pull()

    (item,) = items(transactions)
    assert item.revisions == arrivals.REVISIONS_MAX
    assert outcome.updated == 0


@pytest.mark.parametrize("state", [ItemState.REJECTED, ItemState.EXPIRED])
def test_what_was_settled_does_not_come_back(
    site: Site, transactions: Transactions, pull: partial[PullOutcome], state: ItemState
) -> None:
    """Not edited, and not with another guid either."""
    site.pages["/feed/"] = Reply(rss(rss_item(1)))
    pull()
    with transactions() as session:
        item = session.scalars(select(Item)).one()
        if state is ItemState.REJECTED:
            by = make_comms_member(session)
            reject(session, item.id, by=by, via="page", now=NOW, reason="Niet nu.")
        item.state = state
    site.pages["/feed/"] = Reply(rss(rss_item(1, title="Anders", guid="other-guid")))

    outcome = pull()

    assert (outcome.new, outcome.pending_ids) == (0, ())
    assert [item.state for item in items(transactions)] == [state]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"guid": "a"}, {"guid": "b"}),
        ({"guid": "a"}, {"guid": "a", "link": "https://x.example/renamed"}),
        (
            {"guid": "http://x.example/?p=1", "link": "http://x.example/een"},
            {"guid": "https://x.example/?p=1", "link": "https://x.example/1"},
        ),
        (
            {"guid": "http://old.example/?p=1", "link": "http://old.example/een"},
            {"guid": "https://new.example/?p=1", "link": "https://new.example/een"},
        ),
        (
            {"link": "https://x.example/een?utm_source=rss", "guid": ""},
            {"link": "https://x.example/een/#lees", "guid": ""},
        ),
    ],
    ids=["new-guid", "new-link", "to-https", "moved-host", "tracking"],
)
def test_the_same_article_is_the_same_item(
    site: Site,
    transactions: Transactions,
    pull: partial[PullOutcome],
    first: dict[str, str],
    second: dict[str, str],
) -> None:
    """By its guid, by its link, and when the whole site moved."""
    site.pages["/feed/"] = Reply(rss(rss_item(1, **first)))
    pull()
    site.pages["/feed/"] = Reply(rss(rss_item(1, **second)))
    outcomes = [pull(), pull(now=NOW + HOUR)]

    assert [outcome.new for outcome in outcomes] == [0, 0]
    assert outcomes[1].updated == 0
    assert len(items(transactions)) == 1


def test_entries_that_all_link_to_one_page_stay_apart(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Some notice boards have one page for everything."""
    page = "https://www.waterland-techniek.example/prikbord"
    site.pages["/feed/"] = Reply(
        rss(*(rss_item(n, link=page, guid=f"note-{n}") for n in (1, 2)))
    )
    pull()
    site.pages["/feed/"] = Reply(rss(rss_item(3, link=page, guid="note-3")))

    assert pull().new == 1
    assert len(items(transactions)) == 3


def test_a_session_in_the_link_makes_no_new_words(
    site: Site, pull: partial[PullOutcome]
) -> None:
    """Some shops give each visitor another address."""
    outcomes = []
    for number in (1, 2, 3):
        link = f"https://x.example/een?PHPSESSID={number}"
        site.pages["/feed/"] = Reply(rss(rss_item(1, guid="een", link=link)))
        outcomes.append(pull())

    assert [(outcome.new, outcome.updated) for outcome in outcomes] == [
        (1, 0),
        (0, 0),
        (0, 0),
    ]


def test_dates_that_change_at_every_request_change_nothing(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """The first date stays, so that nothing jumps to the top."""
    site.pages["/feed/"] = Reply(rss(rss_item(1, pubDate=date(NOW - HOUR))))
    pull()
    site.pages["/feed/"] = Reply(rss(rss_item(1, pubDate=date(NOW))))

    assert pull().updated == 0
    assert items(transactions)[0].published_at == NOW - HOUR


def test_a_new_source_brings_its_latest_news_not_its_past(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Twenty items of two weeks wait for comms; the rest can be brought in."""
    site.pages["/feed/"] = Reply(
        rss(
            *(
                rss_item(number, pubDate=date(NOW - number * timedelta(hours=6)))
                for number in range(1, 71)
            )
        )
    )

    outcome = pull()

    states = [item.state for item in items(transactions)]
    assert (outcome.new, len(outcome.pending_ids)) == (70, 20)
    assert states.count(ItemState.ARCHIVED) == 50


def test_after_the_first_pull_old_dates_are_news_too(
    site: Site, pull: partial[PullOutcome]
) -> None:
    """An article may be dated back, or come after a long silence."""
    site.pages["/feed/"] = Reply(rss(rss_item(1)))
    pull()
    old = rss_item(2, pubDate=date(NOW - timedelta(days=30)))
    site.pages["/feed/"] = Reply(rss(rss_item(1), old))

    assert len(pull().pending_ids) == 1


def test_an_article_of_the_future_is_kept_until_then(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Several systems publish what is planned; a new plan is followed."""
    opening = NOW + timedelta(days=90)
    site.pages["/feed/"] = Reply(rss(rss_item(1, pubDate=date(opening))))
    pull()
    first = items(transactions)[0].embargo_until
    sooner = opening - timedelta(days=10)
    site.pages["/feed/"] = Reply(rss(rss_item(1, pubDate=date(sooner))))
    pull()

    assert first == opening
    assert items(transactions)[0].embargo_until == sooner


def test_without_a_date_the_first_sight_counts(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """So that it can be put in order."""
    site.pages["/feed/"] = Reply(rss(rss_item(1, pubDate="gisteren")))
    pull()

    assert items(transactions)[0].published_at == NOW


@pytest.mark.parametrize(
    ("chosen", "channel", "language"),
    [
        (None, "", "nl"),
        (None, "<language>en-GB</language>", "en"),
        ("de", "<language>en-GB</language>", "de"),
    ],
)
def test_an_items_language_is_what_comms_chose_or_the_feed_says(
    *,
    site: Site,
    transactions: Transactions,
    source_id: int,
    pull: partial[PullOutcome],
    chosen: str | None,
    channel: str,
    language: str,
) -> None:
    """Many a feed says English out of habit."""
    with transactions() as session:
        session.get_one(Source, source_id).language = chosen
    site.pages["/feed/"] = Reply(rss(rss_item(1), channel=channel))
    pull()

    assert items(transactions)[0].language == language


def test_topics_are_shared_by_all_sources(
    site: Site, transactions: Transactions, pull: partial[PullOutcome]
) -> None:
    """Employees follow a subject, wherever it comes from."""
    site.pages["/feed/"] = Reply(
        rss(rss_item(1, category="Innovatie"), rss_item(2, category="INNOVATIE"))
    )
    pull()

    topics = {topic.id for item in items(transactions) for topic in item.topics}
    assert len(topics) == 1


def test_what_publishes_often_is_asked_often(
    site: Site, transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """Four items a day: every quarter of an hour."""
    site.pages["/feed/"] = Reply(
        rss(
            *(
                rss_item(number, pubDate=date(NOW - number * timedelta(hours=5.9)))
                for number in range(112)
            )
        )
    )
    pull()

    assert source(transactions, source_id).next_pull_at == NOW + timedelta(minutes=15)


def _canned(answer: Answer) -> Get:
    return lambda _url, _headers: answer


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transactions]:
    """One database for all examples of a property."""
    path: Path = tmp_path_factory.mktemp("intake") / "test.db"
    engine = make_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    yield transactions_on(engine)
    engine.dispose()


@hypothesis_settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    body=st.binary(max_size=200)
    | st.text(alphabet="<>&;/![]CDATAitemlnk:. \x00\ud800é").map(
        lambda text: rss(text.encode("utf-8", "replace").decode())
    ),
    headers=st.dictionaries(
        st.sampled_from(
            [
                *("etag", "last-modified", "content-type", "retry-after", "date"),
                *("cache-control", "expires"),
            ]
        ),
        st.text(st.characters(max_codepoint=255, exclude_characters="\x00")),
    ),
)
def test_any_answer_has_an_outcome_with_a_name(
    shared: Transactions, body: bytes, headers: dict[str, str]
) -> None:
    """Whatever the bytes, whatever the headers, the source has a next turn."""
    now = datetime.now(UTC)
    with shared() as session:
        source_id = make_source(session, next_pull_at=now).id

    answer = Answer(200, "https://x.example/feed/", headers, body)
    outcome = pull_source(shared, source_id, now=now, get=_canned(answer))

    with shared() as session:
        kept = session.get_one(Source, source_id)
    assert outcome.result in {"new", "unchanged", "failed"}
    assert (outcome.error_kind is None) == (outcome.result != "failed")
    assert outcome.error_kind != FailureKind.OUR_SIDE
    assert now < kept.next_pull_at <= now + timedelta(days=1)


def test_an_adapter_that_breaks_is_a_failure_on_our_side(
    transactions: Transactions, source_id: int, pull: partial[PullOutcome]
) -> None:
    """A kind that a newer release knew, after going back to an older one."""
    with transactions() as session:
        session.get_one(Source, source_id).kind = "telex"

    assert pull().error_kind == FailureKind.OUR_SIDE
