"""Every sentence that a person reads exists in Dutch and in English."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from advocacy import i18n

PACKAGE = Path(i18n.__file__).parent
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.mjml", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
OPTIONS = {
    f"**/templates/**.{ending}": {"trim_blocks": "true", "lstrip_blocks": "true"}
    for ending in ("html", "mjml", "txt")
}
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def _sentences() -> Iterator[tuple[str, ...]]:
    found = extract_from_dir(PACKAGE, METHODS, OPTIONS, KEYWORDS)
    for _file, _line, message, _comments, _context in found:
        sentence: Any = message
        yield (sentence,) if isinstance(sentence, str) else tuple(sentence)


def _catalogue(language: str) -> dict[str, tuple[str, ...]]:
    with (i18n.CATALOGUES / f"{language}.po").open("rb") as file:
        return {
            (one.id if isinstance(one.id, str) else one.id[0]): (
                (one.string,)
                if isinstance(one.string, str)
                else tuple(one.string or ())
            )
            for one in read_po(file, locale=language)
            if one.id
        }


TRANSLATED = [language for language in i18n.languages() if language != "en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    """Half a page in another language is a page that was not finished."""
    known = _catalogue(language)

    missing = {
        sentence[0]
        for sentence in _sentences()
        if sentence[0] and not all(known.get(sentence[0], ("",)))
    }

    assert missing == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    """Translators have better things to do."""
    said = {sentence[0] for sentence in _sentences()}

    assert set(_catalogue(language)) - said == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_places(language: str) -> None:
    """A name that stands in braces must stand there in every language."""
    wrong = [
        original
        for original, translated in _catalogue(language).items()
        for text in translated
        if _places(text) - _places(original)
    ]

    assert wrong == []


def _places(text: str) -> set[str]:
    try:
        braces = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        braces = set()
    percent = set()
    for part in text.split("%(")[1:]:
        percent.add(part.split(")")[0])
    return braces | percent


def test_dutch_is_there() -> None:
    """The people are Dutch- and English-speaking."""
    assert "nl" in i18n.languages()
