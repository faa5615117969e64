"""When two contents are the same, and when two entries are the same item; pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping


def content_hash(
    *, title: str, summary: str, canonical_url: str, image_url: str | None
) -> str:
    """Give the fingerprint of what comms say yes to.

    Dates are left out, since some feeds touch them at every request; so is what
    only tracks in the link.
    """
    words = json.dumps([title, summary, canonical_url, image_url], ensure_ascii=False)
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def moved(known: Mapping[str, int], arrived: Iterable[str]) -> dict[str, int]:
    """Match identities that are addresses, after a site moved to another host.

    Only where the old host is gone from the feed altogether, and the rest of the
    address points out one item: else two sites in one feed would become one.

    Args:
        known: Items by their identity.
        arrived: The identities that the feed has now.

    Returns:
        Known items by their new identity.
    """
    present = list(arrived)
    hosts = {host for host, rest in map(_split, present) if rest}
    candidates: dict[str, list[int]] = {}
    for identity, item_id in known.items():
        host, rest = _split(identity)
        if rest and host not in hosts:
            candidates.setdefault(rest, []).append(item_id)
    found: dict[str, int] = {}
    for identity in present:
        matches = candidates.get(_split(identity)[1], [])
        if len(matches) == 1 and identity not in known:
            found[identity] = matches[0]
    once = list(found.values())
    return {name: item for name, item in found.items() if once.count(item) == 1}


def _split(identity: str) -> tuple[str, str]:
    """Part an identity such as `//host/?p=33`; the rest is empty for any other."""
    match = re.fullmatch(r"//([^/?#]+)(/[^ ]{2,})", identity)
    return (match[1], match[2]) if match else ("", "")
