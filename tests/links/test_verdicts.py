"""Which hits are clicks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from advocacy.links.agents import Agent, Kind
from advocacy.links.models import Hit
from advocacy.links.states import Verdict
from advocacy.links.verdicts import REPEAT_MS, Seen, judge

PERSON = Agent(Kind.BROWSER, "browser")
BOT = Agent(Kind.BOT, "list-bot")


def test_a_person_who_opens_a_link_is_a_click() -> None:
    """The one verdict that counts."""
    assert judge(Seen(PERSON)) == (Verdict.HUMAN, "browser")


def test_head_is_a_probe_whoever_sends_it() -> None:
    """X sends it under the names of browsers."""
    assert judge(Seen(PERSON, method="HEAD")) == (Verdict.PROBE, "head")


@pytest.mark.parametrize(
    "value",
    ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", "Preview"],
)
def test_a_page_fetched_ahead_is_no_click(value: str) -> None:
    """Nobody asked for it yet."""
    assert judge(Seen(PERSON, purposes=(value,))).verdict is Verdict.PREFETCH


def test_an_unknown_purpose_is_left_out_of_it() -> None:
    """Only what is known to mean a prefetch does."""
    assert judge(Seen(PERSON, purposes=("navigate",))).verdict is Verdict.HUMAN


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (Kind.PREVIEW, Verdict.PREVIEW),
        (Kind.BOT, Verdict.BOT),
        (Kind.SCANNER, Verdict.SCANNER),
        (Kind.UNCLEAR, Verdict.UNKNOWN),
    ],
)
def test_a_program_keeps_the_rule_that_found_it(kind: Kind, verdict: Verdict) -> None:
    """So that every number can be explained."""
    assert judge(Seen(Agent(kind, "some-rule"))) == (verdict, "some-rule")


def test_a_colleagues_own_click_is_not_counted() -> None:
    """They look whether it works."""
    assert judge(Seen(PERSON, own=True)) == (Verdict.OWN, "own-browser")


def test_the_same_visitor_within_half_a_minute_is_a_repeat() -> None:
    """A double tap; a second later than that it is a new visit."""
    assert judge(Seen(PERSON, since_last_ms=REPEAT_MS)).verdict is Verdict.REPEAT
    assert judge(Seen(PERSON, since_last_ms=REPEAT_MS + 1)).verdict is Verdict.HUMAN


def test_a_click_on_a_withdrawn_link_is_kept_apart() -> None:
    """A person came, and the story was not there any more."""
    assert judge(Seen(PERSON, live=False)) == (Verdict.UNKNOWN, "after-the-end")


@given(
    st.builds(
        Seen,
        agent=st.sampled_from([PERSON, BOT, Agent(Kind.UNCLEAR, "agent-empty")]),
        method=st.sampled_from(["GET", "HEAD"]),
        purposes=st.lists(st.sampled_from(["prefetch", "x"]), max_size=2).map(tuple),
        own=st.booleans(),
        live=st.booleans(),
        since_last_ms=st.none() | st.integers(0, 60_000),
    )
)
def test_only_a_person_with_nothing_against_it_counts(seen: Seen) -> None:
    """And every verdict and rule fits its column."""
    verdict, rule = judge(seen)

    against = (
        seen.method == "HEAD"
        or "prefetch" in seen.purposes
        or seen.agent is not PERSON
        or seen.own
        or not seen.live
        or (seen.since_last_ms is not None and seen.since_last_ms <= REPEAT_MS)
    )
    assert (verdict is Verdict.HUMAN) is not against
    for text, column in ((verdict.value, Hit.verdict), (rule, Hit.rule)):
        assert isinstance(column.type, String)
        assert 0 < len(text) <= (column.type.length or 0)
