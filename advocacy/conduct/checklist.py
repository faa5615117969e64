"""The five questions before somebody's own words go online.

They are asked of words that are the employee's own alone: what comms wrote was looked
at before. The answers are for the person; they are never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from advocacy.errors import Invalid
from advocacy.i18n import N_


@dataclass(frozen=True)
class Question:
    """One question; a tick means yes."""

    key: str
    text: str
    short: str  # how we speak of it in a sentence


QUESTIONS = (
    Question(
        "newspaper",
        N_("Could this be in the newspaper just like this, without harm to anybody?"),
        N_("the newspaper"),
    ),
    Question(
        "secrets",
        N_("Does it keep what is confidential to ourselves, also about customers?"),
        N_("what is confidential"),
    ),
    Question(
        "respect",
        N_("Is it respectful to the people it is about, and to who may answer?"),
        N_("respect for others"),
    ),
    Question(
        "feeling",
        N_("Does it truly feel okay to you to share this?"),
        N_("your own feeling"),
    ),
    Question(
        "colleague",
        N_("Did you talk it over with a colleague or manager, if there is need to?"),
        N_("a colleague’s view"),
    ),
)


class ChecklistOpen(Invalid):
    """Some of the five questions were not ticked yet."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """Keep which, so that the page can point to them."""
        super().__init__(
            N_("Nearly there! Have one more look at: {open}."),
            open=", ".join(one.short for one in QUESTIONS if one.key in keys),
        )
        self.keys = keys

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.keys,))

    def say(self, gettext: Callable[[str], str]) -> str:
        """Tell it in the language of `gettext`, the questions too."""
        shorts = [gettext(one.short) for one in QUESTIONS if one.key in self.keys]
        return gettext(self.template).format(open=", ".join(shorts))


def is_own_words(text: str, ready: str) -> bool:
    """Tell whether somebody changed the words that comms made ready.

    Spaces and line ends make no words: a browser changes those by itself.
    """
    return text.split() != ready.split()


def open_questions(answers: Collection[str]) -> tuple[Question, ...]:
    """List the questions that were not ticked."""
    return tuple(one for one in QUESTIONS if one.key not in answers)


def require_checked(answers: Collection[str]) -> None:
    """Let a text of somebody's own pass once the five questions are ticked.

    Args:
        answers: Keys of the ticked questions; they are not kept.

    Raises:
        ChecklistOpen: Some are not.
    """
    left = open_questions(answers)
    if left:
        raise ChecklistOpen(tuple(one.key for one in left))
