"""What is said of a text as typed: one answer for the pages and for programs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from advocacy import i18n
from advocacy.offers.checks import TEXT_MAX, Kind, check_text
from advocacy.offers.counting import link_length_of


class Typed(BaseModel):
    """A text as typed, and where it goes."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX, description="Without the share link.")
    network: str = Field(max_length=100)
    language: str = Field(max_length=35)  # RFC 5646, section 4.4.1


class Found(BaseModel):
    """A place in the text, and what would make it better; never a ban."""

    kind: Kind
    start: int = Field(description="Counted in code points of the text as given.")
    end: int
    message: str
    suggestions: list[str] = Field(description="What could stand there instead.")


class Checked(BaseModel):
    """How long a text is with its link, and what was found, in reading order."""

    length: int
    limit: int
    remaining: int
    fits: bool
    findings: list[Found]


def check(typed: Typed, link_base: str, language: str) -> Checked:
    """Check a text, and tell it in the reader's language.

    Raises:
        Invalid: There is no such network.
    """
    said = check_text(
        typed.text, typed.network, typed.language, link_length_of(link_base)
    )
    gettext = i18n.translations(language).gettext
    return Checked(
        length=said.count.length,
        limit=said.count.limit,
        remaining=said.count.remaining,
        fits=said.count.fits,
        findings=[
            Found(
                kind=one.kind,
                start=one.start,
                end=one.end,
                message=one.say(gettext),
                suggestions=list(one.suggestions),
            )
            for one in said.findings
        ],
    )
