"""The parts of the service as commands: for `advocacy up` and for more machines."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import closing

import click
import uvicorn

from advocacy.cli.logs import start_logging
from advocacy.jobs import Queue

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
BACKLOG = 2048  # connections that wait while the web process restarts
DRAIN_S = 15  # s, for requests that are under way
_CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "workers.app")


def web_command(listening_fd: int) -> list[str]:
    """Give the command of the web process, on a socket that listens already."""
    return [sys.executable, "-m", "advocacy", "web", "--fd", str(listening_fd)]


def worker_command() -> list[str]:
    """Give the command of the worker, which hears the bells of every queue."""
    return [
        *(*_CELERY, "worker", "--pool", "prefork"),
        *("--queues", ",".join(Queue), "--hostname", "advocacy@%h"),
        # These speak with other workers, which have nothing to say to one another.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def beat_command() -> list[str]:
    """Give the command of the clock that rings the timetable's bells."""
    return [*_CELERY, "beat"]


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address, for IPv4 or IPv6.

    Raises:
        OSError: Somebody else does, or it is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listening.setblocking(False)
    return listening


def listen_nearby(host: str, port: int, *, tries: int = 50) -> socket.socket:
    """Listen on a port, or on the next one that is free.

    Raises:
        OSError: This is no address of this machine, or they are all taken.
    """
    for candidate in range(port, port + tries):
        try:
            return listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or candidate == port + tries - 1:
                raise
    raise ValueError(f"{tries} ports are none")


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=int)
@click.option("--fd", type=int, hidden=True, help="A socket that listens already.")
def web(host: str, port: int, fd: int | None) -> None:
    """Serve the pages, the API and the share links."""
    start_logging()
    if fd is not None:
        listening = socket.socket(fileno=fd)
    else:
        try:
            listening = listen(host, port)
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port}: {error.strerror}."
            ) from None
    config = uvicorn.Config(
        "advocacy.web.app:make_app",
        factory=True,
        log_config=None,
        access_log=False,  # it would hold addresses
        proxy_headers=False,  # ADVOCACY_TRUSTED_PROXIES decides whom to believe
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
    )
    with closing(listening):
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise SystemExit(1)


@click.command()
def worker() -> None:
    """Do the work that is due: pull sources, send the digest, count clicks."""
    _become(worker_command())


@click.command()
def beat() -> None:
    """Ring for the workers every minute."""
    _become(beat_command())


def _become(command: list[str]) -> None:
    """Turn this process into another program, so that signals reach it."""
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own command lines
