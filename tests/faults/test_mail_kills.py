from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from advocacy import jobs
from advocacy.clock import utc_now, week_of
from advocacy.config import Settings
from advocacy.digest.editions import send_now
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import Letter, LetterState
from advocacy.offers.offering import approve_and_offer
from tests.makers import make_comms_member, make_employee, make_item
from tests.running import Running, running
from tests.servers import MailServer, smtp_server, wait_until

pytestmark = pytest.mark.timeout(300)

READERS = 6
RECOVERS_WITHIN_S = 90.0  # the sweep comes every 20 s, after the lease of 30 s


class Hesitating:
    """Makes the mail server think long about the third mail."""

    def __init__(self, mail: MailServer) -> None:
        self.seen: list[str] = []
        self.reached = threading.Event()
        self.may_go_on = threading.Event()
        mail.on_data = self

    def __call__(self, address: str) -> None:
        """Take a mail, at once or after a long thought."""
        self.seen.append(address)
        if len(self.seen) == READERS // 2:
            self.reached.set()
            self.may_go_on.wait(60)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """Run a mail server."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, mail: MailServer) -> Iterator[Running]:
    """Run everything, with a mail server."""
    with running(tmp_path, ADVOCACY_SMTP_URL=mail.url) as run:
        wait_until(run.workers_answer, "the workers")
        yield run


def plan_letters(house: Running) -> None:
    """Plan this week's letter for everybody, due at once."""
    now = utc_now()
    with house.transactions() as session:
        comms = make_comms_member(session, wants_digest=False)
        for _ in range(READERS):
            make_employee(session)
        item = make_item(
            session,
            published_at=now - timedelta(hours=2),
            seen_at=now - timedelta(hours=1),
        )
        approve_and_offer(session, item.id, by=comms, via="page", now=now)
    told = Settings(base_url="http://localhost", mail_from="News <news@example.org>")
    week = week_of(now.astimezone(told.timezone).date())
    send_now(house.transactions, week, now=now, head=Letterhead.of(told))


def states(house: Running) -> Counter[LetterState]:
    """Count the letters of people who want one by how far they are."""
    with house.transactions() as session:
        found = session.scalars(
            select(Letter.state).where(Letter.state != LetterState.SKIPPED)
        )
        return Counter(found)


def test_nobody_gets_a_letter_twice_when_the_mailing_worker_is_killed(
    house: Running, mail: MailServer
) -> None:
    """What was under way is not sent again; all the others get theirs."""
    hesitating = Hesitating(mail)
    plan_letters(house)
    jobs.use_broker(house.broker_url)
    jobs.send(jobs.Job.DELIVER_DIGEST)
    assert hesitating.reached.wait(60), house.log.read_text()[-3000:]

    house.kill("worker")
    hesitating.may_go_on.set()

    wait_until(
        lambda: states(house)[LetterState.SENT] == READERS - 1,
        f"the other letters; {states(house)} {house.log.read_text()[-3000:]}",
        within_s=RECOVERS_WITHIN_S,
    )
    left = states(house)
    assert left[LetterState.SENDING] + left[LetterState.UNKNOWN] == 1
    got = Counter(one for received in mail.received for one in received.recipients)
    assert len(got) == READERS
    assert set(got.values()) == {1}
