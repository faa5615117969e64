"""The letter as people get it: readable everywhere, left in one press, safe."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.digest.choosing import FOLLOWS, NEWS, REASONS
from advocacy.digest.rendering import (
    LetterStory,
    LetterValues,
    Thanks,
    compiled_letter,
    first_name,
    message_of,
    render,
)
from advocacy.outbound.message import Mailbox, one_line

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
STORY = LetterStory(
    title="De nieuwe sluis draait",
    summary="Na een jaar bouwen schut de sluis weer schepen.",
    language="nl",
    image_url="https://www.example.org/sluis.png",
    url="https://advocacy.example.org/m/token-1",
    because=FOLLOWS,
    topic="Techniek",
)
VALUES = LetterValues(
    message_id="<3.7@example.org>",
    to=Mailbox("Zoë de Wit", "zoe@example.org"),
    sender=Mailbox("Waterland Techniek", "nieuws@example.org"),
    organisation="Waterland Techniek",
    language="en",
    week="2026-W48",
    opening="",
    stories=(
        STORY,
        dataclasses.replace(
            STORY, title="Open dag", image_url=None, url="https://x.example/m/2"
        ),
    ),
    leave_url="https://advocacy.example.org/m/leave/token-2",
    settings_url="https://advocacy.example.org/preferences",
    home_url="https://advocacy.example.org/",
    list_domain="example.org",
    thanks=Thanks("Leerlingendag", 12, 87),
)

nasty = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }}{% for x in y %}",
        "</style></title><b>",
        "%(name)s {topic} %s",
        "Noor\r\nBcc: all@example.org",
    ]
)


class Seen(HTMLParser):
    """Notes what a mail client would find in the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: set[str] = set()
        self.images: list[dict[str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, its address and its picture."""
        self.tags.append(tag)
        found = dict(attrs)
        self.links.add(found.get("href") or "")
        if tag == "img":
            self.images.append(found)

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words += data


def mail(values: LetterValues) -> EmailMessage:
    """Make the mail, and read it back with a parser that is not ours."""
    return message_from_bytes(
        message_of(values, render(values), now=NOW), policy=modern
    )


def test_a_letter_can_be_left_in_one_press() -> None:
    """RFC 8058: both headers, so that the mail program itself offers the button."""
    message = mail(VALUES)

    assert message["List-Unsubscribe"] == f"<{VALUES.leave_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_says_what_kind_of_mail_it_is() -> None:
    """For filters, and so that no out-of-office reply comes back."""
    message = mail(VALUES)

    assert message["List-Id"] == '"Waterland Techniek" <digest.example.org>'
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["Date"].datetime == NOW


def test_a_letter_has_the_same_number_however_often_it_is_written() -> None:
    """A mailbox that got it twice can then show it once."""
    assert (
        mail(VALUES)["Message-ID"] == mail(VALUES)["Message-ID"] == "<3.7@example.org>"
    )


def test_both_parts_carry_every_link() -> None:
    """Who reads plain text can do the same."""
    rendered = render(VALUES)
    links = {story.url for story in VALUES.stories} | {
        VALUES.leave_url,
        VALUES.settings_url,
        VALUES.home_url,
    }

    assert links <= Seen(rendered.html).links
    assert links <= set(re.findall(r"https://\S+", rendered.text))


def test_a_letter_loads_nothing_but_its_pictures() -> None:
    """No pixel: that somebody reads it is nobody's business."""
    seen = Seen(render(VALUES).html)

    assert [image["src"] for image in seen.images] == [STORY.image_url]
    assert not {"script", "link", "iframe", "form", "object"} & set(seen.tags)


def test_a_picture_keeps_its_place_and_can_be_read() -> None:
    """With images off, and before they are there."""
    (image,) = Seen(render(VALUES).html).images

    assert image["alt"] == STORY.title
    assert image["width"]
    assert image["height"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:image/png;base64,AA", "//x/y.png", "file:///x"]
)
def test_only_pictures_on_the_web_are_shown(url: str) -> None:
    """An address in a feed may be anything."""
    values = dataclasses.replace(
        VALUES, stories=(dataclasses.replace(STORY, image_url=url),)
    )

    assert Seen(render(values).html).images == []


def test_a_letter_knows_light_and_dark() -> None:
    """Apple Mail and others obey these."""
    html = render(VALUES).html

    assert '<meta name="color-scheme" content="light dark"' in html
    assert '<meta name="supported-color-schemes" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html


def test_a_full_letter_is_far_below_what_gmail_cuts_off() -> None:
    """102 KB is where it cuts; the bar is 90."""
    long = dataclasses.replace(
        STORY, title="Wát een titel " * 30, summary="Zín. " * 200
    )

    html = render(dataclasses.replace(VALUES, stories=(long,) * 20)).html

    assert len(html.encode()) < 90_000


def test_a_reader_is_greeted_by_name_and_told_why() -> None:
    """In a sentence, not in a code."""
    rendered = render(VALUES)

    for part in (rendered.text, Seen(rendered.html).words):
        assert "Hello Zoë," in part
        assert "Because you follow Techniek" in part
        assert "12 colleagues shared “Leerlingendag”" in part


def test_a_line_from_comms_stands_on_top() -> None:
    """Instead of ours."""
    rendered = render(
        dataclasses.replace(VALUES, opening="Feest: wij bestaan 50 jaar!")
    )

    assert "Feest: wij bestaan 50 jaar!" in rendered.text
    assert "Fresh news" not in rendered.text


def test_nobody_is_thanked_for_nothing() -> None:
    """Without a story of last week there is no such part."""
    rendered = render(dataclasses.replace(VALUES, thanks=None))

    assert "Thank you" not in rendered.html + rendered.text


def test_a_topic_that_is_gone_leaves_a_sentence() -> None:
    """Comms may clean up topics between planning and sending."""
    story = dataclasses.replace(STORY, topic="")

    assert (
        "Because of what you follow"
        in render(dataclasses.replace(VALUES, stories=(story,))).text
    )


def test_a_language_that_we_do_not_speak_becomes_english() -> None:
    """Nobody gets an error instead of a letter."""
    assert "Hello Zoë," in render(dataclasses.replace(VALUES, language="tlh")).text


def test_a_test_letter_says_so() -> None:
    """Else somebody answers it."""
    values = dataclasses.replace(VALUES, is_test=True)

    assert render(values).subject.startswith("[TEST] ")


@pytest.mark.parametrize("because", [*REASONS, "something that was once a reason"])
def test_every_reason_makes_a_letter(because: str) -> None:
    """Also one that an older version wrote down."""
    story = dataclasses.replace(STORY, because=because)

    assert render(dataclasses.replace(VALUES, stories=(story,))).text


@given(words=nasty, name=nasty)
def test_words_stay_words(words: str, name: str) -> None:
    """Titles come from feeds and names from files; neither may become markup."""
    story = dataclasses.replace(
        STORY, title=words, summary=words, topic=words, because=NEWS, image_url=None
    )
    hostile = dataclasses.replace(
        VALUES,
        to=Mailbox(name, "zoe@example.org"),
        organisation=words,
        opening=words,
        stories=(story,),
        thanks=Thanks(words, 12, 87),
    )
    harmless = dataclasses.replace(
        hostile,
        to=Mailbox("x" if first_name(name) else "", "zoe@example.org"),
        organisation="x",
        opening="x" if words else "",
        stories=(
            dataclasses.replace(
                story, title="x", summary="x" if one_line(words) else ""
            ),
        ),
        thanks=Thanks("x", 12, 87),
    )

    assert Seen(render(hostile).html).tags == Seen(render(harmless).html).tags
    assert mail(hostile).keys() == mail(harmless).keys()
    assert mail(hostile)["To"].addresses[0].addr_spec == "zoe@example.org"


def test_the_letter_is_compiled_once() -> None:
    """Compiling costs more than filling it in."""
    assert compiled_letter() is compiled_letter()
