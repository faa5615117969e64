from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.sources.decoding import decode

TEXT = "<rss>Café ’t Veerhuis €</rss>"


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", ""),
        ("utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8-sig", "text/xml; charset=iso-8859-1"),
        ("utf-16", "text/xml; charset=utf-8"),
        ("utf-16-le", ""),
        ("utf-16-be", ""),
        ("utf-32", ""),
        ("cp1252", ""),
        ("cp1252", "text/xml; charset=utf-8"),
        ("cp1252", "text/xml; charset=latin1"),
        ("cp1252", 'text/xml;;charset="nonsense"; ;x'),
    ],
)
def test_text_is_read_whatever_its_encoding(encoding: str, content_type: str) -> None:
    """The header is wrong more often than the bytes."""
    assert decode(TEXT.encode(encoding), content_type) == TEXT


@pytest.mark.parametrize("encoding", ["shift_jis", "iso2022_jp", "koi8-r"])
def test_a_declared_encoding_is_used_where_the_bytes_do_not_tell(encoding: str) -> None:
    """Bytes that are no UTF-8, or look like ASCII."""
    text = "水の技術" if "j" in encoding else "Новости"
    declared = f'<?xml version="1.0" encoding="{encoding}"?><rss>'.encode()

    assert decode(declared + text.encode(encoding)).endswith(text)


def test_utf_7_is_never_decoded() -> None:
    """It can hide a script in plain letters."""
    assert decode(b"+ADw-script+AD4-", "text/xml; charset=utf-7") == "+ADw-script+AD4-"


def test_a_codec_that_makes_no_text_is_passed_over() -> None:
    """Python calls base64 and zlib codecs too."""
    assert decode(b"caf\xe9", "text/xml; charset=base64") == "café"


@given(st.binary(), st.text(max_size=60))
def test_any_bytes_are_some_text(body: bytes, content_type: str) -> None:
    """Never an exception."""
    assert isinstance(decode(body, content_type), str)


@given(st.text())
def test_utf_8_is_read_exactly(text: str) -> None:
    """What most feeds are."""
    body = f"<r>{text}</r>".encode("utf-8", "ignore")

    assert decode(body) == body.decode()
