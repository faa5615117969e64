"""Words in the reader's language: gettext catalogues, read from their .po files.

The English sentence is the key. A catalogue is one file, `locale/<language>.po`;
it is compiled in memory once per process, so there is no build step.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for translation without translating it yet."""
    return message


@cache
def languages() -> tuple[str, ...]:
    """List the languages people can choose, English first."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@cache
def translations(language: str) -> NullTranslations:
    """Give the catalogue of a language; English for one that we do not have."""
    path = CATALOGUES / f"{language}.po"
    if language not in languages() or not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def native_name(language: str) -> str:
    """Give a language its own name, as in `Nederlands`."""
    return (Locale(language).get_display_name() or language).capitalize()


def best_language(wanted: list[str], default: str) -> str:
    """Choose the first wanted language that we have, as in Accept-Language."""
    return negotiate_locale(wanted, languages(), sep="-") or default
