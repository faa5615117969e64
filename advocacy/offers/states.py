"""Whether a post may be offered; pure."""

from __future__ import annotations

from enum import StrEnum


class PostState(StrEnum):
    """Whether a post may be offered."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
