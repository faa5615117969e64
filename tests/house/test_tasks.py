from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, Task
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import workers
from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.jobs import QUEUE_OF, Job, Queue
from advocacy.models import metadata
from tests.makers import make_comms_member, make_employee, make_item, make_source
from workers import app as celery
from workers import process, schedule

TASKS = Path(workers.__file__).parent


@pytest.fixture
def registered() -> Celery:
    """Give the Celery app with every task in its registry."""
    celery.app.loader.import_default_modules()
    return celery.app


def ours(app: Celery) -> dict[str, Task]:
    """Give our tasks by name, without Celery's own."""
    return {n: t for n, t in app.tasks.items() if not n.startswith("celery.")}


def test_every_job_has_a_task_and_every_task_is_a_job(registered: Celery) -> None:
    """A bell that nobody knows is thrown away by the worker."""
    assert set(ours(registered)) == set(Job)


@pytest.mark.parametrize("job", Job)
def test_a_task_survives_the_death_of_its_worker(registered: Celery, job: Job) -> None:
    """Acknowledged after the work, given back when a child is killed, three times."""
    task = ours(registered)[job]

    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.retry_on_worker_lost
    assert task.max_retries == 3
    assert task.default_retry_delay <= 30
    assert task.ignore_result


@pytest.mark.parametrize("job", Job)
def test_a_task_ends_before_its_message_goes_to_another_worker(
    registered: Celery, job: Job
) -> None:
    """Otherwise two workers do it at once, again and again."""
    task = ours(registered)[job]

    assert 0 < task.soft_time_limit < task.time_limit < celery.VISIBILITY_S


def test_a_limit_that_is_too_long_is_refused() -> None:
    """At import, not when it is too late."""
    with pytest.raises(celery.LimitTooLongError):
        celery.task(Job.PULSE, soft_limit_s=60, hard_limit_s=celery.VISIBILITY_S)


def test_the_settings_hold_what_was_measured(registered: Celery) -> None:
    """Each of these was found by killing things (docs/decisions)."""
    conf = registered.conf
    options = conf.broker_transport_options

    assert conf.result_backend is None
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.worker_prefetch_multiplier == 1
    assert not conf.task_create_missing_queues
    assert {queue.name for queue in conf.task_queues} == set(Queue)
    assert options["visibility_timeout"] == celery.VISIBILITY_S
    assert (
        options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 5
    )
    assert options["socket_timeout"] == 30
    assert options["health_check_interval"] == 10


@pytest.mark.parametrize("job", schedule.EVERY)
def test_a_tick_expires_when_the_next_one_comes(job: Job) -> None:
    """A night without workers must not end in a thousand ticks."""
    entry = schedule.timetable()[job]

    assert entry["options"]["expires"] == schedule.EVERY[job].total_seconds()
    assert entry["options"]["queue"] == QUEUE_OF[job]
    assert timedelta(seconds=10) <= schedule.EVERY[job] <= timedelta(hours=1)


def test_tasks_hold_no_query_and_no_rule() -> None:
    """A page and a command call the same functions."""
    for path in TASKS.glob("*.py"):
        tree = ast.parse(path.read_text())
        imported = {
            node.module or ""
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        if path.name != "process.py":  # it opens the engine
            assert not {m for m in imported if m.startswith("sqlalchemy")}, path.name
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "task"
                for mark in node.decorator_list
            ):
                assert len(node.body) <= 5, f"{path.name}: {node.name}"


@pytest.fixture
def on_test_database(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """Let tasks work on the database of this test."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", database_url)
    settings.cache_clear()
    process.house.cache_clear()
    process.house()
    yield engine
    process.house().engine.dispose()
    process.house.cache_clear()


def snapshot(engine: Engine) -> dict[str, list[Any]]:
    """Read every row of every table but the pulse."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name != "pulse"
        }


def fill(engine: Engine) -> None:
    """Put in what tasks look for: people, a source that is due, an item to approve."""
    with Session(engine, expire_on_commit=False) as session:
        make_employee(session)
        make_comms_member(session)
        # Nobody listens there: the pull fails, and that is noted.
        source = make_source(
            session, id=1, url="http://127.0.0.1:9/feed", approval="auto"
        )
        make_item(session, source=source, seen_at=utc_now())
        session.commit()


def arguments(job: Job) -> tuple[int, ...]:
    """Give what a job is rung with."""
    return (1,) if job is Job.PULL_SOURCE else ()


@pytest.mark.parametrize("job", Job)
def test_a_task_done_twice_is_a_task_done_once(
    registered: Celery, on_test_database: Engine, job: Job
) -> None:
    """Bells are rung twice: by two clocks, or after a worker was killed."""
    fill(on_test_database)
    task = ours(registered)[job]

    task(*arguments(job))
    once = snapshot(on_test_database)
    task(*arguments(job))

    assert snapshot(on_test_database) == once


@pytest.mark.parametrize("job", Job)
def test_a_task_done_twice_at_once_is_a_task_done_once(
    registered: Celery, on_test_database: Engine, job: Job
) -> None:
    """Two workers hear two bells."""
    fill(on_test_database)
    task = ours(registered)[job]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            task(*arguments(job))
        except Exception as error:  # noqa: BLE001 - the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both = snapshot(on_test_database)
    task(*arguments(job))

    assert not failures
    assert snapshot(on_test_database) == both
