from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from advocacy.queue.sameness import content_hash, moved

texts = st.text(max_size=20)


@given(texts, texts, texts, texts)
def test_other_words_have_another_fingerprint(a: str, b: str, c: str, d: str) -> None:
    """Also when the words only moved from one field to the next."""
    first = content_hash(title=a, summary=b, canonical_url="u", image_url=None)
    second = content_hash(title=c, summary=d, canonical_url="u", image_url=None)

    assert (first == second) == ((a, b) == (c, d))


def test_a_site_that_moved_is_recognised() -> None:
    """The path tells the article, the host no longer does."""
    known = {"//old.example/?p=1": 1, "//old.example/?p=2": 2, "tag:x": 3}

    assert moved(known, ["//new.example/?p=2", "//new.example/?p=9"]) == {
        "//new.example/?p=2": 2
    }


def test_two_sites_in_one_feed_stay_apart() -> None:
    """As long as the old host is still in it, nothing moved."""
    known = {"//a.example/?p=1": 1}

    assert moved(known, ["//a.example/?p=2", "//b.example/?p=1"]) == {}


def test_a_home_page_tells_no_article() -> None:
    """Every site has one."""
    assert moved({"//old.example/": 1}, ["//new.example/"]) == {}


identities = st.lists(
    st.builds(
        "//{}/{}".format, st.sampled_from("abc"), st.sampled_from(["", "?p=1", "x/y"])
    ),
    unique=True,
    max_size=6,
)


@given(known=identities, arrived=identities)
def test_no_item_becomes_two(known: list[str], arrived: list[str]) -> None:
    """However confusing the addresses are."""
    found = moved({name: number for number, name in enumerate(known)}, arrived)

    assert len(set(found.values())) == len(found)
    assert not set(found) & set(known)
