"""Transactions: opened at a door, committed here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

Transactions = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction: commits at the end of the block, rolls back on an error."""

_AFTER_COMMIT = "after_commit"


def transactions_on(engine: Engine) -> Transactions:
    """Make the opener of transactions for an engine."""

    @contextmanager
    def transaction() -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
            for ring in session.info.pop(_AFTER_COMMIT, {}).values():
                ring()

    return transaction


def after_commit(session: Session, key: str, ring: Callable[[], None]) -> None:
    """Do something once the transaction has been committed, or not at all.

    The same key is done once, however often it was asked for. `ring` must not raise
    and must not be needed: a sweep finds the work when the bell is not heard.
    """
    session.info.setdefault(_AFTER_COMMIT, {}).setdefault(key, ring)


@contextmanager
def trying(session: Session) -> Iterator[None]:
    """Do something inside a transaction and take it back, to see what it would do."""
    session.flush()
    trial = session.begin_nested()
    try:
        yield
        session.flush()
    finally:
        trial.rollback()
        session.expire_all()
