"""`advocacy up`: everything on one machine, kept running, stopped in order."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from advocacy import jobs
from advocacy.cli import broker, demo, parts
from advocacy.cli.logs import start_logging
from advocacy.cli.supervising import Child, Supervisor
from advocacy.config import Settings
from advocacy.db.migrations import upgrade

log = logging.getLogger("advocacy.up")

BROKER_STARTS_WITHIN_S = 10.0
ASK_EVERY_S = 0.1
WORKER_DRAINS_WITHIN_S = 30.0
WEB_DRAINS_WITHIN_S = parts.DRAIN_S + 5.0


@click.command()
@click.option("--host", default=parts.DEFAULT_HOST, show_default=True)
@click.option("--port", default=parts.DEFAULT_PORT, show_default=True, type=int)
@click.option("--demo", "as_demo", is_flag=True, help="With a demo company to explore.")
def up(host: str, port: int, *, as_demo: bool) -> None:
    """Run everything on this machine until Ctrl-C."""
    start_logging()
    if as_demo:
        os.environ["ADVOCACY_DEMO"] = "1"
    given = Settings(_env_file=".env")
    given.var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(given.var_dir) as lock, _listening(host, port) as listening:
        run = _decide(given, listening)
        lock.say(run.settings.base_url)
        upgrade(run.settings.database_url)
        site = demo.found(run.settings) if run.settings.demo else None
        _write_down(run.settings.var_dir / "up.env", run.decided)
        with Supervisor() as supervisor:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, supervisor.request_stop)
            _start(supervisor, run, site)
            threading.Thread(
                target=_welcome, args=(supervisor, run, site), daemon=True
            ).start()
            supervisor.run()
            log.info("stopping; what is under way is finished first")
            listening.close()


@dataclass(frozen=True)
class Run:
    """What this run settled on."""

    settings: Settings
    decided: dict[str, str]  # variables, for children and for other terminals
    listening: socket.socket

    @property
    def env(self) -> dict[str, str]:
        """Give the environment of the children."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CELERY_")}
        return kept | self.decided | {"PYTHONUNBUFFERED": "1"}


def _decide(given: Settings, listening: socket.socket) -> Run:
    """Settle what was not set: the address with its port, and what the demo needs."""
    decided = {}
    if "base_url" not in given.model_fields_set:
        decided["ADVOCACY_BASE_URL"] = f"http://localhost:{_port(listening)}"
    if given.demo:
        own = [str(network) for network in given.fetch_allow]
        decided["ADVOCACY_DEMO"] = "1"
        decided["ADVOCACY_FETCH_ALLOW"] = ",".join([*own, demo.NETWORK])
    os.environ.update(decided)
    return Run(Settings(_env_file=".env"), decided, listening)


def _start(supervisor: Supervisor, run: Run, site: demo.Site | None) -> None:
    """Start the parts; they will be stopped the other way round."""
    url = jobs.broker_url(run.settings)
    embedded = not run.settings.redis_url
    if embedded:
        path = jobs.embedded_socket(run.settings.var_dir)
        broker.private_folder(path)
        path.unlink(missing_ok=True)  # of a run that was killed
        supervisor.remove_at_the_end(path)
        supervisor.start(Child("broker", broker.command(path), run.env, speaks=False))
        _wait_for_broker(url)
    if site is not None:
        supervisor.start(Child("site", site.command, run.env, speaks=False))
    supervisor.start(
        Child(
            "worker",
            parts.worker_command(),
            run.env,
            stop_within_s=WORKER_DRAINS_WITHIN_S,
            hurry=signal.SIGQUIT,  # Celery gives back what it has in hand
            # No other worker can hold messages of a broker that is ours alone.
            after_death=(lambda: jobs.give_back(url)) if embedded else lambda: None,
        )
    )
    supervisor.start(Child("beat", parts.beat_command(), run.env))
    web_fd = run.listening.fileno()
    supervisor.start(
        Child(
            "web",
            parts.web_command(web_fd),
            run.env,
            stop_within_s=WEB_DRAINS_WITHIN_S,
            keep_fds=(web_fd,),
        )
    )


def _wait_for_broker(url: str) -> None:
    limit = time.monotonic() + BROKER_STARTS_WITHIN_S
    while not jobs.broker_answers(url):
        if time.monotonic() > limit:
            log.warning("the broker is slow to start; the others wait for it")
            return
        time.sleep(ASK_EVERY_S)


def _welcome(supervisor: Supervisor, run: Run, site: demo.Site | None) -> None:
    """Say where to go, once everything answers."""
    while not (_is_ready(run.listening) and (site is None or demo.is_there(site))):
        if supervisor.stopping:
            return
        time.sleep(ASK_EVERY_S)
    jobs.use_broker(jobs.broker_url(run.settings))
    jobs.send(jobs.Job.PULSE)  # the clock's first minute is long
    jobs.send(jobs.Job.RING_DUE_SOURCES)
    lines = [f"Advocacy is at {run.settings.base_url}/"]
    if site is not None:
        lines = demo.prepare(run.settings, site, stopping=lambda: supervisor.stopping)
    if not supervisor.stopping:
        _say([*lines, "Ctrl-C stops everything."])


def _say(lines: list[str]) -> None:
    click.echo("\n" + "\n\n".join(lines) + "\n")
    sys.stdout.flush()


def _is_ready(listening: socket.socket) -> bool:
    host, port, *_ = listening.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asking
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen on the port, or on the next free one, and say so."""
    try:
        listening = parts.listen_nearby(host, port)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host}:{port}: {error.strerror}."
        ) from None
    if _port(listening) != port:
        log.warning("port %d is taken; this is %d instead", port, _port(listening))
    with contextlib.closing(listening):
        yield listening


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


@dataclass(frozen=True)
class _Lock:
    """The lock of a folder of state; says who holds it."""

    file: int

    def say(self, base_url: str) -> None:
        os.ftruncate(self.file, 0)
        text = json.dumps({"pid": os.getpid(), "address": base_url})
        os.pwrite(self.file, text.encode(), 0)


@contextlib.contextmanager
def _alone(var_dir: Path) -> Iterator[_Lock]:
    """Hold the folder of state: two supervisors would fight over one broker."""
    path = var_dir / "up.lock"
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(path)
            os.close(file)
            raise click.ClickException(
                f"Advocacy runs already on {var_dir.resolve()}{holder}. "
                "Stop that one first, or set ADVOCACY_VAR_DIR to another folder."
            ) from None
        if path.exists() and os.path.samestat(os.fstat(file), path.stat()):
            break
        os.close(file)  # it was removed between opening and locking
    try:
        yield _Lock(file)
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text())
        return f" (process {said['pid']}, {said['address']})"
    except (OSError, ValueError, KeyError):
        return ""


def _write_down(path: Path, decided: dict[str, str]) -> None:
    """Keep what was decided where commands in other terminals find it."""
    lines = ["# Written by `advocacy up`; the environment and .env come first."]
    lines += [f"{name}={value}" for name, value in decided.items()]
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join(lines) + "\n")
    fresh.replace(path)
