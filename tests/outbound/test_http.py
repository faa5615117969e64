from __future__ import annotations

import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from advocacy.outbound import dialling
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Answer, Limits, get
from tests.sites import IMPATIENT, LOOPBACK, Asked, Behaviour, Reply, Site, getter

# The site stands on 127.0.0.2 and only that is allowed: so 127.0.0.1 plays the part
# of the organisation's own network.
OPEN = ip_network("127.0.0.2/32")


@pytest.fixture
def site() -> Iterator[Site]:
    """Somebody's web server."""
    with Site("127.0.0.2") as site:
        yield site


def ask(site: Site, page: Behaviour, limits: Limits = IMPATIENT) -> Answer:
    """Ask a site that answers with this page."""
    site.pages["/feed/"] = page
    return get(site.url(), allow=[OPEN], limits=limits)


def failure(site: Site, page: Behaviour, limits: Limits = IMPATIENT) -> FailureKind:
    """Say how asking a site fails."""
    with pytest.raises(FetchFailed) as caught:
        ask(site, page, limits)
    return caught.value.kind


def raw(data: bytes) -> Behaviour:
    """Answer with bytes that need not be HTTP."""

    def write(asked: Asked) -> None:
        asked.write(data)

    return write


def drip(start: bytes, piece: bytes) -> Behaviour:
    """Answer a little at a time, without end."""

    def write(asked: Asked) -> None:
        asked.write(start)
        while not asked.until_over(0.05):
            asked.write(piece)

    return write


def redirect(place: str, status: int = 302) -> Reply:
    """Send the asker elsewhere."""
    return Reply(status=status, headers={"Location": place})


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def test_an_answer_has_status_headers_and_body(site: Site) -> None:
    """Names of headers are lower case, whatever the server writes."""
    answer = ask(site, Reply(b"<rss/>", headers={"ETag": '"a"', "X-A": "1"}))

    assert (answer.status, answer.body) == (200, b"<rss/>")
    assert (answer.headers["etag"], answer.headers["x-a"]) == ('"a"', "1")


def test_we_say_who_we_are(site: Site) -> None:
    """Whoever runs a site can see who asks, and block or call us."""
    ask(site, Reply(b"x"))

    assert site.asked[0].headers["User-Agent"].startswith("Advocacy/")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, FailureKind.EMPTY),
        (206, FailureKind.EMPTY),
        (300, FailureKind.REDIRECTS),
        (401, FailureKind.CLIENT_ERROR),
        (404, FailureKind.CLIENT_ERROR),
        (410, FailureKind.GONE),
        (429, FailureKind.BUSY),
        (500, FailureKind.SERVER_ERROR),
        (503, FailureKind.SERVER_ERROR),
        (999, FailureKind.PROTOCOL),
    ],
)
def test_a_status_that_brings_nothing_is_a_failure_with_a_name(
    site: Site, status: int, kind: FailureKind
) -> None:
    """Also when a whole feed stands in the body of a 500."""
    assert failure(site, Reply(b"<rss/>", status=status)) is kind


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (raw(b""), FailureKind.RESET),
        (raw(HEAD + b"Content-Length: 50\r\n\r\nhalf"), FailureKind.RESET),
        (raw(b"hello there, no HTTP\r\n\r\n"), FailureKind.PROTOCOL),
        (raw(b"HTTP/1.1 abc xyz\r\n\r\n"), FailureKind.PROTOCOL),
        (
            raw(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
            FailureKind.PROTOCOL,
        ),
        (
            raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            FailureKind.PROTOCOL,
        ),
        (raw(HEAD + b"X: " + b"a" * 200_000 + b"\r\n\r\n"), FailureKind.PROTOCOL),
        (drip(HEAD, b"X: 1\r\n"), FailureKind.TIMEOUT),
        (drip(HEAD + b"\r\n", b"x"), FailureKind.TIMEOUT),
        (drip(b"", b""), FailureKind.TIMEOUT),
    ],
    ids=[
        "closed",
        "half",
        "no-http",
        "no-status",
        "two-lengths",
        "bad-chunk",
        "huge-header",
        "slow-headers",
        "slow-body",
        "silent",
    ],
)
def test_a_broken_server_is_a_failure_with_a_name(
    site: Site, page: Behaviour, kind: FailureKind
) -> None:
    """None of it hangs, and none of it escapes as another error."""
    assert failure(site, page) is kind


def test_nobody_listening_is_a_reset() -> None:
    """A refused connection and a lost one mean the same to comms."""
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(FetchFailed) as caught:
        get(f"http://127.0.0.2:{port}/", allow=[OPEN])

    assert caught.value.kind is FailureKind.RESET


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    """Feeds shrink to a fifth."""
    packed = gzip.compress(b"<rss/>")

    answer = ask(site, Reply(packed, headers={"Content-Encoding": "gzip"}))

    assert answer.body == b"<rss/>"


def test_a_server_that_wrongly_says_gzip_is_asked_for_plain_text(site: Site) -> None:
    """Old proxies do that; the second question helps."""

    def page(asked: Asked) -> Reply:
        plain = asked.headers["Accept-Encoding"] == "identity"
        return Reply(b"<rss/>", headers={} if plain else {"Content-Encoding": "gzip"})

    assert ask(site, page).body == b"<rss/>"
    assert len(site.asked) == 2


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, gzip", "x-secret"])
def test_a_packing_that_cannot_be_opened_is_named(site: Site, coding: str) -> None:
    """After the second question, that is."""
    page = Reply(b"rubbish", headers={"Content-Encoding": coding})

    assert failure(site, page) is FailureKind.BAD_ENCODING


def _bomb() -> bytes:
    machine = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    packed = b"".join(machine.compress(zeros) for _ in range(40))
    return packed + machine.flush()


@pytest.mark.parametrize(
    "page",
    [
        Reply(bytes(200_001)),
        raw(HEAD + b"\r\n" + bytes(300_000)),
        Reply(_bomb(), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["said-so", "did-not-say", "bomb"],
)
def test_an_answer_over_the_limit_is_not_read_to_its_end(
    site: Site, page: Behaviour
) -> None:
    """The limit counts after unpacking; nothing is kept in part."""
    limits = replace(IMPATIENT, total_s=5, body_bytes=200_000)

    assert failure(site, page, limits) is FailureKind.TOO_BIG


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(site: Site, status: int) -> None:
    """The address in the database stays; the hops say how it went."""
    site.pages["/news"] = Reply(b"<rss/>")

    answer = ask(site, redirect("../news#top", status))

    assert answer.body == b"<rss/>"
    assert answer.url == site.url("/news")
    assert [(hop.url, hop.status) for hop in answer.hops] == [(site.url(), status)]


@pytest.mark.parametrize(
    "place",
    [
        "/feed/",
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.2/_x",
        "data:text/xml,<rss/>",
        "http://user:pw@127.0.0.2/",
    ],
)
def test_redirects_that_lead_nowhere_are_refused(site: Site, place: str) -> None:
    """In a circle, to another scheme, or with somebody's password."""
    assert failure(site, redirect(place)) is FailureKind.REDIRECTS


@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}/secret",
        "http://2130706433:{port}/secret",
        "http://0x7f000001:{port}/secret",
        "http://0177.0.0.1:{port}/secret",
        "http://127.1:{port}/secret",
        "http://0.0.0.0:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://[64:ff9b::7f00:1]/",
        "http://localhost:{port}/secret",
        "http://localhost.:{port}/secret",
        "http://①②⑦.⓪.⓪.①:{port}/secret",
        "http://10.0.0.1/",
        "http://100.64.0.1/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://127.0.0.1:22/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(site: Site, place: str) -> None:
    """However it is spelled, nothing is sent there."""
    with Site("127.0.0.1") as secret:
        place = place.format(port=secret.port).encode().decode("latin-1")

        assert failure(site, redirect(place)) is FailureKind.BLOCKED
        assert secret.asked == []


def test_loopback_is_closed_unless_it_was_opened(site: Site) -> None:
    """The address that somebody typed is checked like any redirect."""
    with pytest.raises(FetchFailed) as caught:
        get(site.url())

    assert caught.value.kind is FailureKind.BLOCKED
    assert site.asked == []


def test_the_address_that_was_checked_is_the_one_dialled(site: Site) -> None:
    """A name server that changes its mind is asked only once per connection."""
    answers = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])
    site.pages["/feed/"] = Reply(b"<rss/>")

    answer = get(
        f"http://rebind.example:{site.port}/feed/",
        allow=[OPEN],
        resolve=lambda *_: next(answers),
    )

    assert answer.body == b"<rss/>"
    assert site.asked[0].headers["Host"] == f"rebind.example:{site.port}"


def test_one_private_answer_among_public_ones_refuses_them_all(site: Site) -> None:
    """Else the order of the answers would decide."""
    with pytest.raises(FetchFailed) as caught:
        get(
            f"http://mixed.example:{site.port}/feed/",
            allow=[OPEN],
            resolve=lambda *_: ["127.0.0.2", "10.0.0.1"],
        )

    assert caught.value.kind is FailureKind.BLOCKED
    assert site.asked == []


def test_a_name_that_nobody_knows_is_named() -> None:
    """The commonest mistake of all: a typing error."""

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(FetchFailed, match=r"find nope\.example") as caught:
        get("http://nope.example/", resolve=unknown)

    assert caught.value.kind is FailureKind.DNS


def test_a_silent_name_server_is_a_timeout(site: Site) -> None:
    """The machine's own look-up knows no limit."""

    def silent(_host: str, _port: int) -> list[str]:
        site._over.wait(5)  # noqa: SLF001 - waits until the test is over
        return []

    with pytest.raises(FetchFailed) as caught:
        get("http://slow.example/", resolve=silent, limits=Limits(total_s=0.2))

    assert caught.value.kind is FailureKind.TIMEOUT


def test_secrets_do_not_follow_a_redirect_to_another_origin(site: Site) -> None:
    """An API key belongs to the server it was given for."""
    with Site("127.0.0.2") as other:
        other.pages["/feed/"] = Reply(b"<rss/>")
        site.pages["/feed/"] = redirect(other.url())

        getter()(site.url(), {"Authorization": "Bearer key", "If-None-Match": '"e"'})

        assert site.asked[0].headers["Authorization"] == "Bearer key"
        assert other.asked[0].headers["Authorization"] is None
        assert other.asked[0].headers["If-None-Match"] == '"e"'


@pytest.fixture
def tls_site(site: Site, tmp_path: Path) -> tuple[Site, Path]:
    """A site with a certificate that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "safe.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("safe.example")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "site.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    site._server.socket = context.wrap_socket(  # noqa: SLF001 - before it serves
        site._server.socket,  # noqa: SLF001
        server_side=True,
    )
    return site, file


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls_site: tuple[Site, Path],
) -> None:
    """There is no switch to ignore it."""
    site, _ = tls_site

    with pytest.raises(FetchFailed) as caught:
        get(
            f"https://safe.example:{site.port}/",
            allow=[OPEN],
            resolve=lambda *_: ["127.0.0.2"],
        )

    assert caught.value.kind is FailureKind.TLS


@pytest.fixture
def _trusting(
    tls_site: tuple[Site, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Trust the test's own authority, as an administrator may."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_site[1]))
    dialling.trusted_tls.cache_clear()
    yield
    dialling.trusted_tls.cache_clear()


@pytest.mark.usefixtures("_trusting")
def test_a_private_authority_can_be_trusted_by_the_usual_variable(
    tls_site: tuple[Site, Path],
) -> None:
    """SSL_CERT_FILE is what every OpenSSL program reads."""
    site, _ = tls_site
    site.pages["/feed/"] = Reply(b"<rss/>")

    answer = get(
        f"https://safe.example:{site.port}/feed/",
        allow=[LOOPBACK],
        resolve=lambda *_: ["127.0.0.2"],
    )

    assert answer.body == b"<rss/>"


@pytest.mark.usefixtures("_trusting")
def test_a_secure_site_cannot_lead_to_an_insecure_one(
    tls_site: tuple[Site, Path],
) -> None:
    """Anybody on the way could change what comes from there."""
    site, _ = tls_site
    site.pages["/feed/"] = redirect("http://safe.example/feed/")

    with pytest.raises(FetchFailed) as caught:
        get(
            f"https://safe.example:{site.port}/feed/",
            allow=[LOOPBACK],
            resolve=lambda *_: ["127.0.0.2"],
        )

    assert caught.value.kind is FailureKind.REDIRECTS
