"""What a letter says to one person, before it leaves and in comms' preview."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.digest.delivery import deliver_due
from advocacy.digest.editions import plan, write_opening
from advocacy.digest.letter_links import (
    LetterLink,
    LinkUnreadable,
    read_leave_link,
    read_letter_link,
)
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.letters import LINKS_WORK_FOR, letter_values, preview
from advocacy.digest.readers import leave, reader_of
from advocacy.digest.rendering import LetterValues, Thanks
from advocacy.digest.story import BestStory, best_of_week
from advocacy.errors import Invalid
from advocacy.links.models import Share
from advocacy.links.states import Verdict
from advocacy.people.models import Employee
from advocacy.queue.models import FollowedTopic, Item
from advocacy.queue.states import ItemState
from advocacy.stats.models import DayTotal
from tests.digest.post import (
    HEAD,
    WEEK,
    Clock,
    Tray,
    letters,
    make_news,
    make_readers,
    make_shares,
    make_topic,
)
from tests.makers import NOW, make_employee, make_post

BEFORE = NOW - timedelta(hours=20)
LAST_WEEK = "2026-W47"
LAST_THURSDAY = NOW - timedelta(days=4)


def planned(transactions: Transactions) -> int:
    """Plan the edition, and give the first letter of it."""
    plan(transactions, now=BEFORE, head=HEAD)
    return letters(transactions)[0].id


def values_of(
    session: Session, letter_id: int, head: Letterhead = HEAD
) -> LetterValues:
    """Give what a letter says now."""
    found = letter_values(session, [letter_id], now=NOW, head=head)[letter_id]
    assert isinstance(found, LetterValues)
    return found


def token(url: str) -> str:
    """Give the signed part of an address."""
    return url.rpartition("/")[2]


def test_each_story_has_a_link_of_its_own(transactions: Transactions) -> None:
    """Signed for this letter and this item, for some weeks."""
    with transactions() as session:
        item = make_news(session)
        (reader,) = make_readers(session, 1)
    letter_id = planned(transactions)

    with transactions() as session:
        values = values_of(session, letter_id)
        (story,) = values.stories
        link = read_letter_link(token(story.url), NOW, secret=HEAD.secret)

        assert story.url.startswith("https://advocacy.example.org/m/")
        assert link == LetterLink(letter_id, item.id)
        assert reader_of(session, link).id == reader.id
        with pytest.raises(LinkUnreadable):
            read_letter_link(token(story.url), NOW + LINKS_WORK_FOR, secret=HEAD.secret)


def test_a_letter_written_again_is_the_same(transactions: Transactions) -> None:
    """A second attempt must not carry other links or another number."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    letter_id = planned(transactions)

    with transactions() as session:
        assert values_of(session, letter_id) == values_of(session, letter_id)


def test_a_letters_link_opens_nothing_for_who_left(transactions: Transactions) -> None:
    """Their mailbox may live on."""
    with transactions() as session:
        item = make_news(session)
        (reader,) = make_readers(session, 1)
    letter_id = planned(transactions)

    with transactions() as session:
        session.get_one(Employee, reader.id).left_at = NOW
    with transactions() as session, pytest.raises(LinkUnreadable):
        reader_of(session, LetterLink(letter_id, item.id))


def test_a_letters_link_opens_no_item_that_it_did_not_carry(
    transactions: Transactions,
) -> None:
    """Even if we had signed it."""
    with transactions() as session:
        item = make_news(session)
        make_readers(session, 1)
    letter_id = planned(transactions)

    with transactions() as session, pytest.raises(LinkUnreadable):
        reader_of(session, LetterLink(letter_id, item.id + 1))


def test_leaving_stops_the_letter(transactions: Transactions) -> None:
    """From the link alone, without a sign-in; twice is once."""
    with transactions() as session:
        make_news(session)
        (reader,) = make_readers(session, 1)
    letter_id = planned(transactions)
    with transactions() as session:
        url = values_of(session, letter_id).leave_url

    for _ in range(2):
        with transactions() as session:
            left = leave(session, read_leave_link(token(url), secret=HEAD.secret))
            assert left is not None
            assert left.id == reader.id
    with transactions() as session:
        assert not session.get_one(Employee, reader.id).wants_digest
        assert leave(session, letter_id + 1) is None


def test_a_letter_speaks_its_readers_language(transactions: Transactions) -> None:
    """Where a post in it exists."""
    with transactions() as session:
        item = make_news(session, post={"language": "nl", "title": "De sluis"})
        make_post(session, item=item, language="en", title="The lock")
        make_employee(session, language="en")
    letter_id = planned(transactions)

    with transactions() as session:
        (story,) = values_of(session, letter_id).stories

    assert (story.title, story.language) == ("The lock", "en")


def test_a_letter_shows_the_words_that_were_approved(
    transactions: Transactions,
) -> None:
    """An edit at the source waits for comms; the letter does not follow it."""
    with transactions() as session:
        item = make_news(session, title="As approved")
        make_readers(session, 1)
    letter_id = planned(transactions)
    with transactions() as session:
        edited = session.get_one(Item, item.id)
        edited.title = "Edited since"
        edited.revision_hash = "another"

    with transactions() as session:
        assert values_of(session, letter_id).stories[0].title == "As approved"


def test_a_letter_thanks_for_last_weeks_best(transactions: Transactions) -> None:
    """In the number of people and of readers that they brought."""
    with transactions() as session:
        best = make_news(session, title="Leerlingendag")
        make_news(session)
        readers = make_readers(session, 6)
        make_shares(session, best, readers[:5], at=LAST_THURSDAY)
    plan(transactions, now=BEFORE, head=HEAD)
    (last,) = [
        letter
        for letter in letters(transactions)
        if letter.employee_id == readers[5].id
    ]

    with transactions() as session:
        assert values_of(session, last.id).thanks == Thanks("Leerlingendag", 5, 0)


def test_the_best_story_is_what_most_people_shared(session: Session) -> None:
    """Counted in people, with the human clicks of that week beside it."""
    better, good = make_news(session), make_news(session)
    people = make_readers(session, 3)
    make_shares(session, better, people, at=LAST_THURSDAY)
    make_shares(session, good, people[:2], at=LAST_THURSDAY)
    link_id = session.scalars(select(func.min(Share.link_id))).one()
    session.execute(
        insert(DayTotal),
        [
            {
                "day": day,
                "link_id": link_id,
                "verdict": verdict.value,
                "hits": hits,
                "visitors": 0,
            }
            for day, verdict, hits in (
                (date(2026, 11, 16), Verdict.HUMAN, 4),
                (date(2026, 11, 22), Verdict.HUMAN, 3),
                (date(2026, 11, 22), Verdict.BOT, 50),
                (date(2026, 11, 23), Verdict.HUMAN, 90),
            )
        ],
    )

    assert best_of_week(session, LAST_WEEK, people_min=3) == BestStory(better.id, 3, 7)
    assert best_of_week(session, LAST_WEEK, people_min=4) is None
    assert best_of_week(session, WEEK, people_min=1) is None


def test_a_story_that_was_withdrawn_is_not_thanked_for(session: Session) -> None:
    """It was taken back for a reason."""
    item = make_news(session)
    make_shares(session, item, make_readers(session, 3), at=LAST_THURSDAY)
    item.state = ItemState.WITHDRAWN
    session.flush()

    assert best_of_week(session, LAST_WEEK, people_min=1) is None


def test_a_preview_equals_what_is_sent(transactions: Transactions) -> None:
    """But for its links, which open nothing."""
    with transactions() as session:
        item = make_news(session)
        make_news(session)
        (reader,) = make_readers(session, 1, language="en")
        topic = make_topic(session, "Techniek", item)
        session.add(FollowedTopic(employee_id=reader.id, topic_id=topic.id))
        write_opening(session, WEEK, "Feest!", now=BEFORE)
        early = preview(session, reader, WEEK, now=BEFORE, head=HEAD)
    plan(transactions, now=BEFORE, head=HEAD)
    with transactions() as session:
        late = preview(session, reader, WEEK, now=NOW, head=HEAD)
    tray = Tray()
    deliver_due(transactions, tray, Clock(), head=HEAD)
    with transactions() as session:
        after = preview(session, reader, WEEK, now=NOW, head=HEAD)

    assert early is not None
    sent = tray.text_for(reader.email).replace("\r\n", "\n")
    assert early == late == after
    assert without_links(early.text) == without_links(sent)
    assert "Because you follow Techniek" in sent


def without_links(text: str) -> str:
    """Take the signed parts out of a text."""
    return re.sub(r"https://\S+", "", text).strip()


def test_a_preview_of_nothing_is_nothing(session: Session) -> None:
    """The page then says so."""
    (reader,) = make_readers(session, 1)

    assert preview(session, reader, WEEK, now=NOW, head=HEAD) is None
    with pytest.raises(Invalid):
        preview(session, reader, "some week", now=NOW, head=HEAD)


def test_a_post_that_is_full_is_offered_no_more(transactions: Transactions) -> None:
    """Comms wanted one share of it, and have one."""
    with transactions() as session:
        item = make_news(session, post={"shares_max": 1})
        make_news(session)
        sharer, _ = make_readers(session, 2)
    plan(transactions, now=BEFORE, head=HEAD)
    letter_id = letters(transactions)[1].id
    with transactions() as session:
        assert len(values_of(session, letter_id).stories) == 2
        make_shares(session, item, [sharer])
    with transactions() as session:
        assert len(values_of(session, letter_id).stories) == 1


def test_links_begin_with_the_organisations_address(transactions: Transactions) -> None:
    """As people type it."""
    with transactions() as session:
        make_news(session)
        make_readers(session, 1)
    letter_id = planned(transactions)
    head = replace(HEAD, base_url="http://localhost:8000")

    with transactions() as session:
        values = values_of(session, letter_id, head)

    assert values.home_url == "http://localhost:8000/"
    assert values.settings_url == "http://localhost:8000/preferences"
    assert values.leave_url.startswith("http://localhost:8000/m/leave/")
