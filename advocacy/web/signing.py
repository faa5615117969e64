"""Small values that travel through a browser and come back unaltered."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any


def sign(secret: bytes, purpose: str, value: Any) -> str:
    """Wrap a JSON value so that `unsign` knows it again; not secret, only unaltered."""
    payload = base64.urlsafe_b64encode(
        json.dumps(value, separators=(",", ":")).encode()
    ).decode()
    return f"{payload}.{_mac(secret, purpose, payload)}"


def unsign(secret: bytes, purpose: str, signed: str) -> Any | None:
    """Give the value back; None for anything that we did not sign for this purpose."""
    payload, dot, mac = signed.rpartition(".")
    if not dot or not hmac.compare_digest(
        mac.encode(), _mac(secret, purpose, payload).encode()
    ):
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(payload))
    except (binascii.Error, ValueError):
        return None


def _mac(secret: bytes, purpose: str, payload: str) -> str:
    digest = hmac.new(secret, f"{purpose}:{payload}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
