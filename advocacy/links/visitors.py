"""Telling visitors apart for a day, without knowing who they are.

A visitor's key is an HMAC of address and agent under a random salt of the day. The
salt is destroyed within 48 hours; from then on nobody, we included, can tell whose
key it was, nor whether yesterday's visitor came again. The address itself never
leaves memory.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from advocacy.db.dialect import insert_new, overwrite_deleted
from advocacy.links.models import VisitorSalt

SALT_BYTES = 16
# The longest local day has 25 hours, and a salt may be made an hour before its day.
SALT_KEPT = timedelta(hours=27)
FORWARDED_MAX = 2_000  # characters of X-Forwarded-For that are read


def visitor_key(salt: bytes, address: str, agent: bytes) -> int:
    """Give a visitor's key of the day, as a signed 64-bit number."""
    digest = hmac.digest(salt, address.encode() + b"\0" + agent, "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


def client_address(peer: str, forwarded_for: str, trusted_proxies: int) -> str:
    """Say which address a request came from.

    Args:
        peer: The address at the other end of the connection.
        forwarded_for: All X-Forwarded-For headers, joined by commas.
        trusted_proxies: How many proxies of our own stand in front. Each adds one
            address at the end; what stands before those may be invented.
    """
    if trusted_proxies == 0 or not forwarded_for:
        return _plain(peer) or peer
    hops = forwarded_for[-FORWARDED_MAX:].split(",")
    if len(hops) < trusted_proxies:
        return _plain(peer) or peer
    return _plain(hops[-trusted_proxies]) or _plain(peer) or peer


def _plain(address: str) -> str | None:
    """Write an address in one way only, so that one visitor has one key."""
    address = address.strip()
    if address.startswith("["):  # [2001:db8::1]:443
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:  # 192.0.2.1:443
        address = address.partition(":")[0]
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(parsed)


def salt_of(session: Session, day: date, *, now: datetime) -> bytes:
    """Give the salt of a day, made by whoever asks first."""
    fresh = {"day": day, "salt": secrets.token_bytes(SALT_BYTES), "made_at": now}
    insert_new(session, VisitorSalt, [fresh])
    return session.scalars(select(VisitorSalt.salt).where(VisitorSalt.day == day)).one()


def forget_salts(session: Session, now: datetime) -> int:
    """Destroy the salts of days that are over, and say how many there were.

    To be called at least once an hour, so that no salt lives for 48 hours.
    """
    overwrite_deleted(session)
    result = session.execute(
        delete(VisitorSalt).where(VisitorSalt.made_at <= now - SALT_KEPT)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
