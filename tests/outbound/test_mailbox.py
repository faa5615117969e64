"""The development mailbox: what was sent can be read there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advocacy.db.session import Transactions
from advocacy.errors import NotFound
from advocacy.outbound.mail import MailboxSender, MailRefused, Refusal
from advocacy.outbound.mailbox import list_mails, read_mail
from advocacy.outbound.message import Mailbox, Message, assemble

MAIL = assemble(
    Message(
        sender=Mailbox("Waterland Techniek", "nieuws@example.org"),
        to=Mailbox("Zoë de Wit", "zoe@example.org"),
        subject="De sluis draait weer – kom kijken",
        text="Hallo Zoë",
        html="<p>Hallo Zoë</p>",
        message_id="<1.2@example.org>",
        date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    )
)


def test_a_mail_can_be_read_as_it_was_written(transactions: Transactions) -> None:
    """Both parts, the subject and every header."""
    MailboxSender(transactions).send(MAIL, sender="a@example.org", to="Zoe@Example.org")

    with transactions() as session:
        (line,) = list_mails(session)
        mail = read_mail(session, line.id)

    assert mail.to == "zoe@example.org"
    assert mail.subject == line.subject == "De sluis draait weer – kom kijken"
    assert mail.html.strip() == "<p>Hallo Zoë</p>"
    assert mail.text.strip() == "Hallo Zoë"
    assert ("Message-ID", "<1.2@example.org>") in mail.headers


def test_the_latest_mail_stands_on_top(transactions: Transactions) -> None:
    """It is the one that somebody just caused."""
    sender = MailboxSender(transactions)
    for name in ("first", "second"):
        sender.send(MAIL, sender="a@example.org", to=f"{name}@example.org")

    with transactions() as session:
        assert [mail.to for mail in list_mails(session)] == [
            "second@example.org",
            "first@example.org",
        ]
        assert [mail.to for mail in list_mails(session, to="FIRST@example.org")] == [
            "first@example.org"
        ]


def test_a_plain_mail_has_no_html(transactions: Transactions) -> None:
    """The mail with a sign-in link is text alone."""
    raw = b"Subject: x\r\n\r\nHallo\r\n"
    MailboxSender(transactions).send(raw, sender="a@example.org", to="b@example.org")

    with transactions() as session:
        mail = read_mail(session, list_mails(session)[0].id)

    assert (mail.html, mail.text.strip()) == ("", "Hallo")


def test_what_is_no_address_is_refused_here_too(transactions: Transactions) -> None:
    """A mistake shows on the first look, not on the first day with a real server."""
    with pytest.raises(MailRefused) as caught:
        MailboxSender(transactions).send(MAIL, sender="a@example.org", to="nobody")

    assert caught.value.kind is Refusal.PERMANENT


def test_a_mail_that_is_not_there_is_not_found(transactions: Transactions) -> None:
    """A page that was left open may ask for it."""
    with transactions() as session, pytest.raises(NotFound):
        read_mail(session, 1)
