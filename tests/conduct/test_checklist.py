from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.conduct.checklist import (
    QUESTIONS,
    ChecklistOpen,
    is_own_words,
    open_questions,
    require_checked,
)

KEYS = [question.key for question in QUESTIONS]


def test_there_are_five_questions_with_names_of_their_own() -> None:
    """A very short list, or nobody reads it."""
    assert len(set(KEYS)) == len(QUESTIONS) == 5


@given(answers=st.sets(st.sampled_from(KEYS) | st.text()))
def test_a_text_passes_when_all_five_are_ticked(answers: set[str]) -> None:
    """Ticks that we do not know do no harm and no good."""
    if set(KEYS) <= answers:
        require_checked(answers)
        return

    with pytest.raises(ChecklistOpen) as refused:
        require_checked(answers)
    assert set(refused.value.keys) == set(KEYS) - answers
    assert [one.key for one in open_questions(answers)] == list(refused.value.keys)


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        ("Trots op\r\nons team!", False),
        (" Trots op ons  team! ", False),
        ("Trots op óns team!", True),
        ("Trots!", True),
        ("", True),
    ],
)
def test_words_are_somebodys_own_once_they_differ(typed: str, *, own: bool) -> None:
    """What comms wrote was looked at before; line ends are the browser's."""
    assert is_own_words(typed, "Trots op\nons team!") is own


def test_what_is_open_is_named_kindly() -> None:
    """A person should see at a glance what is left."""
    with pytest.raises(ChecklistOpen) as refused:
        require_checked({"newspaper", "secrets", "feeling"})

    assert str(refused.value) == (
        "Nearly there! Have one more look at: respect for others, a colleague’s view."
    )


def test_what_is_open_is_named_in_the_readers_language() -> None:
    """The names of the questions too, not the sentence alone."""
    error = ChecklistOpen(("respect",))

    assert error.say(lambda message: message.upper().replace("OPEN", "open")) == (
        "NEARLY THERE! HAVE ONE MORE LOOK AT: RESPECT FOR OTHERS."
    )


def test_a_refusal_travels_between_processes() -> None:
    """Errors are pickled on their way from a worker."""
    error = pickle.loads(pickle.dumps(ChecklistOpen(("respect",))))  # noqa: S301 - our own bytes

    assert (str(error), error.keys) == (str(ChecklistOpen(("respect",))), ("respect",))
