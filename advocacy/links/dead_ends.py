"""The pages that a reader sees when a share link leads nowhere."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from html import escape

from babel.core import parse_locale

from advocacy.i18n import N_, best_language, translations

WANTED_MAX = 10  # languages read from Accept-Language


class DeadEnd(StrEnum):
    """Why a share link leads nowhere."""

    UNKNOWN = "unknown"  # 404
    WITHDRAWN = "withdrawn"  # 410
    BUSY = "busy"  # 503: the link is new to us and the database does not answer


RenderPage = Callable[[DeadEnd, str], bytes]
"""Makes the page of a dead end in a language, as UTF-8."""

STATUS = {DeadEnd.UNKNOWN: 404, DeadEnd.WITHDRAWN: 410, DeadEnd.BUSY: 503}

_WORDS = {
    DeadEnd.UNKNOWN: (
        N_("We do not know this link"),
        N_("Perhaps a character got lost. Try it again from where you found it."),
    ),
    DeadEnd.WITHDRAWN: (
        N_("This story is no longer there"),
        N_("It was taken back after it had been shared. Thank you for looking."),
    ),
    DeadEnd.BUSY: (
        N_("One moment, please"),
        N_("We cannot look this link up right now. Try again in a minute."),
    ),
}


def plain_page(kind: DeadEnd, language: str) -> bytes:
    """Make a page without any decoration."""
    gettext = translations(language).gettext
    title, text = (escape(gettext(words)) for words in _WORDS[kind])
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n</html>\n"
    ).encode()


def language_of(accept_language: str, default: str) -> str:
    """Choose the language of a reader from Accept-Language."""
    wanted = []
    for part in accept_language[:500].split(",")[:WANTED_MAX]:
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
            parse_locale(tag.strip(), sep="-")
        except ValueError:
            continue
        wanted.append((-weight, tag.strip()))
    return best_language([tag for _, tag in sorted(wanted)], default)
