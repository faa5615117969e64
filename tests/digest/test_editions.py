"""Planning a week's letter: everybody once, frozen, and never behind comms' back."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest import planning
from advocacy.digest.calendar import LATE_MAX, PLAN_AHEAD, week_after
from advocacy.digest.editions import (
    LOOK_AGAIN,
    EditionRefused,
    cancel,
    pause,
    plan,
    release,
    send_now,
    write_opening,
)
from advocacy.digest.models import (
    CANCELLED,
    LEFT_THE_DIGEST,
    NOTHING_NEW,
    Edition,
    EditionState,
    Hold,
    Letter,
    LetterItem,
    LetterState,
)
from advocacy.digest.queries import status
from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.offers.models import SetAside
from advocacy.people.models import Employee
from advocacy.queue.models import FollowedTopic
from tests.digest.post import (
    HEAD,
    WEEK,
    carried,
    edition,
    letters,
    make_news,
    make_readers,
    make_shares,
    make_topic,
    states,
)
from tests.makers import NOW, make_employee

BEFORE = NOW - timedelta(hours=20)  # Sunday


def planned(transactions: Transactions, now: datetime = BEFORE) -> EditionState:
    """Plan as the tick does."""
    return plan(transactions, now=now, head=HEAD)


def test_everybody_gets_one_letter(transactions: Transactions) -> None:
    """And an edition whose letters are written is scheduled."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 3)

    assert planned(transactions) is EditionState.SCHEDULED

    assert states(transactions) == [LetterState.PENDING] * 3
    assert edition(transactions).week == WEEK


def test_planning_twice_changes_nothing(transactions: Transactions) -> None:
    """The tick comes every minute, from every clock."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 3)
    planned(transactions)
    before = [(letter.id, letter.send_after) for letter in letters(transactions)]
    with transactions() as session:
        make_news(session)

    planned(transactions, BEFORE + timedelta(minutes=1))

    assert [
        (letter.id, letter.send_after) for letter in letters(transactions)
    ] == before
    with transactions() as session:
        assert session.scalar(select(func.count()).select_from(LetterItem)) == 3


def test_a_planner_that_died_is_followed_by_one_that_goes_on(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is kept; nobody gets a second letter for it."""
    monkeypatch.setattr(planning, "BATCH", 2)
    with transactions() as session:
        make_news(session)
        make_readers(session, 5)
    write = planning._write_batch  # noqa: SLF001 - the point at which it dies
    batches: list[int] = []

    def die_at_the_second(
        session: Session, run: planning._Plan, after: int
    ) -> int | None:
        batches.append(after)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return write(session, run, after)

    with monkeypatch.context() as patched:
        patched.setattr(planning, "_write_batch", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            planned(transactions)
    assert len(letters(transactions)) == 2
    assert edition(transactions).state is EditionState.DRAFT

    planned(transactions, BEFORE + timedelta(minutes=1))

    written = letters(transactions)
    assert len({letter.employee_id for letter in written}) == len(written) == 5
    assert edition(transactions).state is EditionState.SCHEDULED


def test_the_database_itself_refuses_a_second_letter(
    transactions: Transactions,
) -> None:
    """Whatever a program does wrong."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    planned(transactions)
    (letter,) = letters(transactions)

    with pytest.raises(IntegrityError), transactions() as session:
        session.add(
            Letter(
                edition_id=letter.edition_id,
                employee_id=letter.employee_id,
                send_after=NOW,
            )
        )


def test_a_letter_leaves_at_nine_where_its_reader_is(
    transactions: Transactions,
) -> None:
    """Each at their own breakfast."""
    with transactions() as session:
        make_news(session)
        for zone in ("Europe/Amsterdam", "America/New_York", "nowhere"):
            make_employee(session, timezone=zone)
    planned(transactions)

    assert [letter.send_after for letter in letters(transactions)] == [
        datetime(2026, 11, 23, 8, tzinfo=UTC),
        datetime(2026, 11, 23, 14, tzinfo=UTC),
        datetime(2026, 11, 23, 8, tzinfo=UTC),  # the organisation's
    ]


def test_who_left_the_letter_is_skipped_and_who_left_the_company_has_none(
    transactions: Transactions,
) -> None:
    """The first is counted, so that the numbers add up."""
    with transactions() as session:
        make_news(session)
        make_employee(session)
        make_employee(session, wants_digest=False)
        make_employee(session, left_at=NOW - timedelta(days=1))
    planned(transactions)

    assert [(letter.state, letter.reason) for letter in letters(transactions)] == [
        (LetterState.PENDING, ""),
        (LetterState.SKIPPED, LEFT_THE_DIGEST),
    ]


def test_who_has_seen_it_all_is_not_written_to(transactions: Transactions) -> None:
    """Shared or set aside: both mean that it need not come again."""
    with transactions() as session:
        item = make_news(session)
        fresh, sharer, refuser = make_readers(session, 3)
        make_shares(session, item, [sharer], at=BEFORE)
        session.add(SetAside(employee_id=refuser.id, item_id=item.id, at=BEFORE))
    planned(transactions)

    found = {letter.employee_id: letter.reason for letter in letters(transactions)}
    assert found == {fresh.id: "", sharer.id: NOTHING_NEW, refuser.id: NOTHING_NEW}


def test_what_a_letter_carried_does_not_come_again(transactions: Transactions) -> None:
    """A story that was not shared last week is not nagged about."""
    with transactions() as session:
        old = make_news(session)
        (reader,) = make_readers(session, 1)
    planned(transactions)
    with transactions() as session:
        new = make_news(session)

    planned(transactions, BEFORE + timedelta(days=7))

    assert [line.item_id for line in carried(transactions, reader)] == [old.id, new.id]


def test_a_letter_says_which_topic_it_was_chosen_for(
    transactions: Transactions,
) -> None:
    """The reason is frozen with the choice."""
    with transactions() as session:
        item = make_news(session)
        topic = make_topic(session, "Techniek", item)
        (reader,) = make_readers(session, 1)
        session.add(FollowedTopic(employee_id=reader.id, topic_id=topic.id))
    planned(transactions)

    (line,) = carried(transactions, reader)
    assert (line.because, line.topic_id, line.position) == ("follows", topic.id, 1)


def test_nothing_unapproved_is_planned(transactions: Transactions) -> None:
    """The post must be of the very content that comms approved."""
    with transactions() as session:
        make_news(session, post={"revision_hash": "of an older revision"})
        make_readers(session, 1)

    assert planned(transactions) is EditionState.DRAFT


def test_an_empty_edition_stays_a_draft_and_is_looked_at_again(
    transactions: Transactions,
) -> None:
    """News approved on Sunday evening still gets in."""
    with transactions() as session:
        make_readers(session, 2)
    planned(transactions)
    assert (edition(transactions).hold, letters(transactions)) == (Hold.EMPTY, [])
    with transactions() as session:
        make_news(session)

    planned(transactions, BEFORE + timedelta(minutes=5))
    assert letters(transactions) == []
    planned(transactions, BEFORE + LOOK_AGAIN)

    assert states(transactions) == [LetterState.PENDING] * 2


def test_an_edition_that_is_empty_for_each_reader_is_empty(
    transactions: Transactions,
) -> None:
    """There is news, but nobody to whom it would be new."""
    with transactions() as session:
        make_news(session)
        make_employee(session, wants_digest=False)

    planned(transactions)

    assert (edition(transactions).hold, letters(transactions)) == (Hold.EMPTY, [])


def test_what_starts_too_late_is_left_to_comms(transactions: Transactions) -> None:
    """Monday's letter on Tuesday may be worse than none; they decide."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    late = NOW + LATE_MAX + timedelta(minutes=1)

    assert planned(transactions, late) is EditionState.DRAFT
    assert edition(transactions).hold is Hold.LATE
    assert letters(transactions) == []

    release(transactions, WEEK, now=late, head=HEAD)
    assert states(transactions) == [LetterState.PENDING]
    assert edition(transactions).state is EditionState.SCHEDULED


def test_what_starts_a_little_late_leaves_at_once(transactions: Transactions) -> None:
    """An hour without workers is no reason to ask anybody."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)

    planned(transactions, NOW + timedelta(hours=1))

    assert letters(transactions)[0].send_after == NOW


def test_the_next_edition_is_planned_a_day_ahead(transactions: Transactions) -> None:
    """So that comms can look at it, and every zone is in time."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    planned(transactions, NOW - PLAN_AHEAD - timedelta(minutes=1))
    with transactions() as session:
        assert session.scalar(select(Edition.week)) == "2026-W47"

    planned(transactions, NOW - PLAN_AHEAD)

    assert edition(transactions).state is EditionState.SCHEDULED


def test_the_best_story_of_last_week_is_thanked_for(transactions: Transactions) -> None:
    """From five people on; fewer could be pointed at."""
    with transactions() as session:
        item = make_news(session)
        make_news(session)
        readers = make_readers(session, 5)
        make_shares(session, item, readers, at=NOW - timedelta(days=4))
    planned(transactions)

    found = edition(transactions)
    assert (found.story_item_id, found.story_people) == (item.id, 5)


def test_sending_now_waits_for_no_hour(transactions: Transactions) -> None:
    """What comms say goes, whatever the clock says."""
    wednesday = NOW + timedelta(days=2)
    with transactions() as session:
        make_news(session)
        make_employee(session, timezone="Pacific/Auckland")

    send_now(transactions, WEEK, now=wednesday, head=HEAD)

    assert letters(transactions)[0].send_after == wednesday


def test_sending_now_takes_in_what_was_approved_meanwhile(
    transactions: Transactions,
) -> None:
    """As long as nobody has the letter, it can still change."""
    with transactions() as session:
        make_news(session)
        (reader,) = make_readers(session, 1)
    planned(transactions)
    with transactions() as session:
        make_news(session)

    send_now(transactions, WEEK, now=BEFORE + timedelta(hours=1), head=HEAD)

    assert len(carried(transactions, reader)) == 2
    assert states(transactions) == [LetterState.PENDING]


def test_sending_now_with_nothing_to_offer_says_so(transactions: Transactions) -> None:
    """And leaves the week open for when there is."""
    with transactions() as session:
        make_readers(session, 1)

    with pytest.raises(Conflict, match="approve an item"):
        send_now(transactions, WEEK, now=NOW, head=HEAD)

    with transactions() as session:
        make_news(session)
    send_now(transactions, WEEK, now=NOW, head=HEAD)
    assert states(transactions) == [LetterState.PENDING]


def test_sending_now_hurries_the_letters_of_later_zones(
    transactions: Transactions,
) -> None:
    """Those that wait for the mail server go on waiting."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 2, timezone="America/New_York")
    planned(transactions)
    with transactions() as session:
        found = session.scalars(select(Letter).order_by(Letter.id)).all()
        found[0].attempts = 1
        session.scalars(select(Edition)).one().state = EditionState.SENDING

    send_now(transactions, WEEK, now=NOW, head=HEAD)

    assert [letter.send_after == NOW for letter in letters(transactions)] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    "state",
    [
        EditionState.SENT,
        EditionState.PARTIAL,
        EditionState.CANCELLED,
        EditionState.PAUSED,
    ],
)
def test_sending_now_never_sends_an_edition_twice(
    transactions: Transactions, state: EditionState
) -> None:
    """One per week; what was cancelled stays so."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    planned(transactions)
    with transactions() as session:
        session.scalars(select(Edition)).one().state = state

    with pytest.raises(EditionRefused, match=WEEK):
        send_now(transactions, WEEK, now=NOW, head=HEAD)


def test_a_pause_holds_and_a_release_lets_go(transactions: Transactions) -> None:
    """Comms' brake."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    planned(transactions)

    with transactions() as session:
        pause(session, WEEK)
    assert edition(transactions).hold is Hold.COMMS

    release(transactions, WEEK, now=NOW, head=HEAD)
    assert edition(transactions).state is EditionState.SENDING
    assert edition(transactions).hold is Hold.NONE


def test_a_cancelled_edition_skips_who_has_no_letter_yet(
    transactions: Transactions,
) -> None:
    """Who has it keeps it; the others are counted."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 2)
    planned(transactions)
    with transactions() as session:
        session.scalars(select(Letter)).first().state = LetterState.SENT  # type: ignore[union-attr]  # there are two
        cancel(session, WEEK, now=NOW)

    assert [letter.reason for letter in letters(transactions)] == ["", CANCELLED]
    assert edition(transactions).state is EditionState.CANCELLED
    assert planned(transactions) is EditionState.CANCELLED


def test_what_has_left_can_be_neither_held_nor_stopped(
    transactions: Transactions,
) -> None:
    """The page may be an hour old; the answer says what is the case."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    planned(transactions)
    with transactions() as session:
        session.scalars(select(Edition)).one().state = EditionState.SENT

    with transactions() as session, pytest.raises(EditionRefused):
        pause(session, WEEK)
    with transactions() as session, pytest.raises(EditionRefused):
        cancel(session, WEEK, now=NOW)
    with transactions() as session, pytest.raises(EditionRefused):
        write_opening(session, WEEK, "Te laat", now=NOW)
    with pytest.raises(EditionRefused):
        release(transactions, WEEK, now=NOW, head=HEAD)


def test_a_week_without_an_edition_cannot_be_released(
    transactions: Transactions,
) -> None:
    """It says so."""
    with pytest.raises(NotFound, match=WEEK):
        release(transactions, WEEK, now=NOW, head=HEAD)


def test_comms_may_write_on_top_before_it_is_planned(
    transactions: Transactions,
) -> None:
    """And planning keeps it."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
        write_opening(session, WEEK, "  Feest:\nwij bestaan 50 jaar ", now=BEFORE)

    planned(transactions)

    assert edition(transactions).opening == "Feest: wij bestaan 50 jaar"
    assert edition(transactions).state is EditionState.SCHEDULED


def test_the_figures_of_an_edition_add_up(transactions: Transactions) -> None:
    """As scripts read them."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 2)
        make_employee(session, wants_digest=False)
    planned(transactions)

    with transactions() as session:
        found = status(session, WEEK)

    assert found["state"] == "scheduled"
    assert (found["planned"], found["pending"], found["skipped"]) == (3, 2, 1)
    assert (found["sent"], found["failed"], found["unknown"]) == (0, 0, 0)


def test_a_week_of_which_nothing_is_known_is_a_draft(
    transactions: Transactions,
) -> None:
    """And what is no week at all is refused."""
    with transactions() as session:
        assert status(session, week_after(WEEK))["state"] == "draft"
        with pytest.raises(Invalid):
            status(session, "next week")


def test_a_refusal_survives_the_way_between_processes() -> None:
    """As every error of ours."""
    error = EditionRefused(WEEK, EditionState.SENT)

    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own


def test_planning_takes_a_few_statements_for_many_people(
    transactions: Transactions,
) -> None:
    """A hundred thousand employees must stay possible: nothing is asked per person."""
    with transactions() as session:
        make_news(session)
        session.execute(
            insert(Employee),
            [
                {
                    "email": f"p{n}@example.org",
                    "name": f"P {n}",
                    "language": "nl",
                    "timezone": "Europe/Amsterdam",
                    "created_at": NOW,
                }
                for n in range(planning.BATCH * 2)
            ],
        )
        engine = session.get_bind()
    seen: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda *given: seen.append(str(given[2]))
    )

    planned(transactions)

    assert len(letters(transactions)) == planning.BATCH * 2
    assert len(seen) < 60


@pytest.mark.parametrize("week", ["2020-W01", "2031-W10"])
def test_no_letter_of_another_time_is_sent_by_hand(
    transactions: Transactions, week: str
) -> None:
    """A typing error must not mail everybody."""
    with pytest.raises(Invalid, match="not the week to send now"):
        send_now(transactions, week, now=NOW, head=HEAD)
