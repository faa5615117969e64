"""What an employee is offered now, and whether they may share a certain post.

Shares live in a layer above; what must be known of them comes in as arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.offers.audience import language_for, may_be_shared, why_not_shared
from advocacy.offers.candidates import (
    Candidate,
    Reader,
    StartedCounts,
    candidates,
    no_counts,
    ranked_items,
    reader_of,
    topics_of,
)
from advocacy.offers.models import Post
from advocacy.offers.networks import NETWORKS
from advocacy.offers.offered import (
    TOLD,
    ItemOffer,
    NotOffered,
    PostOffer,
    because,
    offer_of_post,
)
from advocacy.offers.states import PostState
from advocacy.offers.variants import Variant, choose
from advocacy.people.models import Employee
from advocacy.queue.models import Item

OFFERS_MAX = 100  # items asked for at once


def offers_for(
    session: Session,
    employee: Employee,
    *,
    now: datetime,
    limit: int = 20,
    shared_items: Collection[int] = (),
    started: StartedCounts = no_counts,
) -> list[ItemOffer]:
    """List what an employee is offered now.

    The story of the week comes first, then items on topics the person follows, then
    the newest. What they set aside is left out; what they shared before comes last.

    Args:
        session: The caller's transaction.
        employee: For whom.
        now: The moment of asking.
        limit: Items, at most OFFERS_MAX.
        shared_items: Ids of items this person shared before.
        started: Says how often posts were shared.
    """
    size = max(1, min(limit, OFFERS_MAX))
    reader = reader_of(session, employee)
    ranked = ranked_items(reader, shared_items, now)
    offers: list[ItemOffer] = []
    offset = 0
    while len(offers) < size:
        # An item that was shared often enough drops out only after the ranking.
        ids = session.scalars(ranked.limit(size).offset(offset)).all()
        offers += _offers(
            session,
            reader,
            ids,
            shared_items=shared_items,
            started=started,
            now=now,
        )
        offset += size
        if len(ids) < size:
            break
    return offers[:size]


def offer_of(
    session: Session,
    employee: Employee,
    item_id: int,
    *,
    now: datetime,
    shared_items: Collection[int] = (),
    started: StartedCounts = no_counts,
) -> ItemOffer:
    """Give one item as it is offered to an employee, even if they set it aside.

    Raises:
        NotOffered: It is not approved, not meant for them, or not to be shared now.
    """
    reader = reader_of(session, employee)
    offers = _offers(
        session,
        reader,
        [item_id],
        shared_items=shared_items,
        started=started,
        now=now,
    )
    if offers:
        return offers[0]
    refusals = {
        why_not_shared(candidate.facts, reader.facts, now=now)
        for candidate in candidates(session, Post.item_id == item_id, started)
    }
    raise NotOffered(next((reason for reason in TOLD if reason in refusals), None))


def post_for(
    session: Session,
    employee: Employee,
    post_id: int,
    *,
    now: datetime,
    started: StartedCounts = no_counts,
) -> PostOffer:
    """Give a post that an employee may share now; the gate before every share.

    Raises:
        NotOffered: There is no such post, or not for them, or not now.
    """
    found = candidates(session, Post.id == post_id, started)
    if not found:
        raise NotOffered
    reader = reader_of(session, employee)
    refusal = why_not_shared(found[0].facts, reader.facts, now=now)
    if refusal is not None:
        raise NotOffered(refusal)
    return offer_of_post(found[0].post)


def posts_of_item(session: Session, item_id: int) -> list[Post]:
    """List the live posts of an item for comms, in the order of networks."""
    posts = session.scalars(
        select(Post).where(
            Post.item_id == item_id,
            Post.state == PostState.LIVE,
            Post.network.in_(NETWORKS),
        )
    )
    order = list(NETWORKS)
    return sorted(
        posts, key=lambda one: (order.index(one.network), one.language, one.variant)
    )


def words_chosen_before(session: Session, item: Item) -> dict[str, str]:
    """Give the words of an earlier approval of this very content, by network."""
    rows = session.execute(
        select(Post.network, Post.text).where(
            Post.item_id == item.id,
            Post.revision_hash == item.revision_hash,
            Post.language == item.language,
            Post.variant == 1,
        )
    )
    return {network: text for network, text in rows}  # noqa: C416 - rows are no pairs to mypy


def _offers(
    session: Session,
    reader: Reader,
    item_ids: Sequence[int],
    *,
    shared_items: Collection[int],
    started: StartedCounts,
    now: datetime,
) -> list[ItemOffer]:
    """Make the offers of these items, in this order, without those that have none."""
    by_item: dict[int, list[Candidate]] = {}
    for candidate in candidates(session, Post.item_id.in_(item_ids), started):
        if may_be_shared(candidate.facts, reader.facts, now=now):
            by_item.setdefault(candidate.post.item_id, []).append(candidate)
    topics = topics_of(session, by_item)
    return [
        _offer(
            by_item[item_id],
            reader,
            topics.get(item_id, []),
            shared=item_id in shared_items,
        )
        for item_id in item_ids
        if item_id in by_item
    ]


def _offer(
    found: Sequence[Candidate],
    reader: Reader,
    topics: Sequence[tuple[int, str]],
    *,
    shared: bool,
) -> ItemOffer:
    """Make the offer of one item out of its posts that this reader may share."""
    posts = _one_per_network(found, reader)
    first = next(one for one in found if one.post.language == _language(found, reader))
    of_the_week = any(one.post.of_the_week for one in found)
    audience = frozenset[int]().union(*(one.facts.groups for one in found))
    return ItemOffer(
        item_id=first.post.item_id,
        title=first.post.title,
        summary=first.post.summary,
        image_url=first.post.image_url,
        target_url=first.post.target_url,
        source_name=first.source_name,
        published_at=first.published_at,
        language=first.post.language,
        topics=tuple(name for _, name in topics),
        because=because(
            of_the_week=of_the_week,
            followed=next(
                (name for id_, name in topics if id_ in reader.followed), None
            ),
            group=next(
                (name for id_, name in reader.groups.items() if id_ in audience), None
            ),
        ),
        of_the_week=of_the_week,
        shared=shared,
        posts=posts,
    )


def _language(found: Sequence[Candidate], reader: Reader) -> str | None:
    available = {one.post.language for one in found}
    return language_for(available, [reader.language, found[0].item_language])


def _one_per_network(
    found: Sequence[Candidate], reader: Reader
) -> tuple[PostOffer, ...]:
    """Choose per network the reader's language, and the wording used least."""
    chosen = []
    for key in NETWORKS:
        here = [one for one in found if one.post.network == key]
        if not here:
            continue
        language = _language(here, reader)
        posts = {one.post.id: one for one in here if one.post.language == language}
        variant = choose(
            [
                Variant(one.facts.shares_started, one.post.variant, one.post.id)
                for one in posts.values()
            ],
            reader.employee_id,
        )
        chosen.append(offer_of_post(posts[variant.post_id].post))
    return tuple(chosen)
