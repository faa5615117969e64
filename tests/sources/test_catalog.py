from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from advocacy.errors import Conflict, Invalid, NotFound
from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.sources import catalog, turns
from advocacy.sources.entries import Pulled, Validators
from advocacy.sources.models import Approval, SourceState
from tests.makers import NOW, make_source

URL = "https://www.waterland-techniek.example/feed/"
HOUR = timedelta(hours=1)


def test_a_new_source_is_due_at_once(session: Session) -> None:
    """Whoever adds one wants to see news."""
    source = catalog.add_source(session, URL, approval=Approval.AUTO, now=NOW)

    assert catalog.due_sources(session, NOW) == [source.id]
    assert source.name == "waterland-techniek.example"
    assert (source.kind, source.approval) == ("auto", Approval.AUTO)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("waterland", {}),
        ("ftp://waterland.example/", {}),
        ("https://me:secret@waterland.example/", {}),
        (URL, {"kind": "telex"}),
        (URL, {"every_s": 5}),
        (URL, {"language": "?"}),
    ],
)
def test_a_source_that_cannot_work_is_refused(
    session: Session, url: str, options: dict[str, Any]
) -> None:
    """With a sentence that says what would do."""
    with pytest.raises(Invalid):
        catalog.add_source(session, url, now=NOW, **options)


def test_the_same_address_is_not_added_twice(session: Session) -> None:
    """Its news would come twice."""
    catalog.add_source(session, URL, now=NOW)

    with pytest.raises(Conflict, match="already"):
        catalog.add_source(session, f"{URL}#top", now=NOW)


def test_a_removed_source_comes_back_as_itself(session: Session) -> None:
    """So that its items are still known."""
    first = catalog.add_source(session, URL, now=NOW)
    catalog.remove(session, first.id)

    again = catalog.add_source(session, URL, name="News", now=NOW + HOUR)

    assert again.id == first.id
    assert (again.state, again.name) == (SourceState.ACTIVE, "News")


def test_a_removed_source_is_nowhere_to_be_seen(session: Session) -> None:
    """Its row stays, for its items."""
    source = make_source(session)
    catalog.remove(session, source.id)

    assert catalog.list_sources(session) == []
    assert catalog.due_sources(session, NOW) == []
    with pytest.raises(NotFound):
        catalog.get_source(session, source.id)


def test_a_paused_source_is_left_alone_until_it_is_resumed(session: Session) -> None:
    """By sweeps, and by hand."""
    source = make_source(session)
    catalog.pause(session, source.id)
    session.flush()

    assert catalog.due_sources(session, NOW) == []
    assert turns.plan_pull(session, source.id, now=NOW) is None
    with pytest.raises(Conflict, match="paused"):
        catalog.ask_now(session, source.id, now=NOW)

    catalog.resume(session, source.id, now=NOW)
    session.flush()
    assert catalog.due_sources(session, NOW) == [source.id]


def test_asking_now_makes_it_a_sources_turn(session: Session) -> None:
    """That is all that the button does; a worker does the rest."""
    source = make_source(session, next_pull_at=NOW + HOUR)

    catalog.ask_now(session, source.id, now=NOW)
    session.flush()

    assert catalog.due_sources(session, NOW) == [source.id]


def test_a_source_that_is_being_pulled_is_nobody_elses(session: Session) -> None:
    """Until its lease runs out, since its holder may have died."""
    source = make_source(session)

    first = turns.plan_pull(session, source.id, now=NOW)

    assert first is not None
    assert turns.plan_pull(session, source.id, now=NOW) is None
    assert catalog.due_sources(session, NOW) == []
    assert turns.plan_pull(session, source.id, now=NOW + turns.LEASE) is not None


def test_a_source_whose_turn_it_is_not_can_be_left_alone(session: Session) -> None:
    """A bell that rings twice does not ask twice."""
    source = make_source(session, next_pull_at=NOW + HOUR)

    assert turns.plan_pull(session, source.id, now=NOW, only_if_due=True) is None
    assert turns.plan_pull(session, source.id, now=NOW) is not None


def test_a_source_that_is_not_there_is_not_pulled(session: Session) -> None:
    """The command line says so."""
    with pytest.raises(NotFound):
        turns.plan_pull(session, 4711, now=NOW)


def _pulled(url: str, **fields: Any) -> Pulled:
    return Pulled(None, url, "feed", Validators(etag='"e"'), **fields)


def test_whoever_lost_the_lease_notes_nothing(session: Session) -> None:
    """Somebody else has begun anew, and knows better."""
    source = make_source(session)
    late = turns.plan_pull(session, source.id, now=NOW)
    turns.plan_pull(session, source.id, now=NOW + turns.LEASE)
    assert late is not None

    with pytest.raises(turns.LeaseLost):
        turns.note_pull(
            session, late, _pulled(source.url), now=NOW, wait=HOUR, counts=(0, 0, 0)
        )


def test_a_source_takes_over_its_feed_and_its_name(session: Session) -> None:
    """The page was only the way to it."""
    source = catalog.add_source(session, "https://waterland.example/", now=NOW)
    plan = turns.plan_pull(session, source.id, now=NOW)
    assert plan is not None

    pulled = _pulled("https://waterland.example/rss", title="Waterland Nieuws")
    turns.note_pull(session, plan, pulled, now=NOW, wait=HOUR, counts=(1, 0, 0))

    assert (source.url, source.kind) == ("https://waterland.example/rss", "feed")
    assert source.name == "Waterland Nieuws"
    assert source.next_pull_at == NOW + HOUR


def test_a_name_that_comms_gave_stays(session: Session) -> None:
    """Whatever the feed calls itself."""
    source = catalog.add_source(session, URL, name="Ons nieuws", now=NOW)
    plan = turns.plan_pull(session, source.id, now=NOW)
    assert plan is not None

    pulled = _pulled(source.url, title="WordPress site")
    turns.note_pull(session, plan, pulled, now=NOW, wait=HOUR, counts=(0, 0, 0))

    assert source.name == "Ons nieuws"


def test_validators_are_sent_back_but_for_the_first_pull_of_a_day(
    session: Session,
) -> None:
    """An ETag that never changes would hide news for ever."""
    known = {"etag": '"e"', "last_modified": "then", "body_sha256": "hash"}
    today = make_source(session, last_pulled_at=NOW - HOUR, **known)
    yesterday = make_source(session, last_pulled_at=NOW - 24 * HOUR, **known)

    plans = [turns.plan_pull(session, s.id, now=NOW) for s in (today, yesterday)]

    assert [plan and plan.known for plan in plans] == [
        Validators('"e"', "then", "hash"),
        Validators(body_sha256="hash"),
    ]


def test_an_address_that_is_gone_twice_is_paused(session: Session) -> None:
    """Once may be a slip of the server; an hour later it is meant."""
    source = make_source(session)
    gone = FetchFailed(FailureKind.GONE, host="x")
    states = []
    for hours in (0, 2):
        now = NOW + hours * HOUR
        plan = turns.plan_pull(session, source.id, now=now)
        assert plan is not None
        turns.note_failure(session, plan, gone, now=now, wait=HOUR, gone=True)
        session.flush()
        states.append(source.state)

    assert states == [SourceState.ACTIVE, SourceState.PAUSED]
    assert source.last_error_kind == "gone"
