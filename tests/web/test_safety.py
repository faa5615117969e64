"""What every page carries, and what no request may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.testclient import TestClient

from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.db.session import Transactions
from advocacy.people.roles import Role
from advocacy.people.sign_in import make_token, open_session
from advocacy.web.app import PAGES, build
from advocacy.web.deps import csrf_checked
from advocacy.web.forms import safe_path
from advocacy.web.signing import sign, unsign
from tests.makers import make_employee

ORIGIN = "http://localhost:8000"


@pytest.fixture
def browser(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """Open a browser on the pages, with nobody signed in."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", database_url)
    monkeypatch.setenv("ADVOCACY_DEMO", "1")
    settings.cache_clear()
    assert engine
    with TestClient(
        build(settings()), base_url=ORIGIN, follow_redirects=False
    ) as client:
        yield client


def _sign_in(
    browser: TestClient, transactions: Transactions, role: Role = Role.EMPLOYEE
) -> None:
    with transactions() as session:
        employee = make_employee(session, role=role)
        token = open_session(session, employee, browser="", now=utc_now())
    browser.cookies.set("session", token)


def _csrf(browser: TestClient, path: str = "/preferences") -> str:
    page = browser.get(path).text
    return page.split('name="csrf" value="')[1].split('"')[0]


def test_every_answer_carries_the_policy(browser: TestClient) -> None:
    """From the first page on, also where something is wrong."""
    for path in ("/sign-in", "/nope", "/healthz", "/static/style.css"):
        headers = browser.get(path).headers

        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: TestClient, transactions: Transactions
) -> None:
    """Whoever gets a script into a page must not get the session."""
    with transactions() as session:
        token = make_token(session, make_employee(session), now=utc_now())

    answer = browser.post(f"/sign-in/{token}")

    cookie = next(
        line
        for line in answer.headers.get_list("set-cookie")
        if line.startswith("session=")
    )
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_a_form_from_another_site_is_refused(
    browser: TestClient, transactions: Transactions
) -> None:
    """By what browsers say of where it comes from."""
    _sign_in(browser, transactions)
    csrf = _csrf(browser)

    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = browser.post("/sign-out", data={"csrf": csrf}, headers=said)
        assert answer.status_code == 403

    assert browser.get("/preferences").status_code == 200


@pytest.mark.parametrize("csrf", ["", "x", "é", "0" * 64])
def test_a_form_without_our_token_is_refused(
    browser: TestClient, transactions: Transactions, csrf: str
) -> None:
    """An old browser says nothing of where a form comes from."""
    _sign_in(browser, transactions)

    assert browser.post("/sign-out", data={"csrf": csrf}).status_code == 403


def test_a_token_of_another_session_is_refused(
    browser: TestClient, transactions: Transactions
) -> None:
    """A colleague's page must not act in your name."""
    _sign_in(browser, transactions)
    colleagues = _csrf(browser)
    _sign_in(browser, transactions)

    assert browser.post("/sign-out", data={"csrf": colleagues}).status_code == 403


def test_every_form_checks_its_token() -> None:
    """But signing in, the visitor's language, and the mail's one-press way out."""
    free = {
        "/sign-in",
        "/sign-in/{token}",
        "/language",
        "/m/leave/{token}",
        "/checks",  # its own header
    }
    unchecked = {
        route.path
        for pages in PAGES
        for route in pages.router.routes
        if isinstance(route, APIRoute)
        and "POST" in (route.methods or ())
        and csrf_checked not in {one.call for one in _flat(route.dependant)}
    }

    assert unchecked == free


def _flat(dependant: Any) -> Iterator[Any]:
    for child in dependant.dependencies:
        yield child
        yield from _flat(child)


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/desk/queue", Role.EMPLOYEE, 403),
        ("/desk/stats", Role.EMPLOYEE, 403),
        ("/desk/digest", Role.EMPLOYEE, 403),
        ("/desk/sources", Role.EMPLOYEE, 403),
        ("/desk/people", Role.COMMS, 403),
        ("/desk/queue", Role.COMMS, 200),
        ("/desk/people", Role.ADMIN, 200),
        ("/", Role.EMPLOYEE, 200),
    ],
)
def test_a_page_opens_for_its_role_alone(
    browser: TestClient, transactions: Transactions, path: str, role: Role, status: int
) -> None:
    """The desk is for Communications, the directory for administrators."""
    _sign_in(browser, transactions, role)

    assert browser.get(path).status_code == status


def test_who_is_not_signed_in_is_asked_to(browser: TestClient) -> None:
    """And led back afterwards."""
    answer = browser.get("/desk/queue")

    assert answer.headers["Location"] == "/sign-in?next=/desk/queue"


def test_a_body_that_is_too_large_is_refused(browser: TestClient) -> None:
    """Before it fills the memory."""
    answer = browser.post("/sign-in", content=b"x" * (6 * 1024 * 1024 + 1))

    assert answer.status_code == 413


def test_an_unknown_address_gets_the_same_answer(
    browser: TestClient, transactions: Transactions
) -> None:
    """Nobody learns who works here."""
    with transactions() as session:
        known = make_employee(session).email

    pages = [
        browser.post("/sign-in", data={"email": email}).text.replace(email, "ADDRESS")
        for email in (known, "nobody@waterland.example")
    ]

    assert pages[0] == pages[1]


def test_a_crash_tells_nothing_of_its_cause(
    engine: Engine, browser: TestClient, transactions: Transactions
) -> None:
    """The log knows; the page is kind."""
    _sign_in(browser, transactions)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE set_aside")

    careless = TestClient(browser.app, base_url=ORIGIN, raise_server_exceptions=False)
    careless.cookies = browser.cookies
    answer = careless.get("/")

    assert answer.status_code == 500
    assert "set_aside" not in answer.text
    assert "Traceback" not in answer.text


OUTSIDE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/a b",
    "/\r\nSet-Cookie: x=1",
    "",
    "evil.example",
    "http:evil.example",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nobody_is_led_to_another_site(browser: TestClient, path: str) -> None:
    """An address of ours must not send people elsewhere."""
    answer = browser.post("/language", data={"language": "en", "next": path})

    assert answer.headers["Location"] == "/"


@given(path=st.text(alphabet="/\\:.ea @?#%\r\n\t", max_size=12))
def test_a_path_that_is_kept_stays_here(path: str) -> None:
    """Whatever a parameter holds."""
    kept = safe_path(path)

    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert not set(kept) & set("\r\n\t \\")


@given(text=st.text(max_size=40), cut=st.integers(0, 200))
def test_what_we_did_not_sign_is_not_read(text: str, cut: int) -> None:
    """A cookie is what a browser says it is."""
    signed = sign(b"secret", "flash", [text])
    mangled = signed[:cut] + "x" + signed[cut + 1 :]

    assert unsign(b"secret", "flash", signed) == [text]
    assert unsign(b"secret", "session", signed) is None
    assert mangled == signed or unsign(b"secret", "flash", mangled) is None
