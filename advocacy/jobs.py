"""Bells: after a commit, ask a worker to look at work that is already in the database.

A bell that is not heard costs time, never work: a sweep finds every due row. So
ringing never raises, never waits long, and needs no outbox.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import redis
from celery import Celery
from kombu.connection import Connection
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session

from advocacy.config import Settings
from advocacy.db.session import after_commit

log = logging.getLogger(__name__)

WAIT_S = 2.0  # a page waits at most this long for a broker that hangs
QUIET_S = 5.0  # after a bell that was not heard, so that ten of them wait once
SOCKET_PATH_MAX_BYTES = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
PREFIX = "advocacy:"  # others may use the same server


class Job(StrEnum):
    """Every task that a worker knows; the value is its name on the wire."""

    RING_DUE_SOURCES = "sources.ring_due"
    PULL_SOURCE = "sources.pull"
    APPROVE_TRUSTED = "offers.approve_trusted"
    PLAN_DIGEST = "digest.plan"
    DELIVER_DIGEST = "digest.deliver"
    ADVANCE_ROLLUP = "stats.advance"
    FORGET = "upkeep.forget"
    PULSE = "upkeep.pulse"


class Queue(StrEnum):
    """Where a job waits, so that a flood of one kind does not hold up another."""

    FETCH = "fetch"
    MAIL = "mail"
    STATS = "stats"
    CONTROL = "control"


QUEUE_OF = {
    Job.RING_DUE_SOURCES: Queue.CONTROL,
    Job.PULL_SOURCE: Queue.FETCH,
    Job.APPROVE_TRUSTED: Queue.CONTROL,
    Job.PLAN_DIGEST: Queue.MAIL,
    Job.DELIVER_DIGEST: Queue.MAIL,
    Job.ADVANCE_ROLLUP: Queue.STATS,
    Job.FORGET: Queue.CONTROL,
    Job.PULSE: Queue.CONTROL,
}


def ring(session: Session, job: Job, *ids: int) -> None:
    """Have a worker do a job once this transaction is committed, or not at all."""

    def ring_now() -> None:
        send(job, *ids)

    after_commit(session, f"{job}{ids}", ring_now)


def send(job: Job, *ids: int) -> bool:
    """Ring now; tell whether the broker took it. Never raises."""
    return _bells.send(job, ids)


def use_broker(url: str) -> None:
    """Say where the broker is; until then, and with an empty URL, bells are silent."""
    _bells.use(url)


class _Bells:
    """The process's way to the broker; a door says once where it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: Celery | None = None
        self._quiet_until = 0.0
        self._failing = False

    def use(self, url: str) -> None:
        with self._lock:
            if self._app is not None:
                self._app.close()
            self._app = _sender(url) if url else None
            self._quiet_until = 0.0

    def send(self, job: Job, ids: tuple[int, ...]) -> bool:
        app = self._app
        if app is None or time.monotonic() < self._quiet_until:
            return False
        try:
            app.send_task(job, args=ids, queue=QUEUE_OF[job], retry=False)
        except (KombuError, redis.RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + QUIET_S
            if not self._failing:
                log.warning("The broker does not answer; sweeps do the work: %s", error)
            self._failing = True
            return False
        self._failing = False
        return True


def _sender(url: str) -> Celery:
    app = Celery("advocacy-bells", broker=url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_publish_retry=False,
        task_create_missing_queues=True,
        broker_connection_timeout=WAIT_S,
        broker_transport_options={
            "socket_timeout": WAIT_S,
            "socket_connect_timeout": WAIT_S,
            "retry_on_timeout": False,
            "global_keyprefix": PREFIX,
        },
    )
    return app


_bells = _Bells()


def give_back(url: str) -> None:
    """Give every message that a worker had in hand to the next one, at once.

    Only where no worker runs: without this they wait for the visibility timeout.
    """
    options = {
        "visibility_timeout": 0,
        "global_keyprefix": PREFIX,
        "socket_timeout": WAIT_S,
        "socket_connect_timeout": WAIT_S,
    }
    try:
        with (
            Connection(url, transport_options=options) as connection,  # type: ignore[no-untyped-call]
            connection.channel() as channel,
        ):
            channel.qos.restore_visible(num=None, interval=1)
    except (KombuError, redis.RedisError, OSError) as error:
        log.warning("Nothing could be given back; sweeps do the work: %s", error)


def broker_url(settings: Settings) -> str:
    """Give the broker's address: the one that was set, or the embedded one's."""
    return settings.redis_url or embedded_url(embedded_socket(settings.var_dir))


def embedded_url(socket: Path) -> str:
    """Give the address of a broker on a socket, as Celery reads it."""
    return f"redis+socket://{quote(str(socket))}"


def embedded_socket(var_dir: Path) -> Path:
    """Say where the embedded broker's socket for this folder of state lives.

    In the folder itself, unless that name is too long for a socket: then in a
    private folder among the temporary files, named after the folder of state.
    """
    path = var_dir.resolve() / "broker.sock"
    if len(bytes(path)) < SOCKET_PATH_MAX_BYTES:
        return path
    mark = hashlib.sha256(bytes(path)).hexdigest()[:16]
    name = f"advocacy-{os.geteuid()}-{mark}/broker.sock"
    short = Path(tempfile.gettempdir()) / name
    if len(bytes(short)) < SOCKET_PATH_MAX_BYTES:
        return short
    return Path("/tmp") / name  # noqa: S108 - cli.broker makes the folder private


def broker_answers(url: str) -> bool:
    """Tell whether a broker answers at this address, within a few seconds."""
    try:
        with closing(_client(url)) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def eviction_policy(url: str) -> str | None:
    """Say what the broker does when its memory is full; it must not throw away.

    Raises:
        redis.RedisError: It does not answer, or keeps this to itself.
    """
    with closing(_client(url)) as client:
        answer = client.config_get("maxmemory-policy")
    policy = answer.get("maxmemory-policy") if isinstance(answer, dict) else None
    return str(policy) if policy is not None else None


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url.replace("redis+socket://", "unix://", 1),
        socket_timeout=WAIT_S,
        socket_connect_timeout=WAIT_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
