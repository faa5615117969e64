from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import func, select, update

from advocacy import jobs, pulse
from advocacy.cli.parts import beat_command
from advocacy.clock import utc_now
from advocacy.queue.models import Item, ItemRevision
from advocacy.sources.catalog import add_source
from advocacy.sources.models import Source
from tests.running import Running, running
from tests.servers import postgres_database, wait_until
from tests.sites import Asked, Reply, Site, rss, rss_item

pytestmark = pytest.mark.timeout(300)

RECOVERS_WITHIN_S = 60.0
ITEMS = 3


ON_SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
ON_BOTH = pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Run everything once; each test does its worst to it."""
    folder: Path = tmp_path_factory.mktemp("faults")
    if request.param == "sqlite":
        with running(folder) as run:
            wait_until(run.workers_answer, "the workers")
            yield run
        return
    server = request.getfixturevalue("postgres_url")
    with (
        postgres_database(server) as url,
        running(folder, ADVOCACY_DATABASE_URL=url) as run,
    ):
        wait_until(run.workers_answer, "the workers")
        yield run


class SlowFeed:
    """A company's feed that keeps its first reader waiting until the test is ready."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.url = site.url("/feed")
        self.reached = threading.Event()
        self.may_answer = threading.Event()
        site.pages["/feed"] = self._answer

    def _answer(self, asked: Asked) -> Reply:
        first = not self.reached.is_set()
        self.reached.set()
        if first:
            while not self.may_answer.wait(0.05):
                if asked.until_over(0.0):
                    break
        items = [rss_item(number) for number in range(ITEMS)]
        return Reply(rss(*items), headers={"Content-Type": "application/rss+xml"})

    @property
    def times_asked(self) -> int:
        """Count how often somebody asked for the feed."""
        return len(self.site.asked)


@pytest.fixture
def feed() -> Iterator[SlowFeed]:
    """Serve a feed on loopback."""
    with Site() as site:
        slow = SlowFeed(site)
        yield slow
        slow.may_answer.set()


def begin_pull(house: Running, feed: SlowFeed) -> int:
    """Have a worker ask the feed, and come back while it waits for the answer."""
    jobs.use_broker(house.broker_url)
    with house.transactions() as session:
        source = add_source(session, feed.url, kind="feed", now=utc_now())
        jobs.ring(session, jobs.Job.PULL_SOURCE, source.id)
        source_id = source.id
    assert feed.reached.wait(RECOVERS_WITHIN_S), house.log.read_text()[-3000:]
    return source_id


def has_arrived(house: Running, source_id: int) -> bool:
    """Tell whether a pull of the source was finished."""
    with house.transactions() as session:
        source = session.get_one(Source, source_id)
        return source.last_result == "new" and source.lease_until is None


def wait_for_news(house: Running, source_id: int) -> None:
    """Wait until the source's news is in the queue."""
    wait_until(
        lambda: has_arrived(house, source_id),
        f"the news; {house.log.read_text()[-3000:]}",
        within_s=RECOVERS_WITHIN_S,
    )


def items_and_revisions(house: Running, source_id: int) -> tuple[int, int]:
    """Count what a source brought, and how often it was thought to be new."""
    with house.transactions() as session:
        items = select(Item.id).where(Item.source_id == source_id)
        counted = select(func.count()).select_from(items.subquery())
        revisions = select(func.count(ItemRevision.id)).where(
            ItemRevision.item_id.in_(items)
        )
        return session.scalar(counted) or 0, session.scalar(revisions) or 0


@ON_BOTH
def test_a_pull_survives_its_worker(house: Running, feed: SlowFeed) -> None:
    """The next worker gets what the dead one had in hand."""
    source_id = begin_pull(house, feed)

    house.kill("worker")

    wait_for_news(house, source_id)
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


@ON_BOTH
def test_a_pull_survives_the_process_in_which_it_ran(
    house: Running, feed: SlowFeed
) -> None:
    """The kernel ends the biggest process when memory is short."""
    source_id = begin_pull(house, feed)

    for child in house.worker_children():
        child.kill()

    wait_for_news(house, source_id)
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


@ON_SQLITE
@pytest.mark.parametrize("part", ["beat", "web", "broker"])
def test_a_pull_does_not_notice_the_death_of_another_part(
    house: Running, feed: SlowFeed, part: str
) -> None:
    """It goes on, and is not done twice."""
    source_id = begin_pull(house, feed)

    house.kill(part)
    feed.may_answer.set()

    wait_for_news(house, source_id)
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)
    assert feed.times_asked == 1


@ON_SQLITE
def test_a_broker_that_forgets_everything_loses_nothing(
    house: Running, feed: SlowFeed
) -> None:
    """Somebody else's FLUSHALL: what was rung for is found by the next sweep."""
    feed.may_answer.set()
    jobs.use_broker("")  # the bell is lost
    with house.transactions() as session:
        source_id = add_source(session, feed.url, kind="feed", now=utc_now()).id
    client = redis.Redis(unix_socket_path=str(house.var_dir / "broker.sock"))
    client.flushall()
    client.close()

    wait_for_news(house, source_id)
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


@ON_SQLITE
def test_what_falls_due_while_the_broker_is_dead_is_done_when_it_is_back(
    house: Running, feed: SlowFeed
) -> None:
    """The database is the queue; the broker only rings."""
    feed.may_answer.set()
    house.part("broker").kill()
    with house.transactions() as session:
        source_id = add_source(session, feed.url, kind="feed", now=utc_now()).id

    wait_for_news(house, source_id)
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


@ON_BOTH
def test_two_clocks_do_not_double_the_work(house: Running, feed: SlowFeed) -> None:
    """Ten ticks at once are as good as one: a source is claimed."""
    source_id = begin_pull(house, feed)
    feed.may_answer.set()
    wait_for_news(house, source_id)
    with house.transactions() as session:
        session.execute(
            update(Source)
            .where(Source.id == source_id)
            .values(next_pull_at=utc_now() - timedelta(minutes=1), last_pulled_at=None)
        )

    jobs.use_broker(house.broker_url)
    for _ in range(10):
        jobs.send(jobs.Job.RING_DUE_SOURCES)

    wait_until(lambda: is_quiet(house), "the end of all bells")
    assert feed.times_asked == 2
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


def is_quiet(house: Running) -> bool:
    """Tell whether no bell waits, and no worker has one in hand."""
    client = redis.Redis(unix_socket_path=str(house.var_dir / "broker.sock"))
    try:
        waiting = [client.llen(f"{jobs.PREFIX}{queue}") for queue in jobs.Queue]
        return not any(waiting) and not client.hlen(f"{jobs.PREFIX}unacked")
    finally:
        client.close()


@ON_BOTH
def test_a_second_clock_beside_the_first_does_not_double_the_work(
    house: Running, feed: SlowFeed
) -> None:
    """Somebody started beat twice: each tick rings twice, each source is asked once."""
    feed.may_answer.set()
    with subprocess.Popen(
        beat_command(),
        env=dict(house.env) | {"ADVOCACY_REDIS_URL": house.broker_url},
        cwd=house.log.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as second:
        try:
            with house.transactions() as session:
                source_id = add_source(session, feed.url, kind="feed", now=utc_now()).id
            wait_for_news(house, source_id)
            before = ticks(house)
            wait_until(lambda: ticks(house) != before, "another tick", within_s=90)
            assert second.poll() is None
        finally:
            second.terminate()

    assert feed.times_asked == 1
    assert items_and_revisions(house, source_id) == (ITEMS, ITEMS)


def ticks(house: Running) -> datetime | None:
    """Give the moment of the last pulse, which every clock rings for."""
    with house.transactions() as session:
        return pulse.last_pulse(session)
