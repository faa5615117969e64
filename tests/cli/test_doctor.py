from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from advocacy import pulse
from advocacy.cli import doctor
from advocacy.cli.doctor import Health
from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.db import migrations
from advocacy.db.session import Transactions
from tests.makers import NOW
from tests.servers import MailServer, free_port, redis_server, smtp_server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """Run a mail server."""
    with smtp_server() as server:
        yield server


def test_a_misspelt_variable_is_found_with_what_was_meant(tmp_path: Path) -> None:
    """It would be ignored without a word."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("# a comment\nexport ADVOCACY_SMPT_URL=smtp://mail\nOTHER=1\n")

    (found,) = doctor.look_at_variables({"ADVOCACY_ORG_NAME": "x"}, dotenv)

    assert found.health is Health.WRONG
    assert "ADVOCACY_SMPT_URL is no setting" in found.detail
    assert "ADVOCACY_SMTP_URL?" in found.detail


def test_known_variables_are_fine(tmp_path: Path) -> None:
    """Those of the tests among them."""
    given = {"ADVOCACY_ORG_NAME": "x", "ADVOCACY_TEST_POSTGRES_URL": "y", "PATH": "z"}

    (found,) = doctor.look_at_variables(given, tmp_path / ".env")

    assert found.health is Health.OK


def test_a_short_key_is_wrong() -> None:
    """It signs cookies."""
    assert doctor.look_at_secret(Settings(secret_key="short")).health is Health.WRONG
    assert doctor.look_at_secret(Settings(secret_key="l" * 32)).health is Health.OK


def test_looking_makes_no_database(tmp_path: Path) -> None:
    """A doctor does not change what is looked at."""
    file = tmp_path / "there" / "advocacy.db"

    (found,) = doctor.look_at_data(f"sqlite:///{file}", NOW)

    assert found.health is Health.WRONG
    assert "advocacy migrate" in found.detail
    assert not file.parent.exists()


def test_a_database_without_its_tables_is_wrong(engine: Engine) -> None:
    """The tables of these tests came without migrations: it has none of them."""
    found = doctor.look_at_migrations(engine)

    assert found.health is Health.WRONG
    assert "advocacy migrate" in found.detail


def test_a_database_that_does_not_answer_is_wrong() -> None:
    """In one line, and with no password in it."""
    url = f"postgresql+psycopg://me:secret@127.0.0.1:{free_port()}/none"

    (found,) = doctor.look_at_data(url, NOW)

    assert found.health is Health.WRONG
    assert "secret" not in found.detail
    assert "\n" not in found.detail


def test_everything_in_the_database_can_be_fine(tmp_path: Path) -> None:
    """As after a start, once the timetable was heard."""
    url = f"sqlite:///{tmp_path / 'fine.db'}"
    migrations.upgrade(url)

    found = {one.what: one.health for one in doctor.look_at_data(url, utc_now())}

    assert found == {
        "database": Health.OK,
        "clock": Health.OK,
        "migrations": Health.OK,
        "workers": Health.WRONG,  # none ever ran
    }


def test_a_clock_that_is_off_is_wrong(engine: Engine) -> None:
    """Leases and sign-in links depend on it, where the database is elsewhere."""
    found = doctor.look_at_clock(engine, utc_now() - timedelta(minutes=10))

    elsewhere = engine.dialect.name == "postgresql"
    assert found.health is (Health.WRONG if elsewhere else Health.OK)


@pytest.mark.parametrize(
    ("ago", "health"),
    [(timedelta(minutes=2), Health.OK), (timedelta(minutes=4), Health.WRONG)],
)
def test_workers_that_stopped_listening_are_found(
    engine: Engine, transactions: Transactions, ago: timedelta, health: Health
) -> None:
    """A process that is there may still hear nothing."""
    with transactions() as session:
        pulse.note_pulse(session, now=NOW - ago)

    assert doctor.look_at_workers(engine, NOW).health is health


def test_a_broker_that_may_throw_messages_away_is_wrong() -> None:
    """Redis evicts what it likes, unless told not to."""
    with redis_server() as broker:
        told = Settings(redis_url=broker.url)
        before = doctor.look_at_broker(told).health
        client = redis.Redis(unix_socket_path=str(broker.socket))
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.close()
        after = doctor.look_at_broker(told).health

    gone = doctor.look_at_broker(told).health
    assert (before, after, gone) == (Health.OK, Health.WRONG, Health.WRONG)


def test_a_mail_server_is_greeted_and_gets_no_mail(mail: MailServer) -> None:
    """Nobody wants a test mail."""
    found = doctor.look_at_mail(Settings(smtp_url=mail.url))

    assert found.health is Health.OK
    assert mail.connections == 1
    assert not mail.received


def test_a_mail_server_that_is_not_there_is_wrong() -> None:
    """The weekly letter would not leave."""
    nowhere = Settings(smtp_url=f"smtp://127.0.0.1:{free_port()}")

    assert doctor.look_at_mail(nowhere).health is Health.WRONG


def test_no_mail_server_is_worth_a_note() -> None:
    """Except in the demo, which has its own mailbox."""
    assert doctor.look_at_mail(Settings()).health is Health.NOTE
    assert doctor.look_at_mail(Settings(demo=True)).health is Health.OK


def test_a_disk_with_room_is_fine(tmp_path: Path) -> None:
    """Also before the folder of state was made."""
    found = doctor.look_at_disk(tmp_path / "not" / "yet" / "there")

    assert found.health is Health.OK
