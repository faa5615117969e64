from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from advocacy.cli.supervising import Child, Supervisor
from tests.servers import wait_until

SLEEP = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
WITH_CHILD = (
    "import subprocess, sys;"
    f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}]);"
    f"{SLEEP}"
)


def child(name: str, program: str = SLEEP, **options: float) -> Child:
    """Describe a Python program to keep running."""
    command = [sys.executable, "-c", program]
    return Child(name, command, os.environ, **options)  # type: ignore[arg-type]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Supervise in a thread, until the test ends."""
    with Supervisor() as running:
        thread = threading.Thread(target=running.run)
        thread.start()
        yield running
        running.request_stop()
        thread.join()


def started(supervisor: Supervisor, wanted: Child) -> psutil.Process:
    """Start a child and give its process."""
    supervisor.start(wanted)
    assert wanted.pid is not None
    return psutil.Process(wanted.pid)


def is_gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended, whoever its parent is."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_that_dies_is_started_again(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    """With a line in the log that says how it ended."""
    wanted = child("worker")
    first = started(supervisor, wanted)

    first.kill()

    wait_until(lambda: wanted.pid not in {None, first.pid}, "another one")
    assert "worker ended (killed by SIGKILL)" in caplog.text


def test_what_a_dead_child_leaves_behind_ends_with_it(supervisor: Supervisor) -> None:
    """A worker's processes would go on with work that others do again."""
    parent = started(supervisor, child("worker", WITH_CHILD))
    wait_until(lambda: bool(parent.children()), "a grandchild")
    (grandchild,) = parent.children()

    parent.kill()

    wait_until(lambda: is_gone(grandchild), "its end")


def test_somebody_is_told_of_a_death(supervisor: Supervisor) -> None:
    """So that what it had in hand can be given to the next one."""
    told = threading.Event()
    wanted = child("worker")
    wanted.after_death = told.set

    started(supervisor, wanted).kill()

    assert told.wait(30)


def test_a_child_that_does_not_listen_is_killed() -> None:
    """Stopping must come to an end."""
    with Supervisor() as supervisor:
        wanted = child("worker", STUBBORN, stop_within_s=0.2)
        process = started(supervisor, wanted)

    assert is_gone(process)


def test_children_stop_the_other_way_round(tmp_path: Path) -> None:
    """The broker goes last: the worker still has something to give back."""
    said = tmp_path / "said"
    program = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        "    open({path!r}, 'a').write({name!r} + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "open({path!r} + {name!r}, 'w').close()\n"
        "time.sleep(600)"
    )
    names = ["broker", "worker", "web"]

    with Supervisor() as supervisor:
        for name in names:
            text = program.format(path=str(said), name=name)
            supervisor.start(child(name, text))
            wait_until((tmp_path / f"said{name}").exists, name)

    assert said.read_text().split() == ["web", "worker", "broker"]


SUPERVISED = """
import os, signal, sys
from pathlib import Path
from advocacy.cli.supervising import Child, Supervisor
with Supervisor() as supervisor:
    supervisor.remove_at_the_end(Path(sys.argv[1]))
    supervisor.start(Child("worker", [sys.executable, "-c", sys.argv[2]], os.environ))
    print(supervisor.children[0].pid, flush=True)
    supervisor.run()
"""


def test_the_guard_ends_everything_when_the_supervisor_is_killed(
    tmp_path: Path,
) -> None:
    """Signal 9 gives it no chance to do so itself."""
    socket = tmp_path / "broker.sock"
    socket.touch()
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(socket), WITH_CHILD],
        stdout=subprocess.PIPE,
        text=True,
    ) as supervisor:
        assert supervisor.stdout is not None
        worker = psutil.Process(int(supervisor.stdout.readline()))
        wait_until(lambda: bool(worker.children()), "a grandchild")
        family = [worker, *worker.children()]

        os.kill(supervisor.pid, signal.SIGKILL)

        wait_until(lambda: all(map(is_gone, family)), "their end")
        wait_until(lambda: not socket.exists(), "the end of the socket")
