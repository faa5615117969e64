"""Who may be offered a post, and in which language; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from advocacy.offers.states import PostState
from advocacy.queue.states import ItemState


class Refusal(StrEnum):
    """Why a post is not offered to somebody."""

    UNAPPROVED = "unapproved"  # or approved with other content than the post's
    WITHDRAWN = "withdrawn"
    EMBARGO = "embargo"
    EARLY = "early"  # before its share window
    OVER = "over"  # after its share window
    FULL = "full"  # shared as often as comms wanted
    OTHERS = "others"  # meant for groups this person is not in
    SET_ASIDE = "set_aside"
    SHARED = "shared"


@dataclass(frozen=True)
class PostFacts:
    """What a post and its item say about who may share it, and when."""

    item_state: ItemState
    approved_hash: str | None
    embargo_until: datetime | None
    revision_hash: str
    state: PostState
    share_from: datetime
    share_until: datetime | None
    shares_max: int | None = None
    shares_started: int = 0
    groups: frozenset[int] = frozenset()  # ids; none means everybody


@dataclass(frozen=True)
class PersonFacts:
    """What a person's groups and earlier choices say about one item."""

    groups: frozenset[int] = frozenset()
    set_aside: bool = False
    shared: bool = False


def why_not_shared(
    post: PostFacts, person: PersonFacts, *, now: datetime
) -> Refusal | None:
    """Say why somebody may not share a post; None: they may.

    Nothing unapproved leaves: the item must be approved, with the very content that
    the post was made from.
    """
    unapproved = (
        post.item_state is not ItemState.APPROVED
        or post.approved_hash != post.revision_hash
    )
    hindrances = {
        Refusal.UNAPPROVED: unapproved,
        Refusal.WITHDRAWN: post.state is not PostState.LIVE,
        Refusal.OTHERS: bool(post.groups) and not post.groups & person.groups,
        Refusal.EMBARGO: post.embargo_until is not None and now < post.embargo_until,
        Refusal.EARLY: now < post.share_from,
        Refusal.OVER: post.share_until is not None and now >= post.share_until,
        Refusal.FULL: post.shares_max is not None
        and post.shares_started >= post.shares_max,
    }
    return next((refusal for refusal, holds in hindrances.items() if holds), None)


def why_not_offered(
    post: PostFacts, person: PersonFacts, *, now: datetime
) -> Refusal | None:
    """Say why a post is not brought to somebody's attention; None: it may be.

    What a person set aside or has shared is no longer offered, but who comes back
    for it may still share it.
    """
    refusal = why_not_shared(post, person, now=now)
    if refusal is not None:
        return refusal
    if person.set_aside:
        return Refusal.SET_ASIDE
    if person.shared:
        return Refusal.SHARED
    return None


def may_be_shared(post: PostFacts, person: PersonFacts, *, now: datetime) -> bool:
    """Tell whether somebody may share a post."""
    return why_not_shared(post, person, now=now) is None


def may_be_offered(post: PostFacts, person: PersonFacts, *, now: datetime) -> bool:
    """Tell whether a post may be brought to somebody's attention."""
    return why_not_offered(post, person, now=now) is None


def language_for(available: Collection[str], wanted: Sequence[str]) -> str | None:
    """Choose the language of an item's posts for a reader.

    Args:
        available: Languages in which there are posts, as in `nl` or `nl-BE`.
        wanted: The reader's languages, the best first.

    Returns:
        The first wanted language there is; else one of the same family (`nl` for
        `nl-BE`); else the first by name, since another language is better than
        no story. None only where nothing is available.
    """
    ordered = sorted(available)
    for language in wanted:
        if language in available:
            return language
    families = [_family(language) for language in wanted]
    related = [
        (families.index(_family(language)), language)
        for language in ordered
        if _family(language) in families
    ]
    return min(related)[1] if related else next(iter(ordered), None)


def _family(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
