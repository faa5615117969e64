"""The command line as scripts rely on it: keys, exit codes, one line of reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.cli.main import main
from advocacy.config import settings
from advocacy.db.session import Transactions
from advocacy.links.models import ShareLink
from advocacy.links.states import LinkState
from advocacy.offers.models import Post
from advocacy.people.models import Employee
from tests.makers import make_employee, make_item, make_link, make_source


@dataclass
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Read its one JSON document."""
        return json.loads(self.out)


class Terminal:
    """Somebody at a terminal."""

    def run(self, *words: str) -> Done:
        """Run a command."""
        result = CliRunner().invoke(main, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def terminal(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Sit down at a terminal of a house with a database."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", database_url)
    settings.cache_clear()
    return Terminal()


def test_a_source_is_told_in_the_words_of_the_contract(terminal: Terminal) -> None:
    """One object when added and shown, a list of such when listed."""
    keys = {
        "id",
        "name",
        "url",
        "kind",
        "state",
        "last_pulled_at",
        "next_pull_at",
        "last_result",
        "items",
    }
    added = terminal.run("source", "add", "https://a.example/feed/", "--json")

    assert added.code == 0
    assert keys <= added.json.keys()
    shown = terminal.run("source", "show", str(added.json["id"]), "--json").json
    assert shown == terminal.run("source", "list", "--json").json[0]


def test_a_source_is_paused_resumed_and_removed(terminal: Terminal) -> None:
    """Its items stay; the address can be added again."""
    number = str(
        terminal.run("source", "add", "https://a.example/", "--json").json["id"]
    )

    terminal.run("source", "pause", number)
    assert terminal.run("source", "show", number, "--json").json["state"] == "paused"
    terminal.run("source", "resume", number)
    assert terminal.run("source", "show", number, "--json").json["state"] == "active"
    terminal.run("source", "remove", number)
    assert terminal.run("source", "list", "--json").json == []
    assert terminal.run("source", "add", "https://a.example/").code == 0


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("source", "add", "javascript:alert(1)"), 1, "not a web address"),
        (("source", "show", "99"), 1, "no source 99"),
        (
            ("source", "add", "https://a.example/", "--every", "soon"),
            1,
            "15m, 2h or 1d",
        ),
        (("source", "pull"), 2, "Name sources by ID"),
        (("queue", "show", "99"), 1, "no item 99"),
        (("queue", "list", "--state", "old"), 1, "not a state"),
        (("queue", "reject", "1"), 2, "--reason"),
        (("people", "export", "a@b.example"), 1, "Nobody here has"),
        (("signin-link", "a@b.example"), 1, "Nobody here has"),
        (("token", "create", "x", "--role", "boss"), 2, "boss"),
        (("token", "revoke", "99"), 1, "no token 99"),
        (("stats", "--from", "2026-02-01", "--to", "2026-01-01"), 1, "ends before"),
        (("digest", "status", "--week", "2026-W99"), 1, "not a week"),
        (("nonsense",), 2, "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_said_on_one_line(
    terminal: Terminal, words: tuple[str, ...], code: int, reason: str
) -> None:
    """On stderr, with an exit code that a script can use, nothing on stdout."""
    done = terminal.run(*words)

    assert done.code == code
    assert reason in done.err
    assert done.out == ""
    assert len(done.err.splitlines()) == 1 or code == 2


def test_an_item_is_told_in_the_words_of_the_contract(
    terminal: Terminal, transactions: Transactions
) -> None:
    """Scripts read these keys."""
    with transactions() as session:
        item = make_item(session)

    [row] = terminal.run("queue", "list", "--json").json

    assert row["id"] == item.id
    assert {
        "state",
        "title",
        "url",
        "author",
        "published_at",
        "updated_at",
        "summary",
        "image_url",
        "language",
        "categories",
        "source_id",
        "guid",
    } <= row.keys()


def test_items_are_listed_by_state_and_source(
    terminal: Terminal, transactions: Transactions
) -> None:
    """As the desk does."""
    with transactions() as session:
        source = make_source(session)
        mine = make_item(session, source=source)
        make_item(session)

    rows = terminal.run("queue", "list", "--source", str(source.id), "--json").json

    assert [row["id"] for row in rows] == [mine.id]
    assert terminal.run("queue", "list", "--state", "approved", "--json").json == []


def test_deciding_goes_on_after_a_refusal(
    terminal: Terminal, transactions: Transactions
) -> None:
    """One item that was decided already does not hold up the others."""
    with transactions() as session:
        first, second = make_item(session), make_item(session)

    done = terminal.run("queue", "approve", str(first.id), "99", str(second.id))

    assert done.code == 1
    assert "no item 99" in done.err
    assert len(done.out.splitlines()) == 2


def test_withdrawing_closes_links_and_approving_again_opens_them(
    terminal: Terminal, transactions: Transactions
) -> None:
    """By command as by page."""
    with transactions() as session:
        item = make_item(session)
    number = str(item.id)

    def state() -> LinkState:
        with transactions() as session:
            return session.scalars(select(ShareLink.state)).one()

    terminal.run("queue", "approve", number)
    with transactions() as session:
        make_link(session, post=_post(session, item.id))
    terminal.run("queue", "withdraw", number, "--reason", "A typo")
    assert state() is LinkState.WITHDRAWN
    terminal.run("queue", "reopen", number)
    terminal.run("queue", "approve", number)
    assert state() is LinkState.LIVE
    moves = terminal.run("queue", "show", number, "--json").json["decisions"]
    assert [one["move"] for one in moves] == [
        "approve",
        "withdraw",
        "reopen",
        "approve",
    ]


def _post(session: Session, item_id: int) -> Post:
    return session.scalars(select(Post).where(Post.item_id == item_id).limit(1)).one()


def test_a_roster_is_tried_out_before_it_is_imported(
    terminal: Terminal, tmp_path: Path
) -> None:
    """A dry run changes nothing and says the same."""
    roster = tmp_path / "people.csv"
    roster.write_text("email,name\na@b.example,Ans\nno,Bo\n")

    tried = terminal.run("people", "import", str(roster), "--dry-run", "--json")
    assert terminal.run("people", "list", "--json").json == []
    done = terminal.run("people", "import", str(roster), "--json")

    assert tried.code == done.code == 1
    assert tried.json | {"dry_run": False} == done.json
    assert "row 3" in done.err


def test_all_that_is_held_of_a_person_is_printed_and_forgotten(
    terminal: Terminal, transactions: Transactions
) -> None:
    """Access and erasure, as the law asks."""
    with transactions() as session:
        employee = make_employee(session, name="Noor")
    terminal.run("signin-link", employee.email)

    held = json.loads(terminal.run("people", "export", employee.email).out)
    assert held["employee"][0]["name"] == "Noor"
    assert "token_hash" not in held["sign_in_link"][0]
    assert terminal.run("people", "erase", employee.email, "--yes").code == 0
    with transactions() as session:
        assert session.scalars(select(Employee)).all() == []


def test_a_token_is_shown_once(terminal: Terminal) -> None:
    """Its list knows its name, not itself."""
    made = terminal.run("token", "create", "BI", "--role", "comms", "--json").json
    assert made.keys() == {"id", "name", "role", "token"}

    listed = terminal.run("token", "list", "--json")
    assert made["token"] not in listed.out
    terminal.run("token", "revoke", str(made["id"]))
    assert terminal.run("token", "list", "--json").json == []


def test_figures_are_told_in_the_words_of_the_contract(
    terminal: Terminal, tmp_path: Path
) -> None:
    """A row per day by default, and the totals with what was left out."""
    words = ("stats", "--from", "2026-11-01", "--to", "2026-11-07")
    told = terminal.run(*words, "--json").json

    assert told["from"] == "2026-11-01"
    assert len(told["rows"]) == 7
    assert {"offered", "shares", "clicks", "visitors"} <= told["rows"][0].keys()
    assert {"offered", "shares", "clicks", "visitors", "excluded"} <= told[
        "totals"
    ].keys()
    sheet = tmp_path / "stats.csv"
    terminal.run(*words, "--csv", str(sheet))
    assert len(sheet.read_text().splitlines()) == 8
    assert terminal.run("stats", "verify", "--json").json["agrees"] is True


def test_the_state_of_a_digest_is_told_in_the_words_of_the_contract(
    terminal: Terminal,
) -> None:
    """Also before there is anything to tell."""
    told = terminal.run("digest", "status", "--week", "2026-W48", "--json").json

    assert told["week"] == "2026-W48"
    assert {"state", "planned", "sent", "failed", "skipped"} <= told.keys()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADVOCACY_SMTP_URL", "mail.example.com", "ADVOCACY_SMTP_URL: give smtp://"),
        ("ADVOCACY_DATABASE_URL", "mysql://x", "ADVOCACY_DATABASE_URL: give sqlite"),
        ("ADVOCACY_BASE_URL", "advocacy", "ADVOCACY_BASE_URL: give a whole address"),
        ("ADVOCACY_ORG_NAME", "", "set ADVOCACY_ORG_NAME"),
        ("ADVOCACY_TIMEZONE", "Mars/Base", "ADVOCACY_TIMEZONE"),
        ("ADVOCACY_FETCH_ALLOW", "10.0.0.0/99", "ADVOCACY_FETCH_ALLOW"),
        ("ADVOCACY_DIGEST_HOUR", "25", "ADVOCACY_DIGEST_HOUR"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """With what would be right, on one line, before anything is done."""
    monkeypatch.setenv(name, value)
    settings.cache_clear()

    done = Terminal().run("source", "list")

    assert done.code == 1
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_tables_that_are_not_there_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever forgot a step is told which."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    settings.cache_clear()

    assert "advocacy migrate" in Terminal().run("source", "list").err
    assert Terminal().run("migrate").code == 0
    assert Terminal().run("source", "list").code == 0


def test_a_backup_is_restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was there is there again; what is no backup is refused."""
    monkeypatch.setenv("ADVOCACY_DATABASE_URL", f"sqlite:///{tmp_path}/house.db")
    settings.cache_clear()
    terminal = Terminal()
    terminal.run("migrate")
    terminal.run("source", "add", "https://a.example/feed/")
    copy, other = tmp_path / "copy.db", tmp_path / "other.db"

    assert terminal.run("backup", str(copy)).code == 0
    assert copy.stat().st_mode & 0o077 == 0
    assert terminal.run("backup", str(copy)).code == 1
    terminal.run("source", "remove", "1")
    other.write_text("no database at all, but long enough to be looked at " * 10)
    assert terminal.run("restore", str(other), "--yes").code == 1
    assert terminal.run("restore", str(copy), "--yes").code == 0
    assert len(terminal.run("source", "list", "--json").json) == 1
