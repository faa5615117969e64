"""How far links and shares are, and what a hit is; pure."""

from __future__ import annotations

from enum import StrEnum


class LinkState(StrEnum):
    """Where a share link leads."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


class ShareState(StrEnum):
    """How far a share got; `evidenced` is read from the clicks, not kept."""

    STARTED = "started"
    CONFIRMED = "confirmed"


class Verdict(StrEnum):
    """Why a hit is, or is not, a click."""

    HUMAN = "human"
    PREVIEW = "preview"
    BOT = "bot"
    SCANNER = "scanner"
    PREFETCH = "prefetch"
    PROBE = "probe"  # HEAD
    OWN = "own"
    REPEAT = "repeat"
    UNKNOWN = "unknown"
