"""Slugs of share links: short, hard to guess, and hard to misread."""

from __future__ import annotations

import re
import secrets

# No 0 O o, 1 I l, i L: a slug may be read from paper or over the telephone.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8  # characters; 54 ** 8 is about 7e13, so guessing finds nothing
TRIES = 5  # a collision is already a wonder

_SHAPE = re.compile(r"[0-9A-Za-z]{1,16}", re.ASCII)


def new_slug(alphabet: str = ALPHABET) -> str:
    """Draw a slug; whether it is free, the unique index says."""
    return "".join(secrets.choice(alphabet) for _ in range(LENGTH))


def looks_like_slug(text: str) -> bool:
    """Tell whether a text could be a slug at all, before anybody looks it up."""
    return _SHAPE.fullmatch(text) is not None
