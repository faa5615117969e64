"""The whole product as `advocacy up` runs it, for tests that do something to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from advocacy import jobs, pulse
from advocacy.db import migrations
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from tests.servers import free_port, wait_until

ROOT = Path(__file__).parents[1]
PARTS = {  # words in the command line of each
    "broker": ("redis-server", "valkey-server", "advocacy.cli.broker"),
    "worker": ("workers.app worker",),
    "beat": ("workers.app beat",),
    "web": ("advocacy web",),
    "guard": ("advocacy.cli.guard",),
}


@dataclass
class Running:
    """A running `advocacy up`, with everything that a test looks at."""

    process: subprocess.Popen[bytes]
    env: Mapping[str, str]
    var_dir: Path
    port: int
    log: Path
    transactions: Transactions = field(init=False)

    def __post_init__(self) -> None:
        self.engine = make_engine(self.env["ADVOCACY_DATABASE_URL"])
        self.transactions = transactions_on(self.engine)

    @property
    def broker_url(self) -> str:
        """Give the address of its broker."""
        return jobs.embedded_url(jobs.embedded_socket(self.var_dir))

    def part(self, name: str) -> psutil.Process:
        """Find the process of a part.

        Raises:
            LookupError: It does not run just now.
        """
        for child in psutil.Process(self.process.pid).children():
            try:
                line = " ".join(child.cmdline())
            except psutil.NoSuchProcess:
                continue
            if any(words in line for words in PARTS[name]):
                return child
        raise LookupError(name)

    def family(self) -> list[psutil.Process]:
        """List every process that it started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def worker_children(self) -> list[psutil.Process]:
        """List the processes in which tasks run."""
        return self.part("worker").children()

    def kill(self, name: str) -> None:
        """End a part with no chance to say goodbye, and wait till another one runs."""
        victim = self.part(name)
        victim.kill()
        wait_until(lambda: self._runs_anew(name, victim.pid), f"another {name}")

    def _runs_anew(self, name: str, old: int) -> bool:
        try:
            return self.part(name).pid != old
        except (LookupError, psutil.NoSuchProcess):
            return False

    def broker_is_there(self) -> bool:
        """Tell whether the broker was started; by then the tables are there."""
        return jobs.embedded_socket(self.var_dir).exists()

    def workers_answer(self) -> bool:
        """Tell whether a worker hears a bell that is rung now, or heard one before."""
        if not (self.broker_is_there() and migrations.is_up_to_date(self.engine)):
            return False
        jobs.use_broker(self.broker_url)
        jobs.send(jobs.Job.PULSE)
        with self.transactions() as session:
            return pulse.last_pulse(session) is not None


@contextmanager
def running(
    folder: Path, *, arguments: tuple[str, ...] = (), **settings: str
) -> Iterator[Running]:
    """Run `advocacy up` on a folder of state, until the end of the block."""
    port = free_port()
    var_dir = folder / "var"
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    env |= {
        "ADVOCACY_VAR_DIR": str(var_dir),
        "ADVOCACY_DATABASE_URL": f"sqlite:///{var_dir}/advocacy.db",
        "ADVOCACY_FETCH_ALLOW": "127.0.0.0/8",
        "ADVOCACY_ORG_NAME": "Waterland Techniek",
        "ADVOCACY_SECRET_KEY": "a secret for tests alone, but a long one",
        "PYTHONPATH": str(ROOT),
    } | settings
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "advocacy", "up", "--port", str(port), *arguments],
            cwd=folder,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    run = Running(process, env, var_dir, port, log)
    try:
        yield run
    finally:
        run.engine.dispose()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
