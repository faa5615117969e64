from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.running import Running, running
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Running]:
    """Run everything, until the workers answer."""
    with running(tmp_path) as run:
        wait_until(run.workers_answer, "the workers")
        yield run


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run everything once, for tests that only look."""
    with running(tmp_path_factory.mktemp("steady")) as run:
        wait_until(run.workers_answer, "the workers")
        yield run


def left(run: Running) -> list[str]:
    """List what is left in the folder of state besides data and secrets."""
    kept = {"advocacy.db", "advocacy.db-wal", "advocacy.db-shm", "up.env", "spool"}
    return [path.name for path in run.var_dir.iterdir() if path.name not in kept]


def all_gone(family: list[psutil.Process]) -> bool:
    """Tell whether processes have ended."""
    return not any(
        one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_and_leaves_nothing(
    house: Running, number: signal.Signals
) -> None:
    """No process, no lock, no socket; and exit code 0."""
    family = house.family()

    house.process.send_signal(number)

    assert house.process.wait(60) == 0
    assert all_gone(family)
    assert left(house) == []


def test_killing_the_supervisor_leaves_nothing_that_is_in_the_way(
    house: Running, tmp_path: Path
) -> None:
    """The next one starts as if nothing had been."""
    family = house.family()

    house.process.kill()
    house.process.wait()

    wait_until(lambda: all_gone(family), "their end")
    with running(tmp_path) as again:
        wait_until(again.workers_answer, "the workers")


def test_a_second_one_on_the_same_folder_is_refused(steady: Running) -> None:
    """In one line that says who is there and what to do."""
    second = subprocess.run(
        [sys.executable, "-m", "advocacy", "up"],
        cwd=steady.var_dir.parent,
        env=steady.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert f"process {steady.process.pid}" in second.stderr
    assert "ADVOCACY_VAR_DIR" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    assert steady.process.poll() is None


def test_the_state_is_its_owners_alone(steady: Running) -> None:
    """Secrets and people's names live there."""
    assert stat.S_IMODE(steady.var_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((steady.var_dir / "up.env").stat().st_mode) == 0o600


def test_a_taken_port_gives_way_to_the_next_free_one(tmp_path: Path) -> None:
    """It says so, and the addresses that it hands out follow."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, arguments=("--port", str(port))) as run:
            wait_until(run.workers_answer, "the workers")
            log = run.log.read_text()
            decided = (run.var_dir / "up.env").read_text()

    assert f"port {port} is taken" in log
    assert f"ADVOCACY_BASE_URL=http://localhost:{port}\n" not in decided
    assert "ADVOCACY_BASE_URL=http://localhost:" in decided


def test_it_is_ready_when_it_says_so(steady: Running) -> None:
    """Database, tables and broker."""

    def answer() -> dict[str, bool]:
        url = f"http://127.0.0.1:{steady.port}/readyz"
        with urllib.request.urlopen(url, timeout=10) as response:
            found: dict[str, bool] = json.load(response)
            return found

    wait_until(lambda: "Advocacy is at" in steady.log.read_text(), "its word")

    assert all(answer().values())


def test_the_doctor_finds_nothing_wrong(steady: Running) -> None:
    """It looks from outside, in another terminal."""
    ran = subprocess.run(
        [sys.executable, "-m", "advocacy", "doctor", "--json"],
        cwd=steady.var_dir.parent,
        env=steady.env,
        capture_output=True,
        text=True,
        check=False,
    )

    found = {one["what"]: one["health"] for one in json.loads(ran.stdout)}
    assert ran.returncode == 0, ran.stdout
    assert "wrong" not in found.values()
    assert found["workers"] == "ok"


def test_no_variable_of_celery_from_outside_counts(tmp_path: Path) -> None:
    """Celery reads CELERY_BROKER_URL before anything that we say."""
    elsewhere = "redis://127.0.0.1:1/0"
    with running(tmp_path, CELERY_BROKER_URL=elsewhere) as run:
        wait_until(run.workers_answer, "the workers")

    assert "CELERY_BROKER_URL" not in os.environ
