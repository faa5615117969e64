from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.outbound.inflating import PIECE_BYTES, CannotUnpackError, inflate


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


@given(data=st.binary(max_size=5_000), size=st.integers(1, 700))
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_what_was_packed_comes_out_whole(
    data: bytes, size: int, coding: str, pack: type[bytes]
) -> None:
    """However the bytes are cut on their way."""
    assert b"".join(inflate(_pieces(pack(data), size), coding)) == data


def test_several_gzip_members_are_one_answer() -> None:
    """Some servers pack each flush apart (RFC 1952, section 2.2)."""
    packed = gzip.compress(b"a") + gzip.compress(b"b")

    assert b"".join(inflate(iter([packed]), "gzip")) == b"ab"


@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        (b"<rss/>", "gzip"),
        (gzip.compress(b"x" * 1000)[:-9], "gzip"),
        (b"", "gzip"),
        (b"whatever", "br"),
        (gzip.compress(gzip.compress(b"x")), "gzip, gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(packed: bytes, coding: str) -> None:
    """Half an answer is not taken for the whole one."""
    with pytest.raises(CannotUnpackError):
        list(inflate(iter([packed]), coding))


def test_a_bomb_unfolds_piece_by_piece() -> None:
    """So that whoever counts can stop; 1 GB would not fit."""
    machine = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    bomb = b"".join(machine.compress(zeros) for _ in range(64)) + machine.flush()
    tracemalloc.start()

    sizes = [len(piece) for piece in inflate(iter([bomb]), "gzip")]

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= PIECE_BYTES
    assert peak < 2 << 20


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_unpack_or_are_refused(data: bytes, coding: str) -> None:
    """Nothing else may come out of it."""
    with contextlib.suppress(CannotUnpackError):
        list(inflate(iter([data]), coding))
