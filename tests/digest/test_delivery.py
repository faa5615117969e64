"""Letters leaving: once per person, through crashes, refusals and second workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest import delivery
from advocacy.digest.calendar import LATE_MAX
from advocacy.digest.delivery import (
    CLAIM_LEASE,
    RETRY_AFTER,
    SEND_LEASE,
    begin,
    claim,
    deliver_due,
)
from advocacy.digest.editions import cancel, pause, plan, release
from advocacy.digest.models import (
    LEFT_THE_COMPANY,
    LEFT_THE_DIGEST,
    NOTHING_LEFT,
    EditionState,
    Hold,
    Letter,
    LetterState,
)
from advocacy.digest.progress import ATTEND_EVERY, settle
from advocacy.digest.queries import undelivered
from advocacy.errors import Conflict, NotFound
from advocacy.offers.models import SetAside
from advocacy.outbound.mail import MailRefused, Refusal, Relay, SmtpSender
from advocacy.people.models import Employee
from advocacy.queue.models import Item
from tests.digest.post import (
    HEAD,
    WEEK,
    Clock,
    Tray,
    edition,
    letters,
    make_news,
    make_readers,
    make_shares,
    states,
    withdraw,
)
from tests.makers import NOW, make_employee
from tests.servers import smtp_server

PENDING, SENT = LetterState.PENDING, LetterState.SENT
FAILED, UNKNOWN = LetterState.FAILED, LetterState.UNKNOWN
SKIPPED, SENDING = LetterState.SKIPPED, LetterState.SENDING


@pytest.fixture
def clock() -> Clock:
    """It is Monday, nine o'clock, until the test says otherwise."""
    return Clock()


@pytest.fixture
def tray() -> Tray:
    """A mail server that takes everything until it is told otherwise."""
    return Tray()


def prepared(
    transactions: Transactions, count: int = 3
) -> tuple[list[Employee], list[Item]]:
    """Plan an edition with two stories for some readers."""
    with transactions() as session:
        items = [make_news(session), make_news(session)]
        readers = make_readers(session, count)
    assert plan(transactions, now=NOW - timedelta(hours=20), head=HEAD) is (
        EditionState.SCHEDULED
    )
    return readers, items


def deliver(
    transactions: Transactions, tray: Tray | SmtpSender, clock: Clock
) -> dict[str, int]:
    """Deliver as the tick does."""
    return deliver_due(transactions, tray, clock, head=HEAD)


def refusing(kind: Refusal, *, for_all: bool = False) -> Callable[[str], MailRefused]:
    """Refuse every mail in the same way."""
    return lambda _to: MailRefused(kind, "no", for_all=for_all)


def test_everybody_gets_the_letter_once(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """However often the tick comes; then the edition is closed."""
    readers, _ = prepared(transactions)

    assert deliver(transactions, tray, clock) == {"sent": 3}
    assert deliver(transactions, tray, clock) == {}

    assert tray.readers == sorted(reader.email for reader in readers)
    assert edition(transactions).state is EditionState.SENT
    assert edition(transactions).finished_at == NOW
    assert {letter.sent_at for letter in letters(transactions)} == {NOW}


def test_nothing_leaves_before_its_hour(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """New York is still asleep when Amsterdam reads."""
    with transactions() as session:
        make_news(session)
        make_employee(session, timezone="America/New_York")
        make_employee(session, timezone="Europe/Amsterdam")
    plan(transactions, now=NOW - timedelta(hours=20), head=HEAD)

    deliver(transactions, tray, clock)
    assert states(transactions) == [PENDING, SENT]
    assert edition(transactions).state is EditionState.SENDING

    clock.forward(hours=6)
    deliver(transactions, tray, clock)
    assert states(transactions) == [SENT, SENT]


def test_many_letters_leave_in_one_run(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """More than are written at a time."""
    prepared(transactions, delivery.CHUNK * 2 + 1)

    assert deliver(transactions, tray, clock) == {"sent": delivery.CHUNK * 2 + 1}


def test_a_run_stops_at_its_limit(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A task must end in time; the next goes on."""
    prepared(transactions, 5)

    found = deliver_due(transactions, tray, clock, head=HEAD, limit=2)

    assert found == {"sent": 2}
    assert states(transactions).count(PENDING) == 3
    assert deliver(transactions, tray, clock) == {"sent": 3}


def test_a_temporary_refusal_is_tried_again_over_hours(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """After 5 min, 15 min, 1 h and 4 h; then a person must look."""
    prepared(transactions, 1)
    tray.refuse = refusing(Refusal.TEMPORARY)

    for wait in RETRY_AFTER:
        assert deliver(transactions, tray, clock) == {"pending": 1}
        assert letters(transactions)[0].send_after == clock.at + wait
        clock.at += wait - timedelta(seconds=1)
        assert deliver(transactions, tray, clock) == {}
        clock.forward(seconds=1)
    assert deliver(transactions, tray, clock) == {"failed": 1}

    assert tray.asked == len(RETRY_AFTER) + 1
    assert edition(transactions).state is EditionState.PARTIAL


def test_a_letter_that_is_taken_later_arrives_once(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Greylisting costs five minutes."""
    prepared(transactions, 1)
    tray.refuse = refusing(Refusal.TEMPORARY)
    deliver(transactions, tray, clock)
    tray.refuse = lambda _to: None
    clock.forward(minutes=5)

    assert deliver(transactions, tray, clock) == {"sent": 1}
    assert edition(transactions).state is EditionState.SENT


def test_a_permanent_refusal_is_not_tried_again(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """The others get theirs, and comms sees who did not."""
    readers, _ = prepared(transactions)
    gone = readers[1]
    tray.refuse = lambda to: (
        MailRefused(Refusal.PERMANENT, "550 no such user") if to == gone.email else None
    )

    assert deliver(transactions, tray, clock) == {"sent": 2, "failed": 1}

    clock.forward(days=1)
    assert deliver(transactions, tray, clock) == {}
    with transactions() as session:
        (letter,) = undelivered(session, WEEK)
    assert (letter.name, letter.reason) == (gone.name, "550 no such user")


def test_an_unknown_outcome_is_never_sent_again_by_itself(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A letter twice is worse than one that somebody must ask about."""
    prepared(transactions, 1)
    tray.refuse = refusing(Refusal.UNKNOWN)

    assert deliver(transactions, tray, clock) == {"unknown": 1}
    clock.forward(days=1)
    assert deliver(transactions, tray, clock) == {}

    assert tray.asked == 1
    assert edition(transactions).state is EditionState.PARTIAL


def test_a_person_decides_about_an_unknown_outcome(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Their word is taken: one arrived, the other is sent once more."""
    prepared(transactions, 2)
    tray.refuse = refusing(Refusal.UNKNOWN)
    deliver(transactions, tray, clock)
    first, second = letters(transactions)
    tray.refuse = lambda _to: None

    with transactions() as session:
        settle(session, first.id, arrived=True, now=clock())
        settle(session, second.id, arrived=False, now=clock())

    assert deliver(transactions, tray, clock) == {"sent": 1}
    assert edition(transactions).state is EditionState.SENT


def test_only_an_unknown_outcome_can_be_decided(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Nobody sends a letter twice with an old page."""
    prepared(transactions, 1)
    deliver(transactions, tray, clock)
    (letter,) = letters(transactions)

    with transactions() as session, pytest.raises(Conflict):
        settle(session, letter.id, arrived=False, now=clock())
    with transactions() as session, pytest.raises(NotFound):
        settle(session, letter.id + 1, arrived=False, now=clock())


def test_a_refused_sign_in_pauses_the_edition_and_costs_no_letter(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A wrong password must not burn everybody's attempts."""
    prepared(transactions)
    tray.refuse = refusing(Refusal.AUTH, for_all=True)

    deliver(transactions, tray, clock)

    found = edition(transactions)
    assert (found.state, found.hold) == (EditionState.PAUSED, Hold.REFUSED)
    assert found.hold_detail == "no"
    assert tray.asked == 1
    assert states(transactions) == [PENDING] * 3
    assert {letter.attempts for letter in letters(transactions)} == {0}

    tray.refuse = lambda _to: None
    release(transactions, WEEK, now=clock(), head=HEAD)
    assert deliver(transactions, tray, clock) == {"sent": 3}


def test_a_server_that_has_enough_is_left_alone_for_now(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """The next sweep tries the others; they are nobody's meanwhile."""
    prepared(transactions)
    tray.refuse = refusing(Refusal.TEMPORARY, for_all=True)

    assert deliver(transactions, tray, clock) == {"pending": 1}

    assert tray.asked == 1
    assert {letter.lease_until for letter in letters(transactions)} == {None}


def test_what_was_withdrawn_before_sending_is_left_out(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A letter cannot be taken back; a story in it can, until then."""
    (reader,), (kept, taken_back) = prepared(transactions, 1)
    withdraw(transactions, taken_back)

    deliver(transactions, tray, clock)

    text = tray.text_for(reader.email)
    assert kept.title in text
    assert taken_back.title not in text


def test_a_letter_with_nothing_left_is_not_sent(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """An empty letter is no letter."""
    _, items = prepared(transactions, 1)
    for item in items:
        withdraw(transactions, item)

    assert deliver(transactions, tray, clock) == {"skipped": 1}
    assert letters(transactions)[0].reason == NOTHING_LEFT
    assert tray.asked == 0
    assert edition(transactions).state is EditionState.SENT


def test_what_was_shared_or_set_aside_meanwhile_is_left_out(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """They were quicker than the letter."""
    (reader,), (shared, aside) = prepared(transactions, 1)
    with transactions() as session:
        make_shares(session, shared, [reader])
        session.add(SetAside(employee_id=reader.id, item_id=aside.id, at=NOW))

    assert deliver(transactions, tray, clock) == {"skipped": 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"wants_digest": False}, LEFT_THE_DIGEST),
        ({"left_at": NOW}, LEFT_THE_COMPANY),
    ],
)
def test_who_left_meanwhile_gets_no_letter(
    transactions: Transactions,
    tray: Tray,
    clock: Clock,
    change: dict[str, object],
    reason: str,
) -> None:
    """Leaving works at once, not from next week on."""
    (reader,), _ = prepared(transactions, 1)
    with transactions() as session:
        session.execute(update(Employee).where(Employee.id == reader.id).values(change))

    assert deliver(transactions, tray, clock) == {"skipped": 1}
    assert letters(transactions)[0].reason == reason
    assert tray.asked == 0


def test_who_leaves_while_letters_leave_gets_none(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """The last look comes right before the mail server is asked."""
    first, second = prepared(transactions, 2)[0]

    def leave(_to: str) -> None:
        with transactions() as session:
            session.get_one(Employee, second.id).wants_digest = False

    tray.refuse = leave
    deliver(transactions, tray, clock)
    clock.at += CLAIM_LEASE
    deliver(transactions, tray, clock)

    assert tray.readers == [first.email]
    assert states(transactions) == [SENT, SKIPPED]


@pytest.mark.parametrize("stop", [pause, lambda s, w: cancel(s, w, now=NOW)])
def test_a_stop_acts_at_the_next_letter(
    transactions: Transactions,
    tray: Tray,
    clock: Clock,
    stop: Callable[[Session, str], None],
) -> None:
    """Within the run, not after it."""
    prepared(transactions, 3)

    def press(_to: str) -> None:
        if tray.asked == 1:
            with transactions() as session:
                stop(session, WEEK)

    tray.refuse = press
    deliver(transactions, tray, clock)

    assert tray.asked == 1
    assert states(transactions).count(SENT) == 1


def test_letters_of_which_a_worker_died_are_unknown(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Killed between sending and noting: nobody can say which side of it."""
    prepared(transactions, 2)
    with transactions() as session:
        first, _ = claim(session, clock(), 2)
        assert begin(session, first, clock()) == 1

    deliver(transactions, tray, clock)
    assert states(transactions).count(SENDING) == 1
    clock.at += SEND_LEASE
    deliver(transactions, tray, clock)

    assert sorted(states(transactions)) == [SENT, UNKNOWN]
    assert tray.asked == 1


def test_letters_claimed_by_a_dead_worker_are_soon_free(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A claim alone has sent nothing: no need to wait for a person."""
    prepared(transactions, 2)
    with transactions() as session:
        assert len(claim(session, clock(), 2)) == 2

    assert deliver(transactions, tray, clock) == {}
    clock.at += CLAIM_LEASE

    assert deliver(transactions, tray, clock) == {"sent": 2}


class Killed(BaseException):
    """What a kill looks like from within: nothing after it runs."""


STEPS = range(1, 12)


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_commit_sends_nothing_twice_and_loses_nobody(
    transactions: Transactions, tray: Tray, clock: Clock, step: int
) -> None:
    """Each transaction in turn is the last that the worker sees."""
    readers, _ = prepared(transactions, 3)

    with suppress(Killed):  # where it had fewer transactions, it ends in peace
        deliver(killed_at(step, transactions), tray, clock)
    for _ in range(3):
        clock.at += SEND_LEASE
        deliver(transactions, tray, clock)

    assert len(set(tray.readers)) == len(tray.readers)
    listed = states(transactions)
    assert listed.count(SENT) + listed.count(UNKNOWN) == len(readers)
    assert listed.count(UNKNOWN) <= 1
    sent = {letter.employee_id for letter in letters(transactions) if letter.sent_at}
    assert {reader.email for reader in readers if reader.id in sent} <= set(
        tray.readers
    )


def killed_at(step: int, transactions: Transactions) -> Transactions:
    """Open transactions until one of them, and all after it, fail to commit."""
    opened = 0

    @contextmanager
    def opener() -> Iterator[Session]:
        nonlocal opened
        opened += 1
        with transactions() as session:
            yield session
            if opened >= step:
                raise Killed

    return opener


@pytest.mark.parametrize("kill", [KeyboardInterrupt, SystemExit])
def test_a_worker_told_to_stop_keeps_what_it_knows(
    transactions: Transactions, tray: Tray, clock: Clock, kill: type[BaseException]
) -> None:
    """The letter in the air is unknown; the one before is noted, the rest let go."""
    prepared(transactions, 3)
    tray.refuse = lambda _to: kill() if tray.asked == 2 else None

    with pytest.raises(kill):
        deliver(transactions, tray, clock)

    assert sorted(states(transactions)) == [PENDING, SENDING, SENT]
    tray.refuse = lambda _to: None
    deliver(transactions, tray, clock)
    clock.at += SEND_LEASE
    deliver(transactions, tray, clock)
    assert sorted(states(transactions)) == [SENT, SENT, UNKNOWN]


def test_a_letter_that_cannot_be_written_keeps_nobody_else_waiting(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """One wrong address in a file must not stop the others."""
    readers, _ = prepared(transactions, 2)
    with transactions() as session:
        session.get_one(Employee, readers[0].id).email = "not an address"

    assert deliver(transactions, tray, clock) == {"failed": 1, "sent": 1}


def test_two_workers_at_once_send_each_letter_once(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Each claims rows of its own; where they meet, one of them begins."""
    readers, _ = prepared(transactions, 60)

    workers = [
        Thread(target=deliver, args=(transactions, tray, clock)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver(transactions, tray, clock)

    assert tray.readers == sorted(reader.email for reader in readers)


def test_a_claim_that_ran_out_cannot_send_a_second_letter(
    transactions: Transactions, clock: Clock
) -> None:
    """Two workers hold the same claim; beginning decides."""
    prepared(transactions, 1)
    with transactions() as session:
        (letter,) = claim(session, clock(), 1)
    clock.at += CLAIM_LEASE
    with transactions() as session:
        assert claim(session, clock(), 1) == [letter]

    with transactions() as session:
        assert begin(session, letter, clock()) == 1
    with transactions() as session:
        assert begin(session, letter, clock()) is None


def test_a_word_that_comes_late_still_counts(
    transactions: Transactions, clock: Clock
) -> None:
    """The slow worker knows what the sweep could only guess."""
    prepared(transactions, 1)
    slow = Tray()

    def wait(_to: str) -> None:
        clock.at += SEND_LEASE
        deliver(transactions, Tray(), clock)
        assert states(transactions) == [UNKNOWN]

    slow.refuse = wait
    deliver(transactions, slow, clock)

    assert states(transactions) == [SENT]


def test_a_run_that_nobody_made_for_six_hours_asks_first(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """Workers down since before nine: at four comms decide."""
    prepared(transactions, 2)
    clock.at = NOW + LATE_MAX + timedelta(minutes=1)

    assert deliver(transactions, tray, clock) == {}

    found = edition(transactions)
    assert (found.state, found.hold) == (EditionState.PAUSED, Hold.LATE)
    release(transactions, WEEK, now=clock(), head=HEAD)
    assert deliver(transactions, tray, clock) == {"sent": 2}


def test_a_run_that_takes_long_is_not_late(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A slow mail server and many people may take the whole day."""
    prepared(transactions, 12)
    while PENDING in states(transactions):
        deliver_due(transactions, tray, clock, head=HEAD, limit=1)
        clock.at += timedelta(hours=1)

    assert states(transactions) == [SENT] * 12


def test_a_waiting_edition_is_not_written_each_minute(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """A sweep that finds nothing leaves the database alone."""
    prepared(transactions, 1)
    clock.at = NOW - timedelta(hours=2)
    deliver(transactions, tray, clock)
    attended = edition(transactions).attended_at

    clock.at += ATTEND_EVERY - timedelta(minutes=1)
    deliver(transactions, tray, clock)

    assert edition(transactions).attended_at == attended


def test_a_real_server_gets_each_letter_once(
    transactions: Transactions, clock: Clock
) -> None:
    """Over one connection, with the fate of each letter as the server tells it."""
    readers, _ = prepared(transactions, 5)
    busy, gone, lost = (reader.email for reader in readers[:3])

    with smtp_server() as server:
        sender = SmtpSender(Relay.read(server.url), timeout_s=5)
        server.on_recipient = {
            busy: "450 4.2.1 come back later",
            gone: "550 5.1.1 no such user",
        }.get
        server.hang_up_after_data = lambda to: to == lost

        found = deliver(transactions, sender, clock)
        server.on_recipient = lambda _to: None
        clock.forward(minutes=5)
        again = deliver(transactions, sender, clock)
        sender.close()

    assert found == {"pending": 1, "failed": 1, "unknown": 1, "sent": 2}
    assert again == {"sent": 1}
    got = [to for mail in server.received for to in mail.recipients]
    assert sorted(got) == sorted(
        reader.email for reader in readers if reader.email != gone
    )


def test_what_was_erased_of_a_person_does_not_stop_the_others(
    transactions: Transactions, tray: Tray, clock: Clock
) -> None:
    """The row of the letter stays, without anybody in it."""
    prepared(transactions, 2)
    with transactions() as session:
        first = session.scalars(select(Letter).order_by(Letter.id)).first()
        assert first is not None
        first.employee_id = None

    assert deliver(transactions, tray, clock) == {"skipped": 1, "sent": 1}
    assert letters(transactions)[0].reason == LEFT_THE_COMPANY


def test_the_clock_is_asked_anew_for_each_letter(
    transactions: Transactions, tray: Tray
) -> None:
    """A long run must not date its last letter to its beginning."""
    prepared(transactions, 2)
    moments: Iterator[datetime] = iter(NOW + timedelta(seconds=n) for n in range(99))

    deliver_due(transactions, tray, lambda: next(moments), head=HEAD)

    first, second = (letter.sent_at for letter in letters(transactions))
    assert first is not None
    assert second is not None
    assert first < second
