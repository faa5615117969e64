"""Where hits wait when the database cannot take them: a file that is only added to.

Each hit is one line with a checksum. A line is on the disk before its reader goes on.
Replaying takes the file aside first, and adds each hit once by its id; a crash at any
moment leaves either the file or the rows, and then the file again does no harm.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

log = logging.getLogger(__name__)

FOLDER = "spool"  # inside settings.var_dir
WAITING = "waiting.log"
TAKEN = "taken-"
LOCK = "replay.lock"


class Spool:
    """The spool of one machine; every process on it may add at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, and come back when they are on the disk.

        Raises:
            OSError: The disk is full or gone; nothing was added.
        """
        text = b"".join(_line(row) for row in rows)
        with self._open_waiting() as file:
            end = os.fstat(file).st_size
            try:
                if end and os.pread(file, 1, end - 1) != b"\n":
                    text = b"\n" + text  # somebody died in mid-line
                _write_all(file, text)
                os.fsync(file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file, end)
                raise
            if end == 0:
                _sync_folder(self.folder)

    def is_empty(self) -> bool:
        """Tell whether nothing waits here."""
        return not any(path.stat().st_size for path in self._files())

    def take(self) -> Iterator[tuple[Path, list[tuple[Any, ...]]]]:
        """Give every file that waits with its rows, for whoever holds the lock."""
        waiting = self.folder / WAITING
        if waiting.exists():
            with self._open_waiting() as file:
                if os.fstat(file).st_size:
                    waiting.rename(self.folder / f"{TAKEN}{uuid4().hex}.log")
        for path in sorted(self.folder.glob(f"{TAKEN}*.log")):
            yield path, _read(path)

    def done_with(self, path: Path) -> None:
        """Remove a file whose rows are committed."""
        path.unlink()
        _sync_folder(self.folder)

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold the lock of the one who replays; False when somebody else does."""
        file = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(file)

    def _files(self) -> list[Path]:
        waiting = self.folder / WAITING
        return [*self.folder.glob(f"{TAKEN}*.log"), *([waiting] * waiting.exists())]

    @contextlib.contextmanager
    def _open_waiting(self) -> Iterator[int]:
        """Open the file that is added to, and keep everybody else out of it."""
        path = self.folder / WAITING
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        while True:
            file = os.open(path, flags, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _is_still(file, path):
                    yield file
                    return
            finally:
                os.close(file)


def _is_still(file: int, path: Path) -> bool:
    """Tell whether an open file still bears its name, and was not taken meanwhile."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _write_all(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _line(row: tuple[Any, ...]) -> bytes:
    hit_id, *rest = row
    content = json.dumps([hit_id.hex(), *rest], separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _read(path: Path) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    damaged = 0
    for line in path.read_bytes().splitlines():
        checksum, _, content = line.partition(b" ")
        if not line:
            continue
        if checksum != b"%08x" % zlib.crc32(content):
            damaged += 1  # torn: its reader was never answered
            continue
        hit_id, *rest = json.loads(content)
        rows.append((bytes.fromhex(hit_id), *rest))
    if damaged:
        log.warning("%d torn lines in the spool were left out", damaged)
    return rows


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
