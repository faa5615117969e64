"""What can go wrong, sorted by what the edge must do about it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Self


class AdvocacyError(Exception):
    """Something a person can understand and act on.

    `template` is an English sentence with `{named}` places, marked for translation
    with `i18n.N_` where it is raised; `values` fills the places. Both survive
    pickling, so an error can travel between processes.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self.template, self.values))

    def say(self, gettext: Callable[[str], str]) -> str:
        """Tell it in the language of `gettext`, words of ours among the values too."""
        spoken = {
            name: gettext(value) if isinstance(value, StrEnum) else value
            for name, value in self.values.items()
        }
        return gettext(self.template).format(**spoken)

    @classmethod
    def _restored(cls, template: str, values: dict[str, object]) -> Self:
        error = cls.__new__(cls)
        AdvocacyError.__init__(error, template, **values)
        return error


def _restore(
    kind: type[AdvocacyError], template: str, values: dict[str, object]
) -> AdvocacyError:
    return kind._restored(template, values)  # noqa: SLF001 - same module, same thing


class NotFound(AdvocacyError):  # noqa: N818 - the words of the house
    """There is no such thing, or not for this person."""


class NotAllowed(AdvocacyError):  # noqa: N818 - the words of the house
    """This person may not do this."""


class Invalid(AdvocacyError):  # noqa: N818 - the words of the house
    """What was given cannot be used; the sentence says what would do."""


class Conflict(AdvocacyError):  # noqa: N818 - the words of the house
    """The thing is in a state that does not allow this, or changed meanwhile."""


class UpstreamError(AdvocacyError):
    """Somebody else's server did not do its part."""
