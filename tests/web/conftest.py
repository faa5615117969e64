"""The web app as it is served, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from advocacy import jobs
from advocacy.clock import utc_now
from advocacy.config import settings
from advocacy.db.session import Transactions
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.people.tokens import create_token
from advocacy.web.app import build
from tests.programs import MakeProgram, Program


@pytest.fixture
def web(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Client of the whole app: door, pages and API; sends no cookies by itself."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", database_url)
    settings.cache_clear()
    app = build(settings())
    with TestClient(app, raise_server_exceptions=False) as client:
        jobs.use_broker("")  # nobody listens to bells here
        yield client


@pytest.fixture
def program(web: TestClient, transactions: Transactions) -> MakeProgram:
    """Make a program with a token of a role, and perhaps of a person."""

    def make(role: Role, employee: Employee | None = None) -> Program:
        with transactions() as session:
            _, secret = create_token(
                session, "a program", role=role, employee=employee, now=utc_now()
            )
        return Program(web, secret)

    return make


@pytest.fixture
def comms(program: MakeProgram) -> Program:
    """Program of Communications that speaks for nobody."""
    return program(Role.COMMS)


@pytest.fixture
def admin(program: MakeProgram) -> Program:
    """Program of an administrator that speaks for nobody."""
    return program(Role.ADMIN)
