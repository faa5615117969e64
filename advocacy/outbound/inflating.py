"""Opening packed answers piece by piece, so that a bomb never unfolds in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
PIECE_BYTES = 64 * 1024  # unpacked at a time
_GZIP = b"\x1f\x8b"
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS  # reads which of the two it is by itself


class CannotUnpackError(Exception):
    """The packing is damaged, doubled or unknown; becomes a `FetchFailed`."""


def inflate(pieces: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Unpack a stream.

    Args:
        pieces: As they come in.
        coding: The Content-Encoding header; empty for none.

    Yields:
        Pieces of at most PIECE_BYTES where something was packed.

    Raises:
        CannotUnpackError: Damaged, packed more than once, or in a way we did not ask.
    """
    name = coding.strip().lower()
    if name in {"", "identity"}:
        yield from pieces
    elif name in {"gzip", "x-gzip", "deflate"}:
        yield from _inflate(pieces)
    else:
        raise CannotUnpackError(name)


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    machine = None
    rest = b""
    for piece in pieces:
        rest += piece
        if machine is None and len(rest) < len(_GZIP):
            continue  # too little to see which packing it is
        while rest:
            machine = machine or _machine_for(rest)
            out, rest = _step(machine, rest)
            yield out
            if machine.eof:
                if not machine.unused_data.startswith(_GZIP):
                    return  # padding
                rest, machine = machine.unused_data, None  # one more gzip member
    if machine is not None:
        yield machine.flush()  # a few bytes that had no room in the last step
    if machine is None or not machine.eof:
        raise CannotUnpackError("it ends in the middle")


def _step(machine: zlib._Decompress, packed: bytes) -> tuple[bytes, bytes]:
    """Unpack at most PIECE_BYTES, and give what is still packed."""
    try:
        return machine.decompress(packed, PIECE_BYTES), machine.unconsumed_tail
    except zlib.error as error:
        raise CannotUnpackError(str(error)) from error


def _machine_for(start: bytes) -> zlib._Decompress:
    """Choose by the first bytes: "deflate" has meant two things since 1996."""
    if start.startswith(_GZIP) or (
        start[0] & 0x0F == zlib.DEFLATED
        and int.from_bytes(start[:2]) % 31 == 0  # RFC 1950, section 2.2
    ):
        return zlib.decompressobj(_ZLIB_OR_GZIP)
    return zlib.decompressobj(-zlib.MAX_WBITS)
