from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from advocacy.clock import day_of
from advocacy.demo.chances import (
    OLD_DAYS,
    PLACES,
    InventedShare,
    Person,
    Story,
    hits_after,
    shares_between,
)
from advocacy.links.states import Verdict
from advocacy.offers.networks import NETWORKS

ZONE = ZoneInfo("Europe/Amsterdam")
dice = st.integers(0, 2**32).map(Random)
# Both changes of the clock lie in here.
days = st.dates(date(2026, 3, 1), date(2026, 12, 31))


def drawn(dice: Random, first: date, weeks: int = 1) -> Sequence[InventedShare]:
    people = [Person(1, "nl", 1), Person(2, "en", 3)]
    since = datetime(first.year, first.month, first.day, 7, tzinfo=UTC)
    stories = [
        Story(n, language, since + timedelta(days=n), 1, {"linkedin": n, "mail": n + 9})
        for n, language in enumerate(("nl", "en", "nl"), start=1)
    ]
    until = first + timedelta(weeks=weeks)
    return list(
        shares_between(dice, first, until, people=people, stories=stories, zone=ZONE)
    )


@given(dice=dice, first=days)
def test_nobody_shares_a_post_twice_a_day_or_before_it_is_offered(
    dice: Random, first: date
) -> None:
    """The database would refuse the one, and nobody would believe the other."""
    shares = drawn(dice, first)

    keys = {(one.person.id, one.post_id, day_of(one.at, ZONE)) for one in shares}
    assert len(keys) == len(shares)
    for one in shares:
        assert first <= day_of(one.at, ZONE) < first + timedelta(weeks=1)
        assert one.story.since <= one.at < one.story.since + timedelta(days=OLD_DAYS)
        assert one.confirmed_at is None or one.confirmed_at > one.at


@given(dice=dice, first=days)
def test_hits_follow_their_share_and_end_in_time(dice: Random, first: date) -> None:
    """Clicks from tomorrow would be a strange past."""
    until = datetime(first.year, first.month, first.day, tzinfo=ZONE)
    until += timedelta(days=6)

    for share in drawn(dice, first):
        for hit in hits_after(dice, share, until=until, zone=ZONE):
            assert share.at < hit.at < until
            assert hit.visitor is None or -(2**63) <= hit.visitor < 2**63
            assert hit.verdict is not Verdict.PROBE  # HEAD is never kept
            assert (hit.visitor is None) or hit.verdict in {
                Verdict.HUMAN,
                Verdict.REPEAT,
                Verdict.OWN,
            }


def test_every_network_has_its_ways() -> None:
    """A network added to the service is missing here until somebody thinks of it."""
    assert set(PLACES) == set(NETWORKS)
