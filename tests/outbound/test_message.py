"""Messages: whatever the words, a mail is one mail and says them."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32
from email.policy import default as modern

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.outbound.message import (
    Mailbox,
    Message,
    UnusableAddress,
    assemble,
    mailbox,
    one_line,
    plain_address,
)

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)

# Whole characters: what a browser or a file in UTF-8 can hand us.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
nasty = words | st.sampled_from(
    [
        "Noor\r\nBcc: all@example.org",
        "=?utf-8?b?Qg==?=",
        'Jan "de Boer" <x@example.org>, y@example.org',
        "a" * 2_000,
        "é" * 500,
        "\u202eomgekeerd\u2028regel",
        "\x00\x07",
        ".",
        "=",
        "--=_advocacy_part_=_--",
    ]
)


def parsed(
    name: str = "Noor", subject: str = "Nieuws", text: str = "t", html: str = "<p>h</p>"
) -> tuple[bytes, EmailMessage]:
    """Assemble a mail, and read it back with a parser that is not ours."""
    raw = assemble(
        Message(
            sender=Mailbox("Waterland Techniek", "nieuws@example.org"),
            to=Mailbox(name, "noor@example.org"),
            subject=subject,
            text=text,
            html=html,
            message_id="<1.2@example.org>",
            date=AT,
            headers={"Precedence": "bulk"},
        )
    )
    return raw, message_from_bytes(raw, policy=modern)


@given(subject=nasty)
def test_a_subject_comes_out_as_it_went_in(subject: str) -> None:
    """On one line, and without control characters; all else is kept."""
    _, message = parsed(subject=subject)

    assert str(message["Subject"]) == one_line(subject)


@given(name=nasty)
def test_a_name_comes_out_as_it_went_in_and_adds_no_recipient(name: str) -> None:
    """Names come from a file that anybody may have filled in."""
    raw, message = parsed(name=name)

    (to,) = message["To"].addresses
    assert to.addr_spec == "noor@example.org"
    # The modern parser puts spaces between encoded words of a name; RFC 2047, 6.2
    # and the older one do not.
    shown = message_from_bytes(raw, policy=compat32)["To"].rpartition("<")[0].strip()
    if shown.startswith("=?"):
        shown = str(make_header(decode_header(shown)))
    assert shown.strip('"') == one_line(name).strip('"')


@given(name=nasty, subject=nasty)
def test_no_words_make_a_header_of_their_own(name: str, subject: str) -> None:
    """A line end in a name would let it add recipients or end the headers."""
    _, message = parsed(name=name, subject=subject)

    assert list(message.keys()) == [
        *("From", "To", "Subject", "Date", "Message-ID"),
        *("Precedence", "MIME-Version", "Content-Type"),
    ]
    assert message.defects == []


@given(text=nasty, html=nasty)
def test_both_parts_come_out_as_they_went_in(text: str, html: str) -> None:
    """Line ends become the mail's own; a part gets one at its end."""
    _, message = parsed(text=text, html=html)

    plain, rich = message.iter_parts()
    for part, original in ((plain, text), (rich, html)):
        lines = original.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        content = part.get_content().replace("\r\n", "\n")
        assert content.removesuffix("\n") == lines


@given(name=nasty, subject=nasty, text=nasty, html=nasty)
def test_every_mail_server_can_carry_it(
    name: str, subject: str, text: str, html: str
) -> None:
    """Seven bits, CRLF alone, and no line longer than RFC 5322 allows."""
    raw, _ = parsed(name=name, subject=subject, text=text, html=html)

    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 78


@given(text=st.text())
def test_even_half_a_character_can_be_sent(text: str) -> None:
    """A lone surrogate is not in any alphabet; it must not stop the mail."""
    raw, message = parsed(name=text, subject=text, text=text, html=text)

    assert raw.isascii()
    assert message.defects == []


@pytest.mark.parametrize(
    "value", ["two\r\nBcc: a@example.org", "naïef", "a\rb", "a\nb", "a\x00b"]
)
def test_our_own_headers_are_checked_too(value: str) -> None:
    """They carry addresses from the settings; a bad one must not pass in silence."""
    message = Message(
        sender=Mailbox("", "a@example.org"),
        to=Mailbox("", "b@example.org"),
        subject="",
        text="",
        html="",
        message_id="<1@example.org>",
        date=AT,
        headers={"List-Unsubscribe": value},
    )

    with pytest.raises(ValueError, match="List-Unsubscribe"):
        assemble(message)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "noor",
        "noor@",
        "@example.org",
        "noor@example.org\r\nRCPT TO:<x@example.org>",
        "noor@example.org>, <x@example.org",
        "n oor@example.org",
        "noör@example.org",
        "noor@-example",
        "noor@" + "é" * 300,
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """It would end up in the conversation with the mail server."""
    with pytest.raises(UnusableAddress):
        plain_address(address)


def test_a_domain_with_accents_is_written_as_mail_servers_read_it() -> None:
    """IDNA: every server knows it."""
    assert plain_address("noor@café.example") == "noor@xn--caf-dma.example"


def test_a_sender_is_read_with_or_without_its_name() -> None:
    """ADVOCACY_MAIL_FROM may be either."""
    assert mailbox("Nieuws <a@example.org>") == Mailbox("Nieuws", "a@example.org")
    assert mailbox("a@example.org") == Mailbox("", "a@example.org")


def test_a_refused_address_survives_the_way_between_processes() -> None:
    """Tasks hand errors on by pickling them."""
    error = pickle.loads(pickle.dumps(UnusableAddress("x")))  # noqa: S301 - our own

    assert str(error) == str(UnusableAddress("x"))
