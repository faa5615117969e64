"""Links in letters: signed per letter, readable by us alone, harmless to open.

A link names a letter and an item and proves that we wrote it. It opens the page on
which that item can be shared, or the page on which the letter can be stopped; it
signs nobody in. Mail scanners open every link, so opening one changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from advocacy.errors import NotFound
from advocacy.i18n import N_

_OPEN = b"advocacy letter link: open an item"
_LEAVE = b"advocacy letter link: leave the letter"
_SIGNATURE_BYTES = 16  # 128 bits; guessing is answered by us, one request at a time
_OPEN_FORM = struct.Struct(">QQQ")  # letter, item, end in seconds since 1970
_LEAVE_FORM = struct.Struct(">Q")  # letter; has no end


class LinkUnreadable(NotFound):
    """A link was not made by us, was cut short on its way, or is too old."""

    def __init__(self) -> None:
        super().__init__(
            N_("This link is too old or incomplete. You find all news on the site.")
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), ())


@dataclass(frozen=True)
class LetterLink:
    """What an item's link in a letter says."""

    letter_id: int
    item_id: int


def letter_token(link: LetterLink, *, until: datetime, secret: bytes) -> str:
    """Sign a link to an item, which works until a moment."""
    body = _OPEN_FORM.pack(link.letter_id, link.item_id, int(until.timestamp()))
    return _signed(body, _OPEN, secret)


def read_letter_link(token: str, now: datetime, *, secret: bytes) -> LetterLink:
    """Read a link to an item.

    Raises:
        LinkUnreadable: It is not ours, or it is too old.
    """
    body = _verified(token, _OPEN, _OPEN_FORM.size, secret)
    letter_id, item_id, until = _OPEN_FORM.unpack(body)
    if now.astimezone(UTC).timestamp() >= until:
        raise LinkUnreadable
    return LetterLink(letter_id, item_id)


def leave_token(letter_id: int, *, secret: bytes) -> str:
    """Sign a link with which a reader stops the letter; it works for ever."""
    return _signed(_LEAVE_FORM.pack(letter_id), _LEAVE, secret)


def read_leave_link(token: str, *, secret: bytes) -> int:
    """Read from which letter somebody leaves.

    Raises:
        LinkUnreadable: It is not ours.
    """
    letter_id: int
    (letter_id,) = _LEAVE_FORM.unpack(
        _verified(token, _LEAVE, _LEAVE_FORM.size, secret)
    )
    return letter_id


def _signed(body: bytes, purpose: bytes, secret: bytes) -> str:
    return _written(body + _signature(body, purpose, secret))


def _written(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def _verified(token: str, purpose: bytes, size: int, secret: bytes) -> bytes:
    padded = token + "=" * (-len(token) % 4)
    try:
        signed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise LinkUnreadable from None
    if _written(signed) != token:  # the last sign has bits that mean nothing
        raise LinkUnreadable
    body, signature = signed[:size], signed[size:]
    if not hmac.compare_digest(signature, _signature(body, purpose, secret)):
        raise LinkUnreadable
    return body


def _signature(body: bytes, purpose: bytes, secret: bytes) -> bytes:
    """Sign with a key for this purpose alone, so that no link passes for another."""
    key = hmac.digest(secret, purpose, hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)[:_SIGNATURE_BYTES]
