"""Letters leaving: claimed, begun, sent, noted. Nobody gets one twice.

A letter is `sending` in the database before a byte of it leaves, so that a crash can
never look like a letter that was not sent. Whoever finds it so later says `unknown`,
and a person decides. A claim alone is a hint to other workers, no promise.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.letters import letter_values
from advocacy.digest.models import (
    LIVE,
    NOT_SURE,
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterState,
)
from advocacy.digest.progress import close_finished, hold_late, mark_unknown
from advocacy.digest.rendering import LetterValues, message_of, render
from advocacy.i18n import N_
from advocacy.outbound.mail import MailRefused, Refusal, Sender
from advocacy.people.models import Employee

log = logging.getLogger(__name__)

RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
CLAIM_LEASE = timedelta(seconds=30)  # letters of a dead worker are free again then
SEND_LEASE = timedelta(seconds=150)  # an SMTP conversation has ended by then
CHUNK = 20  # letters written at a time: what is withdrawn meanwhile is out in seconds

UNWRITABLE = N_("The letter could not be written; the log says why.")

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended."""

    letter_id: int
    attempt: int
    refused: MailRefused | None = None


def deliver_due(
    transactions: Transactions,
    sender: Sender,
    now: Callable[[], datetime],
    *,
    head: Letterhead,
    limit: int = 500,
    within: timedelta = timedelta(seconds=45),
    pause_s: float = 0.0,
) -> dict[str, int]:
    """Send the letters that are due; count them by how they ended.

    Safe to run twice at once, and to be killed anywhere. The sender stays open.

    Args:
        now: The clock.
        limit: Letters at most.
        within: No letters are taken in hand after this long; the next sweep goes on.
        pause_s: Wait between two letters, for the mail server's sake.
    """
    tally: Counter[LetterState] = Counter()
    started = now()
    with transactions() as session:
        mark_unknown(session, started)
        hold_late(session, started)
    run = _Run(transactions, sender, now, pause_s, tally)
    left = limit
    while left > 0 and now() - started < within:
        with transactions() as session:
            claimed = claim(session, now(), min(left, CHUNK))
            if not claimed:
                break
            written = letter_values(session, claimed, now=now(), head=head)
        left -= len(claimed)
        if not run.send([(letter, written[letter]) for letter in claimed]):
            break  # the mail server has enough for now
    with transactions() as session:
        close_finished(session, now())
    return {state.value: count for state, count in tally.items()}


def claim(session: Session, now: datetime, limit: int) -> list[int]:
    """Take due letters in hand by one conditional UPDATE; give their ids in order."""
    due = (
        select(Letter.id)
        .join(Edition, Edition.id == Letter.edition_id)
        .where(
            Letter.state == LetterState.PENDING,
            Letter.send_after <= now,
            (Letter.lease_until.is_(None)) | (Letter.lease_until <= now),
            Edition.state.in_(LIVE),
        )
        .order_by(Letter.send_after, Letter.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Letter)
    )
    claimed = session.execute(
        update(Letter)
        .where(Letter.id.in_(due.scalar_subquery()))
        .where(Letter.state == LetterState.PENDING)
        .values(lease_until=now + CLAIM_LEASE)
        .returning(Letter.id, Letter.edition_id)
        .execution_options(synchronize_session=False)
    ).all()
    editions = {edition_id for _, edition_id in claimed}
    session.execute(
        update(Edition)
        .where(Edition.id.in_(editions), Edition.state == EditionState.SCHEDULED)
        .values(state=EditionState.SENDING)
    )
    return sorted(letter_id for letter_id, _ in claimed)


def begin(session: Session, letter_id: int, now: datetime) -> int | None:
    """Mark a letter as being sent; give the number of the attempt.

    None if it may not leave any more: another worker has it, the edition is held,
    or its reader left. This is the last look before it leaves.
    """
    wanted = exists().where(
        Employee.id == Letter.employee_id,
        Employee.left_at.is_(None),
        Employee.wants_digest,
    )
    live = exists().where(Edition.id == Letter.edition_id, Edition.state.in_(LIVE))
    return session.scalar(
        update(Letter)
        .where(
            Letter.id == letter_id,
            Letter.state == LetterState.PENDING,
            Letter.send_after <= now,
            wanted,
            live,
        )
        .values(
            state=LetterState.SENDING,
            attempts=Letter.attempts + 1,
            lease_until=now + SEND_LEASE,
        )
        .returning(Letter.attempts)
        .execution_options(synchronize_session=False)
    )


def note(session: Session, outcome: Outcome, now: datetime) -> LetterState:
    """Write down how an attempt ended; a later attempt is not touched."""
    refused, attempt = outcome.refused, outcome.attempt
    values: dict[str, object] = {"lease_until": None, "reason": ""}
    if refused is None:
        values |= {"state": LetterState.SENT, "sent_at": now}
    elif refused.kind is Refusal.UNKNOWN:
        values |= {"state": LetterState.UNKNOWN, "reason": NOT_SURE}
    elif refused.kind is Refusal.AUTH:  # not this letter's fault: it loses no attempt
        values |= {"state": LetterState.PENDING, "attempts": attempt - 1}
    elif refused.kind is Refusal.TEMPORARY and attempt <= len(RETRY_AFTER):
        values |= {
            "state": LetterState.PENDING,
            "reason": refused.detail,
            "send_after": now + RETRY_AFTER[attempt - 1],
        }
    else:
        values |= {"state": LetterState.FAILED, "reason": refused.detail}
    edition_id = session.scalar(
        update(Letter)
        .where(
            Letter.id == outcome.letter_id,
            Letter.attempts == attempt,
            Letter.state.in_([LetterState.SENDING, LetterState.UNKNOWN]),
        )
        .values(values)
        .returning(Letter.edition_id)
        .execution_options(synchronize_session=False)
    )
    if refused is not None and refused.kind is Refusal.AUTH:
        session.execute(
            update(Edition)
            .where(Edition.id == edition_id, Edition.state.in_(LIVE))
            .values(
                state=EditionState.PAUSED, hold=Hold.REFUSED, hold_detail=refused.detail
            )
        )
    state = values["state"]
    assert isinstance(state, LetterState)
    return state


class _Run:
    """Some claimed letters on their way, one after another."""

    def __init__(
        self,
        transactions: Transactions,
        sender: Sender,
        now: Callable[[], datetime],
        pause_s: float,
        tally: Counter[LetterState],
    ) -> None:
        self._transactions = transactions
        self._sender = sender
        self._now = now
        self._pause_s = pause_s
        self._tally = tally
        self._ended: Outcome | None = None  # not written down yet

    def send(self, letters: Sequence[tuple[int, LetterValues | str]]) -> bool:
        """Send letters, each begun and noted; False if the server takes no more now."""
        waiting = [letter_id for letter_id, _ in letters]
        try:
            for letter_id, values in letters:
                waiting.remove(letter_id)
                if isinstance(values, str):
                    self._end_unsent(letter_id, LetterState.SKIPPED, values)
                elif not self._send_one(letter_id, values):
                    return False
        finally:
            self._note_and(lambda session: _let_go(session, waiting))
        return True

    def _send_one(self, letter_id: int, values: LetterValues) -> bool:
        try:
            message = message_of(values, render(values), now=self._now())
        except Exception:
            # One letter that cannot be written must not keep the others from leaving.
            log.exception("Letter %s could not be written", letter_id)
            self._end_unsent(letter_id, LetterState.FAILED, UNWRITABLE)
            return True
        # One transaction notes a letter and begins the next: half the commits.
        attempt = self._note_and(lambda session: begin(session, letter_id, self._now()))
        if attempt is None:
            return True
        refused: MailRefused | None = None
        try:
            self._sender.send(
                message, sender=values.sender.address, to=values.to.address
            )
        except MailRefused as error:
            refused = error
        self._ended = Outcome(letter_id, attempt, refused)
        if self._pause_s:
            self._note_and(lambda _session: None)
            time.sleep(self._pause_s)
        return refused is None or not refused.for_all

    def _note_and(self, act: Callable[[Session], T]) -> T:
        """Write down how the last letter ended, and do something more with it."""
        with self._transactions() as session:
            state = note(session, self._ended, self._now()) if self._ended else None
            result = act(session)
        self._ended = None
        if state is not None:
            self._tally[state] += 1
        return result

    def _end_unsent(self, letter_id: int, state: LetterState, reason: str) -> None:
        with self._transactions() as session:
            _end_unsent(session, letter_id, state, reason)
        self._tally[state] += 1


def _end_unsent(
    session: Session, letter_id: int, state: LetterState, reason: str
) -> None:
    """Close a letter that has not left, unless somebody else has begun it."""
    session.execute(
        update(Letter)
        .where(Letter.id == letter_id, Letter.state == LetterState.PENDING)
        .values(state=state, reason=reason, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _let_go(session: Session, letter_ids: Sequence[int]) -> None:
    """Let other workers have letters at once that were claimed and not begun."""
    if letter_ids:
        session.execute(
            update(Letter)
            .where(Letter.id.in_(letter_ids), Letter.state == LetterState.PENDING)
            .values(lease_until=None)
            .execution_options(synchronize_session=False)
        )
