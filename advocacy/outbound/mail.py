"""Mail to the outside: over SMTP, or into the development mailbox.

What the caller must know is not that a mail failed but how: whether it may be tried
again, never again, or whether nobody can say that it did not arrive.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as modern
from enum import StrEnum
from typing import Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.errors import Invalid, UpstreamError
from advocacy.i18n import N_
from advocacy.outbound.message import UnusableAddress, mailbox, one_line, plain_address
from advocacy.outbound.models import DevMail

TIMEOUT_S = 20.0  # for each answer of the server
_DETAIL_MAX = 200  # characters of a server's answer that are kept
_SOME_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
_BUSY = {421, 454}  # the server has enough of everybody for now
_NO_ACCESS = {530, 534, 535, 538}  # it wants a (better) sign-in first
_DONE = 250  # RFC 5321, 4.2.3
_GO_ON = 354
_PERMANENT = 500


class Refusal(StrEnum):
    """How a mail failed."""

    TEMPORARY = "temporary"  # may be tried again
    PERMANENT = "permanent"  # this recipient or mail: never again
    UNKNOWN = "unknown"  # it may have arrived; trying again could double it
    AUTH = "auth"  # the server takes no mail from us until somebody acts


class MailRefused(UpstreamError):  # noqa: N818 - the words of the house
    """A mail did not surely arrive.

    `for_all` tells that the next mail would fare the same way just now.
    """

    def __init__(self, kind: Refusal, detail: str, *, for_all: bool = False) -> None:
        self.kind = kind
        self.detail = _without_addresses(detail)
        self.for_all = for_all
        super().__init__(_SENTENCES[kind], detail=self.detail)

    def __reduce__(self) -> tuple[object, ...]:
        return (_refused_again, (self.kind, self.detail, self.for_all))


def _refused_again(kind: Refusal, detail: str, for_all: bool) -> MailRefused:  # noqa: FBT001 - pickle gives arguments by place
    return MailRefused(kind, detail, for_all=for_all)


_SENTENCES = {
    Refusal.TEMPORARY: N_("The mail server cannot take this mail now: {detail}"),
    Refusal.PERMANENT: N_("The mail server does not take this mail: {detail}"),
    Refusal.UNKNOWN: N_("The mail server did not say whether it took it: {detail}"),
    Refusal.AUTH: N_("The mail server takes no mail from us: {detail}"),
}


class Sender(Protocol):
    """Something that takes a mail off our hands."""

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Send one mail to one person.

        Args:
            message: The whole mail, CRLF line ends.
            sender: Envelope sender, as an address or `Name <address>`.
            to: The recipient's address.

        Raises:
            MailRefused: It did not surely arrive.
        """

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True)
class Relay:
    """The organisation's mail server, read from ADVOCACY_SMTP_URL."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    smtps: bool = False

    @classmethod
    def read(cls, url: str) -> Self:
        """Read `smtp://user:pass@host:587?starttls=1` or `smtps://…`.

        Raises:
            Invalid: It is not such an address.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise Invalid(
                N_("Give smtp://user:password@host:587?starttls=1, or smtps://…")
            )
        smtps = parts.scheme == "smtps"
        asked = parse_qs(parts.query).get("starttls", ["0"])[-1].lower()
        starttls = not smtps and asked in {"1", "true", "yes"}
        return cls(
            host=parts.hostname,
            port=port or (465 if smtps else 587 if starttls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=starttls,
            smtps=smtps,
        )

    @property
    def on_this_machine(self) -> bool:
        """Tell whether a password to this server stays on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class SmtpSender:
    """Sends over one connection that is kept open; for one thread at a time."""

    def __init__(
        self,
        relay: Relay,
        *,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._relay = relay
        self._tls = tls or ssl.create_default_context()
        self._timeout_s = timeout_s
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Send one mail to one person; see `Sender`."""
        try:
            envelope = (mailbox(sender).address, plain_address(to))
        except UnusableAddress as error:
            raise MailRefused(Refusal.PERMANENT, str(error)) from None
        try:
            self._hand_over(message, *envelope)
        except MailRefused as refused:
            # After these nobody knows what state the conversation is in.
            if refused.kind is Refusal.UNKNOWN or refused.for_all:
                self.close()
            raise

    def greet(self) -> None:
        """Connect and sign in, without a mail: whether one could be sent.

        Raises:
            MailRefused: It could not.
        """
        with _lost_before_data():
            self._smtp = self._connected()
        self.close()

    def close(self) -> None:
        """Say goodbye, if there is still somebody to say it to."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _hand_over(self, message: bytes, sender: str, to: str) -> None:
        smtp = self._ready_for_a_mail(sender)
        with _lost_before_data():
            code, answer = smtp.rcpt(to)
            if code in {_DONE, 251}:  # 251: will forward
                code, answer = smtp.docmd("DATA")
        if code != _GO_ON:
            self._forget_mail(smtp)
            raise _refusal(code, answer)
        try:
            smtp.send(_stuffed(message))
            code, answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(Refusal.UNKNOWN, _words(error)) from error
        if code != _DONE:
            raise _refusal(code, answer)

    def _forget_mail(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _ready_for_a_mail(self, sender: str) -> smtplib.SMTP:
        """Give a connection that has taken the sender; a stale one is replaced once."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                code, _ = self._smtp.mail(sender)
                if code == _DONE:
                    return self._smtp
            self.close()
        with _lost_before_data():
            smtp = self._smtp = self._connected()
            code, answer = smtp.mail(sender)
        if code != _DONE:
            self.close()
            refused = _refusal(code, answer)
            # It is our own address that is refused: no other mail would fare better.
            kind = Refusal.AUTH if code >= _PERMANENT else refused.kind
            raise MailRefused(kind, refused.detail, for_all=True)
        return smtp

    def _connected(self) -> smtplib.SMTP:
        relay = self._relay
        smtp: smtplib.SMTP
        if relay.smtps:
            smtp = smtplib.SMTP_SSL(
                relay.host, relay.port, timeout=self._timeout_s, context=self._tls
            )
        else:
            smtp = smtplib.SMTP(relay.host, relay.port, timeout=self._timeout_s)
        try:
            smtp.ehlo_or_helo_if_needed()
            secret = relay.user and not relay.smtps and not relay.on_this_machine
            if relay.starttls or secret:  # a password never goes out in the clear
                smtp.starttls(context=self._tls)
                smtp.ehlo_or_helo_if_needed()
            if relay.user:
                smtp.login(relay.user, relay.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class MailboxSender:
    """Puts mail in the development mailbox, while no mail server is set."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Keep one mail; see `Sender`."""
        del sender  # stands in the message
        try:
            address = plain_address(to).lower()
        except UnusableAddress as error:
            raise MailRefused(Refusal.PERMANENT, str(error)) from None
        subject = message_from_bytes(message, policy=modern).get("Subject", "")
        with self._transactions() as session:
            session.add(
                DevMail(
                    to=address,
                    subject=one_line(str(subject)),
                    raw=message,
                    received_at=utc_now(),
                )
            )

    def close(self) -> None:
        """Do nothing: there is no connection."""


def sender_for(settings: Settings, transactions: Transactions) -> Sender:
    """Give the way by which this installation sends its mail.

    Raises:
        Invalid: ADVOCACY_SMTP_URL is not the address of a mail server.
    """
    if settings.smtp_url:
        return SmtpSender(Relay.read(settings.smtp_url))
    return MailboxSender(transactions)


@contextlib.contextmanager
def _lost_before_data() -> Iterator[None]:
    """Say what it means when the conversation ends before any mail was handed over."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        refused = _refusal(error.smtp_code, error.smtp_error)
        # This was about the connection, not about one mail.
        permanent = error.smtp_code >= _PERMANENT
        kind = Refusal.AUTH if permanent else Refusal.TEMPORARY
        raise MailRefused(kind, refused.detail, for_all=True) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
        raise MailRefused(Refusal.AUTH, _words(error), for_all=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailRefused(Refusal.TEMPORARY, _words(error), for_all=True) from error


def _refusal(code: int, answer: bytes | str) -> MailRefused:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    detail = f"{code} {words}"
    if code in _NO_ACCESS:
        return MailRefused(Refusal.AUTH, detail, for_all=True)
    if code >= _PERMANENT:
        return MailRefused(Refusal.PERMANENT, detail)
    return MailRefused(Refusal.TEMPORARY, detail, for_all=code in _BUSY)


def _stuffed(message: bytes) -> bytes:
    """End a mail with a dot on its own line, and double dots that begin a line."""
    body = re.sub(rb"(?m)^\.", b"..", message)
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _without_addresses(detail: str) -> str:
    """Keep a server's answer short, and nobody's address in it."""
    return _SOME_ADDRESS.sub("…", one_line(detail))[:_DETAIL_MAX]
