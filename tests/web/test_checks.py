"""A text checked as typed, by a program and by the page."""

from __future__ import annotations

import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.people.roles import Role
from advocacy.people.sign_in import open_session
from tests.makers import make_employee
from tests.programs import MakeProgram, Program

TYPED = {"text": "Kom  kijken", "network": "x", "language": "nl"}


def test_a_check_has_the_keys_that_scripts_rely_on(program: MakeProgram) -> None:
    """Every role may ask."""
    said = program(Role.EMPLOYEE).post("/checks", **TYPED)

    assert said.status == 200
    assert set(said.body) == {"length", "limit", "remaining", "fits", "findings"}
    assert said.body["limit"] == 280
    assert said.body["remaining"] == 280 - said.body["length"]
    (finding,) = said.body["findings"]
    assert finding == {
        "kind": "spaces",
        "start": 3,
        "end": 5,
        "message": finding["message"],
        "suggestions": [" "],
    }


def test_a_program_hears_its_persons_language(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Else the one that the request wishes for."""
    with transactions() as session:
        person = make_employee(session, language="en")
    english = {"Accept-Language": "en"}

    of_person = program(Role.EMPLOYEE, person).post("/checks", **TYPED).body
    nobody = program(Role.EMPLOYEE)
    wished = nobody.send("POST", "/checks", json=TYPED, headers=english).body
    default = nobody.post("/checks", **TYPED).body

    assert of_person["findings"][0]["message"] == "One space is enough here."
    assert wished == of_person
    assert default["findings"][0]["message"] != "One space is enough here."


def test_what_cannot_be_checked_is_refused(comms: Program) -> None:
    """With a problem that says where."""
    wrong: tuple[dict[str, object], ...] = (
        {"network": "hyves"},
        {"text": None},
        {"text": "a" * 100_001},
        {"more": 1},
    )
    for one in wrong:
        assert comms.post("/checks", **TYPED | one).status == 422


@pytest.fixture
def browser(web: TestClient, transactions: Transactions) -> TestClient:
    """Browser in which an employee who reads Dutch is signed in."""
    with transactions() as session:
        person = make_employee(session, language="nl")
        token = open_session(session, person, now=utc_now(), browser="Firefox")
    web.cookies.set("session", token)
    return web


def _ask(browser: TestClient, csrf: str | None) -> Response:
    headers = {b"Accept-Language": b"en"}
    if csrf is not None:
        headers[b"X-CSRF-Token"] = csrf.encode("latin-1")
    return browser.post("/checks", json=TYPED, headers=headers)


def test_the_page_checks_with_its_session_and_token(browser: TestClient) -> None:
    """In the language of whoever writes, not of the browser."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.get("/").text)
    assert csrf is not None

    answer = _ask(browser, csrf[1])

    assert answer.status_code == 200
    (finding,) = answer.json()["findings"]
    assert finding["kind"] == "spaces"
    assert finding["message"] != "One space is enough here."


def test_another_sites_page_cannot_have_a_text_checked(browser: TestClient) -> None:
    """The header must carry this session's token."""
    for csrf in (None, "", "made up", "é"):
        assert _ask(browser, csrf).status_code == 403
