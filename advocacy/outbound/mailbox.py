"""What is in the development mailbox, for the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.outbound.models import DevMail

LIST_MAX = 200  # mails on the page; this is no archive


@dataclass(frozen=True)
class MailLine:
    """One mail in the list."""

    id: int
    to: str
    subject: str
    received_at: datetime


@dataclass(frozen=True)
class ReadMail:
    """One mail, opened. The HTML is as sent: show it in a sandbox."""

    id: int
    to: str
    sender: str
    subject: str
    received_at: datetime
    html: str
    text: str
    headers: list[tuple[str, str]]


def list_mails(
    session: Session, *, to: str | None = None, limit: int = LIST_MAX
) -> list[MailLine]:
    """List the latest mails, of everybody or to one address."""
    columns = select(DevMail.id, DevMail.to, DevMail.subject, DevMail.received_at)
    if to is not None:
        columns = columns.where(DevMail.to == to.lower())
    rows = session.execute(columns.order_by(DevMail.id.desc()).limit(limit))
    return [MailLine(*row) for row in rows]


def read_mail(session: Session, mail_id: int) -> ReadMail:
    """Open a mail.

    Raises:
        NotFound: There is no such mail.
    """
    mail = session.get(DevMail, mail_id)
    if mail is None:
        raise NotFound(N_("This mail is not in the mailbox."))
    message = message_from_bytes(mail.raw, policy=modern)
    return ReadMail(
        id=mail.id,
        to=mail.to,
        sender=str(message.get("From", "")),
        subject=mail.subject,
        received_at=mail.received_at,
        html=_body(message, "html"),
        text=_body(message, "plain"),
        headers=[(name, str(value)) for name, value in message.items()],
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
