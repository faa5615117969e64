"""A mail message as bytes, from words that anybody may have chosen.

Assembled by hand: the email package takes 2.7 ms for a letter, most of it to fold
headers (bench/digest.py). What it would guarantee is proven by property instead
(tests/outbound/test_message.py): whatever the words, a parser gives them back.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parseaddr

from advocacy.errors import Invalid
from advocacy.i18n import N_

# No quoted-printable text holds "=_", so no part can hold the boundary.
_BOUNDARY = "=_advocacy_part_=_"
_PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+,./:;?@^_`{|}~()\[\]=<>-]{1,60}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '.!&/-]{1,60}")  # safe between double quotes
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_WORD_BYTES = 39  # 52 characters of base64, 12 around it and "Subject: " before: 73,
# where RFC 2047, section 2 allows 76 in a line


class UnusableAddress(Invalid):
    """Mail cannot be sent to what stands there."""

    def __init__(self, address: str) -> None:
        super().__init__(N_("{address} is not a mail address."), address=address)
        self.address = address

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.address,))


@dataclass(frozen=True)
class Mailbox:
    """Somebody who sends or gets mail."""

    name: str
    address: str


@dataclass(frozen=True)
class Message:
    """Everything that a mail says, before it is bytes."""

    sender: Mailbox
    to: Mailbox
    subject: str
    text: str
    html: str
    message_id: str  # with its angle brackets
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)  # ASCII, our own words


def mailbox(written: str) -> Mailbox:
    """Read `Name <address>`, or an address alone.

    Raises:
        UnusableAddress: There is no address in it.
    """
    name, address = parseaddr(one_line(written))
    return Mailbox(name, plain_address(address or written))


def plain_address(address: str) -> str:
    """Give an address as a mail server reads it: ASCII, the domain as IDNA.

    Raises:
        UnusableAddress: It is no address, or its local part is not ASCII.
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        raise UnusableAddress(address) from None
    plain = f"{local}@{domain}"
    if not _ADDRESS.fullmatch(plain):
        raise UnusableAddress(address)
    return plain


def one_line(words: str) -> str:
    """Put words on one line, without control characters."""
    kept = "".join(c if c.isprintable() or c.isspace() else " " for c in words)
    return " ".join(kept.split())


def words_header(words: str) -> str:
    """Write words as the value of a header such as Subject (RFC 2047)."""
    words = one_line(words)
    if not words or (_PLAIN.fullmatch(words) and "=?" not in words):
        return words
    return _encoded(words)


def phrase(words: str) -> str:
    """Write words as the name in front of an address or an identifier."""
    words = one_line(words)
    if not words:
        return ""
    if _PLAIN_NAME.fullmatch(words):
        return f'"{words}"'
    return _encoded(words)


def mailbox_header(box: Mailbox) -> str:
    """Write a person as the value of a header such as To."""
    name = phrase(box.name)
    address = plain_address(box.address)
    return f"{name}\r\n <{address}>" if name else address


def assemble(message: Message) -> bytes:
    """Give the message as bytes: CRLF, 7 bits, text first, HTML second.

    Raises:
        UnusableAddress: Sender or recipient has no usable address.
        ValueError: One of our own headers would not stay one header.
    """
    head = {
        "From": mailbox_header(message.sender),
        "To": mailbox_header(message.to),
        "Subject": words_header(message.subject),
        "Date": format_datetime(message.date),
        "Message-ID": message.message_id,
        **message.headers,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
    }
    lines = [f"{name}: {_safe(name, value)}" for name, value in head.items()]
    return b"".join(
        [
            "\r\n".join(lines).encode("ascii"),
            b"\r\n\r\n",
            _part("plain", message.text),
            _part("html", message.html),
            f"--{_BOUNDARY}--\r\n".encode(),
        ]
    )


def _safe(name: str, value: str) -> str:
    """Refuse a header that would become two, or that is not ASCII."""
    unfolded = value.replace("\r\n ", " ")
    if (
        not _HEADER_NAME.fullmatch(name)
        or not unfolded.isascii()
        or not unfolded.isprintable()
    ):
        raise ValueError(f"the header {name} cannot hold {value!r}")
    return value


def _part(kind: str, words: str) -> bytes:
    normal = _LINE_END.sub("\r\n", words)
    if not normal.endswith("\r\n"):
        normal += "\r\n"
    body = binascii.b2a_qp(normal.encode("utf-8", "replace"), istext=True)
    return (
        f"--{_BOUNDARY}\r\n"
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + body


def _encoded(words: str) -> str:
    """Write words as encoded words of whole characters, one per line."""
    pieces: list[bytes] = []
    piece = b""
    for character in words:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _WORD_BYTES:
            pieces.append(piece)
            piece = b""
        piece += encoded
    pieces.append(piece)
    return "\r\n ".join(
        f"=?utf-8?b?{base64.b64encode(piece).decode()}?=" for piece in pieces
    )
