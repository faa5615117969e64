"""What one worker process holds: connections made after the fork, closed at its end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from celery.signals import worker_process_init, worker_process_shutdown
from sqlalchemy import Engine

from advocacy import jobs
from advocacy.config import Settings, settings
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.outbound.mail import Sender, sender_for


@dataclass(frozen=True)
class House:
    """The settings, the database and the way mail goes out, of this process."""

    settings: Settings
    engine: Engine
    transactions: Transactions
    sender: Sender


@cache
def house() -> House:
    """Give what this process holds, made at first use: never before the fork."""
    current = settings()
    jobs.use_broker(jobs.broker_url(current))
    engine = make_engine(current.database_url)
    transactions = transactions_on(engine)
    return House(current, engine, transactions, sender_for(current, transactions))


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _open(**_: Any) -> None:
    house.cache_clear()  # what a parent held is not ours
    house()


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _close(**_: Any) -> None:
    held = house()
    held.sender.close()
    held.engine.dispose()
