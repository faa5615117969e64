"""Who may call the API, and what an error looks like to a program."""

from __future__ import annotations

from sqlalchemy import Engine
from starlette.testclient import TestClient

from advocacy.clock import utc_now
from advocacy.db.base import Base
from advocacy.db.session import Transactions
from advocacy.people.models import ApiToken, Employee
from advocacy.people.roles import Role
from advocacy.people.sign_in import open_session
from advocacy.web.security import BODY_MAX_BYTES
from tests.makers import make_employee, make_item
from tests.programs import MakeProgram, Program

FOR_COMMS = (
    ("GET", "/items"),
    ("GET", "/items/1"),
    ("POST", "/items/1/approve"),
    ("POST", "/items/1/reject"),
    ("POST", "/items/1/withdraw"),
    ("POST", "/items/1/reopen"),
    ("GET", "/sources"),
    ("POST", "/sources"),
    ("GET", "/sources/1"),
    ("PATCH", "/sources/1"),
    ("DELETE", "/sources/1"),
    ("POST", "/sources/1/pull"),
    ("POST", "/sources/1/pause"),
    ("POST", "/sources/1/resume"),
    ("GET", "/posts"),
    ("GET", "/posts/1"),
    ("PATCH", "/posts/1"),
    ("GET", "/groups"),
    ("GET", "/groups/1"),
    ("GET", "/links"),
    ("GET", "/links/1"),
    ("GET", "/digests"),
    ("GET", "/digests/2026-W48"),
    ("POST", "/digests/2026-W48/send"),
    ("POST", "/digests/2026-W48/release"),
    ("POST", "/digests/2026-W48/pause"),
    ("POST", "/digests/2026-W48/cancel"),
    ("GET", "/stats"),
)
FOR_ADMINS = (("GET", "/people"), ("GET", "/people/1"))
BODIES = {
    "/items/1/reject": {"reason": "off topic"},
    "/sources": {"url": "https://news.example/feed/"},
    "/sources/1": {"name": "News"},
    "/posts/1": {"text": "Look at this"},
}


def _status(caller: Program, method: str, path: str) -> int:
    how = {} if method == "GET" else {"json": BODIES.get(path, {})}
    return caller.send(method, path, **how).status


def test_without_a_token_nothing_is_told(web: TestClient) -> None:
    """And the answer says how to come in (RFC 9110, RFC 9457)."""
    said = Program(web, "").get("/items")

    assert said.status == 401
    assert said.headers["content-type"] == "application/problem+json"
    assert said.headers["www-authenticate"] == "Bearer"
    assert said.body["status"] == 401
    assert set(said.body) >= {"type", "title", "status", "detail"}


def test_a_token_that_is_none_opens_nothing(web: TestClient) -> None:
    """Whatever stands in the header."""
    nobody = Program(web, "")
    statuses = {
        nobody.send("GET", "/items", headers={"Authorization": header}).status
        for header in (
            b"Bearer",
            b"Bearer ",
            b"Bearer adv_nobody_made_this",
            b"Basic YTpi",
            b"adv_bare",
            b"Bearer \xff\xfe",
        )
    }

    assert statuses == {401}


def test_a_revoked_token_opens_nothing(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Revoking works at once."""
    caller = program(Role.COMMS)
    assert caller.get("/items").status == 200
    with transactions() as session:
        for token in session.query(ApiToken):
            token.revoked_at = utc_now()

    assert caller.get("/items").status == 401


def test_a_token_stops_with_its_person(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Whoever left takes their programs along."""
    with transactions() as session:
        person = make_employee(session)
    caller = program(Role.EMPLOYEE, person)
    assert caller.get("/offers").status == 200
    with transactions() as session:
        session.get_one(Employee, person.id).left_at = utc_now()

    assert caller.get("/offers").status == 401


def test_a_token_may_not_do_more_than_its_person(
    program: MakeProgram, transactions: Transactions
) -> None:
    """Somebody who left Communications decides nothing by an old token either."""
    with transactions() as session:
        person = make_employee(session, role=Role.EMPLOYEE)

    assert program(Role.COMMS, person).get("/items").status == 403


def test_a_browser_session_opens_no_api(
    web: TestClient, transactions: Transactions
) -> None:
    """A cookie travels along with another site's request; a token does not."""
    with transactions() as session:
        person = make_employee(session, role=Role.ADMIN)
        token = open_session(session, person, now=utc_now(), browser="Firefox")
    cookie = {"Cookie": f"session={token}; __Host-session={token}"}

    assert Program(web, "").send("GET", "/items", headers=cookie).status == 401


def test_employees_do_not_do_the_work_of_comms(program: MakeProgram) -> None:
    """Every door is guarded, not only the ones that somebody thought of."""
    caller = program(Role.EMPLOYEE)

    assert [one for one in FOR_COMMS if _status(caller, *one) != 403] == []


def test_comms_come_in(comms: Program) -> None:
    """What they ask for may not be there, but they may ask."""
    fine = {200, 201, 204, 404, 409}

    assert [one for one in FOR_COMMS if _status(comms, *one) not in fine] == []


def test_people_are_for_administrators(comms: Program, admin: Program) -> None:
    """Communications need no list of addresses."""
    assert [_status(comms, *one) for one in FOR_ADMINS] == [403, 403]
    assert [_status(admin, *one) for one in FOR_ADMINS] == [200, 404]


def test_an_unknown_address_is_a_problem(comms: Program) -> None:
    """Programs get no page to read."""
    for path in ("/nothing", "/items/1/eat", "/"):
        said = comms.get(path)

        assert said.status == 404
        assert said.headers["content-type"] == "application/problem+json"


def test_another_method_is_told_which_ones_work(comms: Program) -> None:
    """RFC 9110, section 15.5.6."""
    said = comms.send("PUT", "/items/1", json={})

    assert said.status == 405
    assert said.headers["allow"] == "GET"
    assert said.headers["content-type"] == "application/problem+json"


def test_a_misspelt_key_is_refused(comms: Program) -> None:
    """Overlooking it would approve with words that nobody asked for."""
    said = comms.post("/items/1/approve", netwerken=["x"])

    assert said.status == 422
    assert said.body["errors"][0]["where"] == "body.netwerken"


def test_a_misspelt_filter_is_refused(comms: Program) -> None:
    """Overlooking it would list everything."""
    said = comms.get("/items", sate="pending")

    assert said.status == 422
    assert said.body["errors"][0]["where"] == "query.sate"


def test_a_page_holds_1_to_200_rows(comms: Program) -> None:
    """More would be a way to be slow."""
    for limit in (0, 201, -1, "many"):
        assert comms.get("/items", limit=limit).status == 422
    assert comms.get("/items", limit=200).status == 200


def test_a_body_that_is_no_json_is_a_problem(comms: Program) -> None:
    """Not a crash, whatever comes."""
    for body in (b"", b"{", b"[]", b"\xff", b'{"a":' * 5_000, b'"\\ud800"'):
        said = comms.send(
            "POST",
            "/items/1/reject",
            content=body,
            headers={"Content-Type": "application/json"},
        )

        assert said.status in {400, 422}
        assert said.headers["content-type"] == "application/problem+json"


def test_too_large_a_body_is_a_problem(comms: Program) -> None:
    """The size is looked at before anything is read."""
    said = comms.send("POST", "/sources", content=b" " * (BODY_MAX_BYTES + 1))

    assert said.status == 413
    assert said.headers["content-type"] == "application/problem+json"


def test_our_own_failure_is_a_problem_without_details(
    comms: Program, transactions: Transactions, engine: Engine
) -> None:
    """A stack is for the log, not for whoever asks."""
    with transactions() as session:
        item = make_item(session)
    Base.metadata.tables["item_revision"].drop(engine)

    said = comms.get(f"/items/{item.id}")

    assert said.status == 500
    assert said.headers["content-type"] == "application/problem+json"
    assert "item_revision" not in str(said.body)
