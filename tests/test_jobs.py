from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from advocacy import jobs
from advocacy.db.session import Transactions
from advocacy.jobs import Job, Queue
from tests.servers import Broker, redis_server


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Run a broker, with this process's bells on it."""
    with redis_server() as running:
        jobs.use_broker(running.url)
        yield running
        jobs.use_broker("")


def waiting(broker: Broker, queue: Queue) -> int:
    """Count the bells that no worker has heard yet."""
    client = redis.Redis(unix_socket_path=str(broker.socket))
    length = client.llen(f"{jobs.PREFIX}{queue}")
    client.close()
    assert isinstance(length, int)
    return length


def test_a_bell_rings_after_the_commit(
    transactions: Transactions, broker: Broker
) -> None:
    """A worker that hears it must find the row."""
    with transactions() as session:
        jobs.ring(session, Job.PULL_SOURCE, 7)
        before = waiting(broker, Queue.FETCH)

    assert (before, waiting(broker, Queue.FETCH)) == (0, 1)


def test_a_transaction_that_fails_rings_for_nothing(
    transactions: Transactions, broker: Broker
) -> None:
    """There is no row to work on."""
    with pytest.raises(LookupError), transactions() as session:  # noqa: PT012 - the block is the transaction
        jobs.ring(session, Job.PULL_SOURCE, 7)
        raise LookupError

    assert waiting(broker, Queue.FETCH) == 0


def test_the_same_job_is_rung_for_once_in_a_transaction(
    transactions: Transactions, broker: Broker
) -> None:
    """Two rules may both want the same source pulled."""
    with transactions() as session:
        jobs.ring(session, Job.PULL_SOURCE, 7)
        jobs.ring(session, Job.PULL_SOURCE, 7)
        jobs.ring(session, Job.PULL_SOURCE, 8)

    assert waiting(broker, Queue.FETCH) == 2


def test_a_frozen_broker_loses_the_bell_and_not_the_page(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """One short wait, one warning, and no wait at all for the bells after it."""
    os.kill(broker.process.pid, signal.SIGSTOP)
    try:
        heard = [jobs.send(Job.PULL_SOURCE, number) for number in range(50)]
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)

    assert not any(heard)
    assert len(caplog.records) == 1


def test_bells_are_silent_until_somebody_says_where_the_broker_is() -> None:
    """A program that uses the functions alone needs no broker."""
    assert not jobs.send(Job.PULSE)


def test_a_broker_answers_until_it_is_gone(broker: Broker) -> None:
    """Readiness depends on it."""
    here = jobs.broker_answers(broker.url)
    broker.process.kill()
    broker.process.wait()

    assert (here, jobs.broker_answers(broker.url)) == (True, False)


def test_the_broker_of_the_wheel_is_as_good_as_one_on_the_path() -> None:
    """Most machines have no server of their own."""
    with redis_server(on_path=()) as running:
        jobs.use_broker(running.url)
        heard = jobs.send(Job.PULSE)
        jobs.use_broker("")

        assert heard


def test_the_socket_of_a_deep_folder_gets_a_short_name(tmp_path: Path) -> None:
    """The kernel keeps no more than about a hundred bytes of it."""
    shallow = jobs.embedded_socket(Path("/srv/advocacy/var"))
    deep = jobs.embedded_socket(tmp_path / ("deep/" * 40))

    assert shallow == Path("/srv/advocacy/var/broker.sock")
    assert len(bytes(deep)) < jobs.SOCKET_PATH_MAX_BYTES
    assert deep != jobs.embedded_socket(tmp_path / ("deep/" * 41))


def test_every_job_has_a_queue() -> None:
    """Celery would invent a queue that no worker listens to."""
    assert set(jobs.QUEUE_OF) == set(Job)
