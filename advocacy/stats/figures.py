"""What is shown of a period: numbers and the words they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from advocacy.links.states import Verdict

# Everything that is kept and is no click; HEAD is never kept.
EXCLUDED = tuple(
    verdict.value
    for verdict in Verdict
    if verdict not in {Verdict.HUMAN, Verdict.PROBE}
)


class By(StrEnum):
    """What a row stands for."""

    DAY = "day"
    WEEK = "week"
    POST = "post"
    ITEM = "item"
    NETWORK = "network"
    GROUP = "group"
    SOURCE = "source"


@dataclass
class Figure:
    """The numbers of one row, or of everything; each is defined in docs/metrics.md."""

    key: dict[str, Any] = field(default_factory=dict)  # as in {"day": "2026-11-23"}
    label: str = ""  # a msgid where it is a word of ours, a name otherwise
    offered: int = 0  # letters sent that carried it
    shares: int = 0  # started
    shares_confirmed: int = 0  # of those, said to be posted
    clicks: int = 0
    visitors: int = 0  # once per link and day
    excluded: Counter[str] = field(default_factory=Counter)  # hits that are no clicks

    @property
    def unclear(self) -> int:
        """Count the hits of which nobody can say what they were."""
        return self.excluded[Verdict.UNKNOWN.value]

    @property
    def automatic(self) -> int:
        """Count the hits that were left out for a reason that is clear."""
        return self.excluded.total() - self.unclear

    def add_hits(self, verdict: str, hits: int, visitors: int) -> None:
        """Add hits of one verdict."""
        if verdict == Verdict.HUMAN:
            self.clicks += hits
            self.visitors += visitors
        else:
            self.excluded[verdict] += hits

    def as_json(self) -> dict[str, Any]:
        """Give it as scripts rely on it."""
        return self.key | {
            "offered": self.offered,
            "shares": self.shares,
            "shares_confirmed": self.shares_confirmed,
            "clicks": self.clicks,
            "visitors": self.visitors,
            "excluded": {verdict: self.excluded[verdict] for verdict in EXCLUDED},
        }


@dataclass(frozen=True)
class Figures:
    """The numbers of a period, row by row and in all."""

    from_day: date
    to_day: date
    by: By
    rows: list[Figure]
    totals: Figure

    def as_json(self) -> dict[str, Any]:
        """Give them as scripts rely on them."""
        return {
            "from": self.from_day.isoformat(),
            "to": self.to_day.isoformat(),
            "by": self.by.value,
            "rows": [row.as_json() for row in self.rows],
            "totals": self.totals.as_json(),
        }

    def table(self) -> tuple[list[str], Iterable[list[Any]]]:
        """Give columns and rows for a spreadsheet."""
        keys = list(self.rows[0].key) if self.rows else [self.by.value]
        numbers = ["offered", "shares", "shares_confirmed", "clicks", "visitors"]
        rows = (
            [
                *(row.key.get(key, "") for key in keys),
                *(getattr(row, name) for name in numbers),
                *(row.excluded[verdict] for verdict in EXCLUDED),
            ]
            for row in self.rows
        )
        return [*keys, *numbers, *(f"excluded_{name}" for name in EXCLUDED)], rows
