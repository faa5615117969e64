"""The running demo company, as the tests in a browser meet it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.outbound.mailbox import list_mails, read_mail
from advocacy.people.directory import get_employee
from advocacy.people.sign_in import make_link
from tests.running import running
from tests.servers import wait_until

END_OF_TOUR = "Ctrl-C stops everything."
LETTER_LINK = re.compile(r"http://\S+/m/(?!leave/)[\w-]+")
LEAVE_LINK = re.compile(r"http://\S+/m/leave/[\w-]+")


@dataclass
class DemoHouse:
    """A demo company that runs, has its past, and waits for visitors."""

    base: str
    folder: Path  # where its commands run
    env: Mapping[str, str]
    transactions: Transactions

    def sign_in_link(self, email: str) -> str:
        """Make a one-time link for one of its people."""
        with self.transactions() as session:
            person = get_employee(session, email)
            return make_link(session, person, base_url=self.base, now=utc_now())

    def letter(self, email: str) -> str:
        """Give the text of somebody's weekly letter, which all have by then."""
        assert self.letters_left
        with self.transactions() as session:
            for line in list_mails(session, to=email):
                text = read_mail(session, line.id).text
                if LETTER_LINK.search(text):
                    return text
        raise LookupError(f"no letter to {email}")

    def letter_link(self, email: str) -> str:
        """Give the first story's address in somebody's weekly letter."""
        found = LETTER_LINK.search(self.letter(email))
        assert found is not None
        return found.group()

    def leave_link(self, email: str) -> str:
        """Give the address under which somebody stops the weekly letter."""
        found = LEAVE_LINK.search(self.letter(email))
        assert found is not None
        return found.group()

    @cached_property
    def letters_left(self) -> bool:
        """Let this week's letters leave, once, with two new stories."""
        waiting = self.command("queue", "list", "--state", "pending")
        self.command("queue", "approve", *(str(item["id"]) for item in waiting[-2:]))
        return bool(self.command("digest", "send", "--wait")["sent"])

    def command(self, *words: str) -> Any:
        """Run a command of the house, and give what it reports."""
        done = subprocess.run(
            [sys.executable, "-m", "advocacy", *words, "--json"],
            env=dict(self.env),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def demo_house(folder: Path) -> Iterator[DemoHouse]:
    """Run the demo company on a folder of state, until the end of the block."""
    with running(folder, arguments=("--demo",)) as run:

        def told() -> bool:
            assert run.process.poll() is None, run.log.read_text(errors="replace")
            return END_OF_TOUR in run.log.read_text(errors="replace")

        wait_until(told, "the tour of the demo", within_s=120)
        yield DemoHouse(
            f"http://localhost:{run.port}", folder, run.env, run.transactions
        )
