"""A small supervisor: starts children, restarts those that die, stops them in order."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5  # before a restart; doubles with each death
LONGEST_PAUSE_S = 10.0
SETTLED_AFTER_S = 30.0  # a child that lived this long starts again at once
LINES_KEPT = 20
LAST_WORDS_S = 5.0  # between asking for the last time and killing
_POLL_S = 0.1


@dataclass
class Child:
    """One process to keep running.

    `stop_within_s` is how long it may take to finish what it has in hand, and
    `hurry` the signal that asks it to stop at once when that time is over.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    stop_within_s: float = 10.0
    hurry: signal.Signals = signal.SIGKILL
    keep_fds: tuple[int, ...] = ()
    after_death: Callable[[], None] = lambda: None
    speaks: bool = True  # else its lines are shown only when it dies

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    pause_s: float = field(default=FIRST_PAUSE_S, init=False)
    start_at: float = field(default=0.0, init=False)  # monotonic
    started_at: float = field(default=0.0, init=False)
    last_lines: deque[str] = field(
        default_factory=lambda: deque(maxlen=LINES_KEPT), init=False
    )

    @property
    def pid(self) -> int | None:
        """Give the process's id while it runs."""
        running = self.process is not None and self.process.poll() is None
        return self.process.pid if running and self.process else None


class Supervisor:
    """Keeps children running until it is told to stop.

    Each child leads a process group of its own: Ctrl-C reaches the supervisor
    alone, and what a dead child leaves behind can be ended with it. A guard process
    ends the groups if the supervisor is killed.
    """

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._stopping = threading.Event()
        self._hurrying = threading.Event()
        self._guard: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "advocacy.cli.guard"],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd="/",
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()
        guard = self._guard
        if guard is not None and guard.stdin is not None:
            self._tell_guard("done")
            with contextlib.suppress(BrokenPipeError):
                guard.stdin.close()
            guard.wait()

    def start(self, child: Child) -> None:
        """Start a child, to be kept running from now on."""
        self.children.append(child)
        self._launch(child)

    def remove_at_the_end(self, socket: Path) -> None:
        """Have the guard remove a socket, should nobody else be there to do so."""
        self._tell_guard(str(socket))

    def request_stop(self, *_: object) -> None:
        """Ask the loop to end, and when asked again not to wait; for signals."""
        if self._stopping.is_set():
            self._hurrying.set()
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Tell whether the end has begun."""
        return self._stopping.is_set()

    def run(self) -> None:
        """Restart what dies, until somebody asks to stop."""
        while not self._stopping.wait(_POLL_S):
            for child in self.children:
                self._look_after(child)

    def stop_all(self) -> None:
        """Stop the children, the last one started first."""
        self._stopping.set()
        for child in reversed(self.children):
            self._stop(child)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                self._launch(child)
            return
        code = child.process.poll()
        if code is None:
            return
        if now - child.started_at > SETTLED_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        log.warning(
            "%s ended (%s); it starts again in %.1f s",
            *(child.name, _ending(code), child.pause_s),
        )
        if not child.speaks:
            for line in child.last_lines:
                _say(child.name, line)
        self._forget(child)
        child.start_at = now + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)
        try:
            child.after_death()
        except Exception:  # nothing may end the one who looks after the others
            log.exception("what follows the death of %s was not done", child.name)

    def _launch(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own command lines
            child.command,
            env=dict(child.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=child.keep_fds,
        )
        child.started_at = time.monotonic()
        self._tell_guard(f"+ {child.process.pid}")
        threading.Thread(
            target=_pass_on, args=(child, child.process), daemon=True
        ).start()

    def _stop(self, child: Child) -> None:
        process = child.process
        if process is None:
            return
        steps = (
            (signal.SIGTERM, child.stop_within_s),
            (child.hurry, LAST_WORDS_S),
            (signal.SIGKILL, LAST_WORDS_S),
        )
        for number, patience_s in steps:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            if self._ended(process, patience_s):
                break
            log.warning("%s takes long to stop", child.name)
        self._forget(child)

    def _ended(self, process: subprocess.Popen[bytes], within_s: float) -> bool:
        limit = time.monotonic() + within_s
        while process.poll() is None:
            if time.monotonic() > limit or self._hurrying.is_set():
                return False
            time.sleep(_POLL_S / 2)
        return True

    def _forget(self, child: Child) -> None:
        """End what a dead child left behind in its group."""
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        self._tell_guard(f"- {child.process.pid}")
        child.process = None

    def _tell_guard(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        try:
            self._guard.stdin.write(f"{line}\n")
            self._guard.stdin.flush()
        except BrokenPipeError:
            log.warning("the guard is gone; do not kill this process with signal 9")
            self._guard = None


def _ending(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _pass_on(child: Child, process: subprocess.Popen[bytes]) -> None:
    """Read what a child says, line by line."""
    assert process.stdout is not None
    for line in process.stdout:
        text = line.decode("utf-8", "replace").rstrip()
        if not text:
            continue
        child.last_lines.append(text)
        if child.speaks:
            _say(child.name, text)
    process.stdout.close()


def _say(name: str, line: str) -> None:
    sys.stderr.write(f"{name:<7} | {line}\n")
    sys.stderr.flush()
