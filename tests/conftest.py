"""Real databases for every test that asks for one: SQLite and PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from advocacy import jobs
from advocacy.config import settings
from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.models import metadata
from tests.servers import postgres_server

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give each test settings of its own, untouched by the machine's."""
    for name in [name for name in os.environ if name.startswith("ADVOCACY_")]:
        if not name.startswith("ADVOCACY_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ADVOCACY_ORG_NAME", "Waterland Techniek")
    monkeypatch.setenv("ADVOCACY_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ADVOCACY_SECRET_KEY", "a secret for tests alone")
    settings.cache_clear()
    yield
    settings.cache_clear()
    jobs.use_broker("")  # a bell that nobody hears, for the next test


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server on which databases can be made."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """Make a database with every table once; tests copy it, which is quick."""
    name = f"template_{secrets.token_hex(4)}"
    _command(postgres_url, f'CREATE DATABASE "{name}"')
    engine = make_engine(_named(postgres_url, name))
    metadata.create_all(engine)
    engine.dispose()
    yield name
    _command(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database with every table, on each kind in turn."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
        engine = make_engine(url)
        metadata.create_all(engine)
        engine.dispose()
        yield url
        return
    server: str = request.getfixturevalue("postgres_url")
    template: str = request.getfixturevalue("postgres_template")
    name = f"test_{secrets.token_hex(4)}"
    _command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(server, name)
    _command(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Engine on an empty database with every table."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def transactions(engine: Engine) -> Transactions:
    """Opener of transactions, as the doors have it."""
    return transactions_on(engine)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One transaction for the whole test, never committed."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _command(url: str, command: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()
