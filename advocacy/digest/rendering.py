"""A letter as people read it: values in, a mail out; pure.

The MJML is compiled once per process; Jinja's places survive that and are filled per
letter, escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import mrml
from jinja2 import Environment, StrictUndefined, Template

from advocacy.digest.choosing import FOLLOWS, FOLLOWS_SOMETHING, REASONS
from advocacy.i18n import N_, languages, translations
from advocacy.outbound.message import Mailbox, Message, assemble, one_line, phrase

TEMPLATES = Path(__file__).parent / "templates"
_SUBJECT_MAX = 90  # characters; phones show some 40
_PREVIEW_MAX = 140
_TITLE_MAX = 140
_SUMMARY_MAX = 280
_PICTURES_MAX = 8  # so that even the longest letter stays below 90 kB

SUBJECT = N_("To share: {title}")
PREVIEW = N_("And also: {titles}")


@dataclass(frozen=True)
class LetterStory:
    """One story in a letter."""

    title: str
    summary: str
    language: str
    image_url: str | None
    url: str  # where it can be shared
    because: str  # a key in choosing.REASONS
    topic: str = ""  # the followed one that `because` names


@dataclass(frozen=True)
class Thanks:
    """What became of last week's best story."""

    title: str
    people: int
    clicks: int


@dataclass(frozen=True)
class LetterValues:
    """All that one letter says."""

    message_id: str
    to: Mailbox
    sender: Mailbox
    organisation: str
    language: str
    week: str
    opening: str
    stories: tuple[LetterStory, ...]
    leave_url: str
    settings_url: str
    home_url: str
    list_domain: str
    thanks: Thanks | None = None
    is_test: bool = False  # marked as such in its subject


@dataclass(frozen=True)
class Rendered:
    """A letter written out."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class _Shown:
    """A story as the templates need it: ready words, a safe picture."""

    title: str
    summary: str
    language: str
    image_url: str | None
    url: str
    because: str


def render(values: LetterValues) -> Rendered:
    """Write a letter out in its reader's language."""
    language = values.language if values.language in languages() else "en"
    gettext = translations(language).gettext
    stories = [
        _Shown(
            title=_cut(one_line(story.title), _TITLE_MAX),
            summary=_cut(one_line(story.summary), _SUMMARY_MAX),
            language=story.language,
            image_url=_picture(story.image_url) if place < _PICTURES_MAX else None,
            url=story.url,
            because=_because(story, language),
        )
        for place, story in enumerate(values.stories)
    ]
    mark = "[TEST] " if values.is_test else ""
    titles = ", ".join(story.title for story in stories[1:])
    first = stories[0].summary if stories else ""
    preview = gettext(PREVIEW).format(titles=titles) if titles else first
    subject = mark + _cut(
        gettext(SUBJECT).format(title=stories[0].title if stories else ""),
        _SUBJECT_MAX,
    )
    words = {
        "lang": language,
        "values": values,
        "name": first_name(values.to.name),
        "stories": stories,
        "preview": _cut(preview, _PREVIEW_MAX),
        "subject": subject,
    }
    return Rendered(
        subject=subject,
        html=_html(language).render(words),
        text=_text(language).render(words).strip() + "\n",
    )


def message_of(values: LetterValues, rendered: Rendered, *, now: datetime) -> bytes:
    """Make the mail of a letter, with what mail clients need to let people leave.

    Source:
        RFC 8058 (one-click unsubscribe), RFC 2919 (List-Id), RFC 3834
        (Auto-Submitted).
    """
    return assemble(
        Message(
            sender=values.sender,
            to=values.to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            message_id=values.message_id,
            date=now,
            headers={
                "List-Id": f"{phrase(values.organisation)}\r\n"
                f" <digest.{values.list_domain}>",
                "List-Unsubscribe": f"<{values.leave_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
                "Precedence": "bulk",
            },
        )
    )


def first_name(name: str) -> str:
    """Give the name by which a letter greets somebody; empty where there is none."""
    return next(iter(one_line(name).split()), "")


@cache
def compiled_letter() -> str:
    """Give the letter's HTML with Jinja's places in it, compiled once per process.

    Raises:
        ValueError: The MJML has an element that the compiler does not know.
    """
    mjml = (TEMPLATES / "letter.mjml").read_text(encoding="utf-8")
    output = mrml.to_html(mjml, render_options=mrml.RenderOptions(fonts={}))
    if output.warnings:
        kinds = ", ".join(warning.kind for warning in output.warnings)
        raise ValueError(f"letter.mjml: {kinds}")
    return output.content


@cache
def _html(language: str) -> Template:
    return _environment(language, autoescape=True).from_string(compiled_letter())


@cache
def _text(language: str) -> Template:
    source = (TEMPLATES / "letter.txt").read_text(encoding="utf-8")
    return _environment(language, autoescape=False).from_string(source)


def _environment(language: str, *, autoescape: bool) -> Environment:
    environment = Environment(
        autoescape=autoescape,  # noqa: S701 - on for HTML; off for the text part alone
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # i18n extension
        translations(language), newstyle=True
    )
    return environment


def _because(story: LetterStory, language: str) -> str:
    gettext = translations(language).gettext
    if story.because == FOLLOWS and not story.topic:
        return gettext(FOLLOWS_SOMETHING)
    sentence = REASONS.get(story.because)
    return gettext(sentence).format(topic=one_line(story.topic)) if sentence else ""


def _picture(url: str | None) -> str | None:
    """Let only pictures on the web into a letter."""
    if not url or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _cut(words: str, length: int) -> str:
    """Shorten words to a length, at a space where there is one."""
    if len(words) <= length:
        return words
    kept = words[: length - 1]
    whole = kept.rpartition(" ")[0]
    return (whole if len(whole) > length // 2 else kept).rstrip(" ,.;:") + "…"
