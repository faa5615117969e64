"""Celery, set so that nothing is lost when a worker, a child or the broker dies.

The database is the queue and Celery is the bell: there is no result backend, no
task is retried for its own sake, and every figure below has a reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from celery import Celery, Task
from celery.platforms import SecurityWarning
from celery.signals import setup_logging
from kombu.entity import Queue as KombuQueue

from advocacy import jobs
from advocacy.cli.logs import start_logging
from advocacy.config import settings
from advocacy.jobs import QUEUE_OF, Job, Queue
from workers.schedule import timetable

VISIBILITY_S = 900  # a message whose worker vanished is given to another one after this
MODULES = ("workers.sources", "workers.digest", "workers.links", "workers.upkeep")

Body = TypeVar("Body", bound=Callable[..., Any])


class LimitTooLongError(ValueError):
    """A task could still run when its message is given to another worker."""


class BellTask(Task):  # type: ignore[misc]  # Celery has no types
    """A task that looks at due rows; safe to run twice, and at the same time."""

    max_retries = 3  # of a task whose child was killed: a poison task ends after these
    default_retry_delay = 5  # s, before the next child may try


def configuration() -> dict[str, Any]:
    """Give Celery's settings; read when they are first needed, not at import."""
    current = settings()
    return {
        "broker_url": jobs.broker_url(current),
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_S,
            "unacked_restore_interval": 5,  # s; with the next one: not after 102 s
            "unacked_restore_throttle": 1,
            "global_keyprefix": jobs.PREFIX,
            "socket_timeout": 30,  # s; for ever is the default
            "socket_keepalive": True,
            "health_check_interval": 10,  # s
        },
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a broker may be away for a night
        "beat_max_loop_interval": 5,  # s
        "beat_schedule": timetable(),
        "beat_scheduler": "celery.beat:Scheduler",  # no file: each tick is a claim
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,  # else a killed child takes its task along
        "task_retry_on_worker_lost": True,  # and at most `max_retries` times
        "task_create_missing_queues": False,
        "task_queues": [KombuQueue(queue) for queue in Queue],  # type: ignore[no-untyped-call]
        "task_routes": {job: {"queue": queue} for job, queue in QUEUE_OF.items()},
        "task_default_queue": Queue.CONTROL,
        "worker_prefetch_multiplier": 1,  # nothing waits behind a slow neighbour
        "worker_concurrency": current.worker_concurrency,
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 300_000,  # KiB
        "worker_eta_task_limit": 100,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_enable_remote_control": False,  # the pulse says more than a ping
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


# Its caution about running as root is about pickle, which we refuse.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("advocacy", include=MODULES, task_cls=BellTask)
app.add_defaults(configuration)


def task(
    job: Job, *, soft_limit_s: int, hard_limit_s: int, bind: bool = False
) -> Callable[[Body], Task]:
    """Make a function the task of a job.

    Args:
        job: Its name on the wire, which decides on its queue.
        soft_limit_s: After this it is asked to stop, by an exception.
        hard_limit_s: After this its process is killed.
        bind: Give the function its task as first argument.

    Raises:
        LimitTooLongError: Another worker would get the task while it still runs here.
    """
    if not 0 < soft_limit_s < hard_limit_s < VISIBILITY_S:
        raise LimitTooLongError(job, soft_limit_s, hard_limit_s, VISIBILITY_S)
    make: Callable[[Body], Task] = app.task(
        name=job, soft_time_limit=soft_limit_s, time_limit=hard_limit_s, bind=bind
    )
    return make


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _log_as_we_do(**_: Any) -> None:
    """Keep Celery from setting up logging: being connected is enough for that."""
    start_logging()
