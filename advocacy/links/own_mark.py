"""The mark of a colleague's browser, so that own clicks are not counted.

It is the same for everybody: it says that somebody of the organisation is signed in
here, and nothing about who.
"""

from __future__ import annotations

import hmac

COOKIE = "advocacy_colleague"
_PURPOSE = b"advocacy/links/own-mark/1"


def own_mark(secret: bytes) -> str:
    """Make the value of the cookie that marks a colleague's browser."""
    return hmac.digest(secret, _PURPOSE, "sha256").hex()[:32]


def is_own_mark(value: str, secret: bytes) -> bool:
    """Tell whether a cookie's value was made here."""
    return hmac.compare_digest(value.encode(), own_mark(secret).encode())
