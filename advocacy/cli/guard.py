"""The guard: ends what a supervisor started, should the supervisor itself be killed.

It reads what runs on its standard input, one line each: `+ GROUP` for a process
group that was started, `- GROUP` for one that ended, `/path` for a socket to remove.
When the input ends without a last line `done`, nobody is left to stop them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE_S = 10.0  # for a worker to give back what it has in hand
_POLL_S = 0.1


def watch(lines: Iterable[str]) -> None:
    """Follow what runs; end it all when the supervisor is gone."""
    groups: set[int] = set()
    sockets: set[Path] = set()
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        match word:
            case "+":
                groups.add(int(rest))
            case "-":
                groups.discard(int(rest))
            case "done":
                return
            case _ if line.startswith("/"):
                sockets.add(Path(line.rstrip("\n")))
    end(groups)
    for socket in sockets:
        socket.unlink(missing_ok=True)


def end(groups: Iterable[int], *, patience_s: float = PATIENCE_S) -> None:
    """Ask process groups to stop, and kill those that do not."""
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    limit = time.monotonic() + patience_s
    while left and time.monotonic() < limit:
        time.sleep(_POLL_S)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a group; tell whether anybody was there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch(sys.stdin)
