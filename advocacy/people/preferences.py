"""What a person chooses for themselves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from advocacy.people.directory import clean_language, clean_timezone
from advocacy.people.models import Employee


def choose_language(session: Session, employee: Employee, language: str) -> None:
    """Speak another language with a person.

    Raises:
        Invalid: We do not speak it.
    """
    employee.language = clean_language(language)
    session.flush()


def choose(
    session: Session,
    employee: Employee,
    *,
    language: str,
    timezone: str,
    wants_digest: bool,
    wants_own_figures: bool,
) -> None:
    """Keep a person's preferences.

    Raises:
        Invalid: A language or zone is not known; nothing was changed.
    """
    chosen_language, chosen_zone = clean_language(language), clean_timezone(timezone)
    employee.language = chosen_language
    employee.timezone = chosen_zone
    employee.wants_digest = wants_digest
    employee.wants_own_figures = wants_own_figures
    session.flush()
