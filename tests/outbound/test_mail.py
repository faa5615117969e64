"""Sending: what each answer of a mail server means for the mail."""

from __future__ import annotations

import pickle
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.errors import Invalid
from advocacy.outbound.mail import (
    MailboxSender,
    MailRefused,
    Refusal,
    Relay,
    SmtpSender,
    sender_for,
)
from tests.servers import MailServer, free_port, smtp_server

MAIL = b"Subject: Nieuws\r\n\r\nHallo.\r\n"
FROM = "Nieuws <nieuws@example.org>"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything until it is told otherwise."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def sender(server: MailServer) -> Iterator[SmtpSender]:
    """Somebody who sends to that server."""
    sender = SmtpSender(Relay.read(server.url), timeout_s=5)
    yield sender
    sender.close()


def refusal(sender: SmtpSender, to: str = "noor@example.org") -> MailRefused:
    """Send a mail that does not arrive, and give what is said about it."""
    with pytest.raises(MailRefused) as caught:
        sender.send(MAIL, sender=FROM, to=to)
    return caught.value


def test_a_mail_arrives_as_it_was(server: MailServer, sender: SmtpSender) -> None:
    """Dots at the beginning of a line, and a missing line end, change nothing."""
    body = b"Subject: x\r\n\r\n.\r\n..two\r\nend"

    sender.send(body, sender=FROM, to="noor@example.org")

    (received,) = server.received
    assert received.raw.replace(b"\r\n", b"\n").rstrip() == body.replace(b"\r\n", b"\n")


def test_many_mails_go_over_one_connection(
    server: MailServer, sender: SmtpSender
) -> None:
    """Each new connection costs a third more (bench/digest.py)."""
    for number in range(5):
        sender.send(MAIL, sender=FROM, to=f"p{number}@example.org")

    assert len(server.received) == 5
    assert server.connections == 1


def test_a_refused_recipient_does_not_spoil_the_next(
    server: MailServer, sender: SmtpSender
) -> None:
    """The conversation is reset; one wrong address must not cost a connection."""
    server.on_recipient = lambda to: (
        "550 5.1.1 No such user here" if to.startswith("gone") else None
    )

    error = refusal(sender, "gone@example.org")
    sender.send(MAIL, sender=FROM, to="noor@example.org")

    assert (error.kind, error.for_all) == (Refusal.PERMANENT, False)
    assert len(server.received) == 1
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "kind", "for_all"),
    [
        ("450 4.2.1 Greylisted, come back later", Refusal.TEMPORARY, False),
        ("421 4.7.0 Too many mails", Refusal.TEMPORARY, True),
        ("454 4.7.0 Throttled", Refusal.TEMPORARY, True),
        ("550 5.1.1 No such user", Refusal.PERMANENT, False),
        ("530 5.7.0 Authentication required", Refusal.AUTH, True),
    ],
)
def test_an_answer_about_a_recipient_says_whether_to_try_again(
    server: MailServer, sender: SmtpSender, answer: str, kind: Refusal, *, for_all: bool
) -> None:
    """RFC 5321: 4yz may pass, 5yz does not."""
    server.on_recipient = lambda _to: answer

    error = refusal(sender)

    assert (error.kind, error.for_all) == (kind, for_all)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("451 4.3.0 Try again later", Refusal.TEMPORARY),
        ("554 5.7.1 Looks like spam", Refusal.PERMANENT),
    ],
)
def test_an_answer_after_the_data_is_certain_too(
    server: MailServer, sender: SmtpSender, answer: str, kind: Refusal
) -> None:
    """The server said no: it did not take the mail."""
    server.on_data = lambda _to: answer

    assert refusal(sender).kind is kind


def test_a_connection_lost_before_the_data_may_be_tried_again(
    server: MailServer, sender: SmtpSender
) -> None:
    """No server can have taken a mail that it never saw."""
    server.on_recipient = lambda _to: "drop"

    error = refusal(sender)

    assert (error.kind, error.for_all) == (Refusal.TEMPORARY, True)


@pytest.mark.parametrize("taken", [True, False])
def test_a_connection_lost_after_the_data_leaves_the_outcome_unknown(
    server: MailServer, sender: SmtpSender, *, taken: bool
) -> None:
    """From here the two cases look alike; trying again could double the mail."""
    if taken:
        server.hang_up_after_data = lambda _to: True
    else:
        server.on_data = lambda _to: "drop"

    assert refusal(sender).kind is Refusal.UNKNOWN
    assert len(server.received) == int(taken)


def test_a_server_that_hangs_up_within_the_data_leaves_the_outcome_unknown() -> None:
    """Before the final dot: cautious, since buffers hide how far it got."""
    with scripted(
        b"220 hi", b"250 hi", b"250 sender", b"250 recipient", b"354 go on"
    ) as port:
        sender = SmtpSender(Relay("127.0.0.1", port), timeout_s=5)

        assert refusal(sender).kind is Refusal.UNKNOWN


def test_a_connection_that_went_stale_is_replaced(
    server: MailServer, sender: SmtpSender
) -> None:
    """Servers close idle connections; the next mail must not suffer."""
    sender.send(MAIL, sender=FROM, to="noor@example.org")
    server.on_recipient = lambda _to: "drop"
    refusal(sender)
    server.on_recipient = lambda _to: None

    sender.send(MAIL, sender=FROM, to="noor@example.org")

    assert len(server.received) == 2


def test_a_server_that_hung_up_meanwhile_is_asked_again() -> None:
    """The first mail went well, then the server closed: nothing was handed over."""
    talk = [b"220 hi", b"250 hi", b"250 s", b"250 r", b"354 go", b"250 taken"]
    with scripted(*talk, times=2) as port:
        sender = SmtpSender(Relay("127.0.0.1", port), timeout_s=5)

        sender.send(MAIL, sender=FROM, to="noor@example.org")
        sender.send(MAIL, sender=FROM, to="noor@example.org")
        sender.close()


def test_nobody_listening_is_temporary() -> None:
    """A server that restarts is back in a minute."""
    sender = SmtpSender(Relay("127.0.0.1", free_port()), timeout_s=5)

    error = refusal(sender)

    assert (error.kind, error.for_all) == (Refusal.TEMPORARY, True)


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        ([b"554 no mail here"], Refusal.AUTH),
        ([b"421 too busy"], Refusal.TEMPORARY),
        ([b"220 hi", b"250 hi", b"550 not your sender"], Refusal.AUTH),
        ([b"220 hi", b"250 hi", b"451 not now"], Refusal.TEMPORARY),
    ],
)
def test_a_server_that_takes_nothing_from_us_says_so_for_all(
    talk: list[bytes], kind: Refusal
) -> None:
    """Retrying each letter on its own would burn them all."""
    with scripted(*talk) as port:
        error = refusal(SmtpSender(Relay("127.0.0.1", port), timeout_s=5))

    assert (error.kind, error.for_all) == (kind, True)


def test_what_the_server_says_is_kept_without_anybodys_address() -> None:
    """The reason outlives the person in the table of letters."""
    error = MailRefused(Refusal.PERMANENT, "550 <noor@example.org>: no\r\nsuch user")

    assert error.detail == "550 <…>: no such user"


def test_what_is_no_address_is_refused_before_anything_is_said(
    server: MailServer, sender: SmtpSender
) -> None:
    """Nothing of it may reach the conversation."""
    error = refusal(sender, "noor@example.org>\r\nDATA")

    assert error.kind is Refusal.PERMANENT
    assert server.connections == 0


def test_a_refusal_survives_the_way_between_processes() -> None:
    """Tasks hand errors on by pickling them."""
    error = MailRefused(Refusal.AUTH, "535 no", for_all=True)

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own

    assert (again.kind, again.detail, again.for_all) == (Refusal.AUTH, "535 no", True)
    assert str(again) == str(error)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_sign_in_goes_over_a_verified_connection(tmp_path: Path, scheme: str) -> None:
    """STARTTLS or TLS from the start; the certificate is checked in both."""
    with signing_in(tmp_path, scheme) as (port, trust, mails):
        url = f"{scheme}://nieuws:geheim%40@localhost:{port}?starttls=1"
        sender = SmtpSender(Relay.read(url), tls=trust, timeout_s=5)

        sender.send(MAIL, sender=FROM, to="noor@example.org")
        sender.close()

        assert len(mails) == 1


def test_a_wrong_password_is_not_the_letters_fault(tmp_path: Path) -> None:
    """It stops the whole edition until somebody mends it."""
    with signing_in(tmp_path, "smtp") as (port, trust, mails):
        relay = Relay("localhost", port, "nieuws", "wrong", starttls=True)

        error = refusal(SmtpSender(relay, tls=trust, timeout_s=5))

        assert (error.kind, error.for_all) == (Refusal.AUTH, True)
        assert mails == []


def test_an_unknown_certificate_is_not_trusted(tmp_path: Path) -> None:
    """Whoever sits in between must not get the password."""
    with signing_in(tmp_path, "smtp") as (port, _trust, mails):
        relay = Relay("localhost", port, "nieuws", "geheim@", starttls=True)

        error = refusal(SmtpSender(relay, timeout_s=5))

        assert error.kind is Refusal.AUTH
        assert mails == []


def test_a_server_without_starttls_gets_no_mail_when_it_was_asked_for(
    server: MailServer,
) -> None:
    """Silently going on in the clear is what an attacker would want."""
    relay = Relay(server.host, server.port, starttls=True)

    assert refusal(SmtpSender(relay, timeout_s=5)).kind is Refusal.AUTH
    assert server.received == []


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 25)),
        (
            "smtp://me:p%40ss@mail.example.org:2525?starttls=1",
            Relay("mail.example.org", 2525, "me", "p@ss", starttls=True),
        ),
        (
            "smtp://mail.example.org?starttls=1",
            Relay("mail.example.org", 587, starttls=True),
        ),
        ("smtps://mail.example.org", Relay("mail.example.org", 465, smtps=True)),
    ],
)
def test_the_address_of_a_server_says_how_to_talk_to_it(url: str, relay: Relay) -> None:
    """As the contract writes ADVOCACY_SMTP_URL."""
    assert Relay.read(url) == relay


@given(url=st.text() | st.sampled_from(["http://x", "smtp://", "smtp://h:99999", ""]))
def test_what_is_no_address_of_a_server_is_said_to_be_none(url: str) -> None:
    """One clear sentence instead of a traceback."""
    with pytest.raises(Invalid, match="smtp://user"):
        Relay.read(url)


def test_without_a_server_mail_goes_to_the_development_mailbox(
    transactions: Transactions,
) -> None:
    """So that a first look needs no mail server."""
    sender = sender_for(Settings(org_name="Waterland"), transactions)

    assert isinstance(sender, MailboxSender)


def test_with_a_server_mail_goes_there(transactions: Transactions) -> None:
    """ADVOCACY_SMTP_URL is all it takes."""
    settings = Settings(org_name="Waterland", smtp_url="smtp://mail.example.org")

    assert isinstance(sender_for(settings, transactions), SmtpSender)


@contextmanager
def scripted(*answers: bytes, times: int = 1) -> Iterator[int]:
    """Run a server that gives these answers, one per line it reads, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            for _ in range(times):
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as lines:
                    for answer in answers:
                        connection.sendall(answer + b"\r\n")
                        if answer.startswith(b"354"):
                            read_to_dot = answer is not answers[-1]
                            while read_to_dot and lines.readline() != b".\r\n":
                                pass
                        else:
                            lines.readline()

        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)


@contextmanager
def signing_in(
    folder: Path, scheme: str
) -> Iterator[tuple[int, ssl.SSLContext, list[bytes]]]:
    """Run a server that takes mail after TLS and a password alone."""
    mails: list[bytes] = []

    class Keep:
        """Keep what comes in."""

        async def handle_DATA(self, _server, _session, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001, N802 - aiosmtpd's name
            """Take a mail."""
            mails.append(envelope.content)
            return "250 OK"

    def check(
        _server: object, _session: object, _envelope: object, _how: str, data: object
    ) -> AuthResult:
        """Know one password."""
        right = LoginPassword(b"nieuws", b"geheim@")
        return AuthResult(success=data == right, handled=False)

    certificate = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate))
    smtps = scheme == "smtps"
    controller = Controller(
        Keep(),
        hostname="localhost",
        port=free_port(),
        ssl_context=context if smtps else None,
        tls_context=None if smtps else context,
        require_starttls=not smtps,
        auth_required=True,
        auth_require_tls=not smtps,  # it does not see TLS that was there before it
        authenticator=check,
    )

    def look() -> None:
        """See that it answers; its own way to look does not trust the certificate."""
        with (
            socket.create_connection(("localhost", controller.port)) as raw,
            trust.wrap_socket(raw, server_hostname="localhost") as tls,
        ):
            tls.recv(100)

    if smtps:
        controller._trigger_server = look  # type: ignore[method-assign]  # noqa: SLF001 - there is no public way
    controller.start()
    try:
        yield controller.port, trust, mails
    finally:
        controller.stop()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path
