"""Figures of operation: what waits, how long, and what fails; nothing about people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.digest.models import Letter, LetterState
from advocacy.queue.queries import count_states
from advocacy.sources.models import Source, SourceState


@dataclass(frozen=True)
class Figure:
    """One number at this moment."""

    name: str  # with its unit, as in oldest_due_pull_seconds
    meaning: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def figures_of_operation(session: Session, *, now: datetime) -> Iterator[Figure]:
    """Give what an operator watches; each is a bounded query over an index."""
    for state, count in count_states(session).items():
        yield Figure("items", "Items in the queue.", count, {"state": state.value})
    active = Source.state == SourceState.ACTIVE
    yield Figure(
        "sources_failing",
        "Sources whose last pull failed.",
        _count(session, select(func.count()).where(active, Source.failures > 0)),
    )
    oldest_pull = session.scalar(select(func.min(Source.next_pull_at)).where(active))
    yield Figure(
        "oldest_due_pull_seconds",
        "How long the most overdue source has waited to be pulled.",
        _waited(oldest_pull, now),
    )
    for letter_state in LetterState:
        yield Figure(
            "letters",
            "Letters of all editions.",
            _count(session, select(func.count()).where(Letter.state == letter_state)),
            {"state": letter_state.value},
        )
    oldest_letter = session.scalar(
        select(func.min(Letter.send_after)).where(Letter.state == LetterState.PENDING)
    )
    yield Figure(
        "oldest_due_letter_seconds",
        "How long the most overdue letter has waited to be sent.",
        _waited(oldest_letter, now),
    )


def _count(session: Session, query: object) -> int:
    return int(session.scalar(query) or 0)  # type: ignore[call-overload]


def _waited(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
