"""Entries become items: matched with what we have, added, or noted as changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from advocacy.queue.models import Item, ItemRevision
from advocacy.queue.sameness import content_hash, moved
from advocacy.queue.states import ItemState
from advocacy.queue.topics import set_topics
from advocacy.sources.entries import Entry, telling_links
from advocacy.sources.models import Source

REVISIONS_MAX = 24  # of one item; a page with a clock in it stops there
FIRST_IMPORT_MAX = 20  # items that enter the queue at a source's first pull
FIRST_IMPORT_AGE = timedelta(days=14)
CLOCK_SKEW = timedelta(minutes=10)  # a date this far ahead is no embargo
MOVED_MAX = 1_000  # of the newest items that are looked through after a move


@dataclass(frozen=True, slots=True)
class Admitted:
    """What entries came to."""

    new: int
    updated: int
    unchanged: int
    pending_ids: tuple[int, ...]  # new items that wait for a decision


def admit(
    session: Session,
    source: Source,
    entries: Sequence[Entry],
    *,
    now: datetime,
    language: str,
) -> Admitted:
    """Take the entries of one answer into the queue; safe to do twice.

    States never change here: what was rejected, withdrawn or expired stays so, and an
    approved item that its source edited keeps the approved words.

    Args:
        session: In which the source is locked.
        source: Where they come from.
        entries: Identified and cleaned.
        now: The moment of the answer.
        language: Of entries that do not say theirs.
    """
    known = _known(session, source, entries)
    fresh = [entry for entry in entries if entry.identity not in known]
    categories: dict[int, tuple[str, ...]] = {}
    updated = 0
    for entry in entries:
        item = known.get(entry.identity)
        if item is not None and _update(session, item, entry, now):
            updated += 1
            categories[item.id] = entry.categories
    added = _add(session, source, fresh, now=now, language=language)
    session.flush()
    for item in added:
        session.add(_revision(item, now))
        categories[item.id] = tuple(item.categories)
    set_topics(session, categories)
    pending = tuple(item.id for item in added if item.state is ItemState.PENDING)
    return Admitted(len(added), updated, len(known) - updated, pending)


def published_since(session: Session, source_id: int, *, now: datetime) -> int | None:
    """Count what a source published in the last 28 days; None if it never did."""
    count, recent = session.execute(
        select(
            func.count(),
            func.count().filter(Item.published_at > now - timedelta(days=28)),
        ).where(Item.source_id == source_id)
    ).one()
    return int(recent) if count else None


def _known(
    session: Session, source: Source, entries: Sequence[Entry]
) -> dict[str, Item]:
    """Find the items that entries are about: by identity, then link, then a move."""
    mine = select(Item).where(Item.source_id == source.id).with_for_update()
    identities = [entry.identity for entry in entries]
    found = {
        item.identity: item
        for item in session.scalars(mine.where(Item.identity.in_(identities)))
    }
    rest = [entry for entry in entries if entry.identity not in found]
    links = telling_links(entries) & {entry.canonical_url for entry in rest}
    if links:
        taken = {item.id for item in found.values()}
        by_link: dict[str, list[Item]] = {}
        for item in session.scalars(mine.where(Item.canonical_url.in_(links))):
            by_link.setdefault(item.canonical_url, []).append(item)
        for entry in rest:
            items = by_link.get(entry.canonical_url, [])
            if len(items) == 1 and items[0].id not in taken:
                found[entry.identity] = items[0]
    return found | _moved(session, source, [*identities], found)


def _moved(
    session: Session, source: Source, identities: list[str], found: dict[str, Item]
) -> dict[str, Item]:
    """Find items whose site moved to another host, and give them their new identity."""
    if all(identity in found for identity in identities):
        return {}
    taken = {item.id for item in found.values()}
    rows = session.execute(
        select(Item.identity, Item.id)
        .where(Item.source_id == source.id, Item.identity.startswith("//"))
        .order_by(Item.id.desc())
        .limit(MOVED_MAX)
    )
    known = {identity: item_id for identity, item_id in rows if item_id not in taken}
    pairs = moved(known, [name for name in identities if name not in found])
    if not pairs:
        return {}
    items = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_(pairs.values())).with_for_update()
        )
    }
    for identity, item_id in pairs.items():
        items[item_id].identity = identity
    return {identity: items[item_id] for identity, item_id in pairs.items()}


def _update(session: Session, item: Item, entry: Entry, now: datetime) -> bool:
    """Note what the source changed, and say whether there was anything."""
    changed = _reschedule(item, entry, now)
    if (item.author, item.categories) != (entry.author, list(entry.categories)):
        item.author, item.categories = entry.author, list(entry.categories)
        changed = True
    fingerprint = _hash(entry)
    if fingerprint != item.revision_hash and item.revisions < REVISIONS_MAX:
        item.url, item.canonical_url = entry.url, entry.canonical_url
        item.title, item.summary = entry.title, entry.summary
        item.image_url = entry.image_url
        item.revision_hash = fingerprint
        item.revisions += 1
        session.add(_revision(item, now))
        changed = True
    if changed:
        item.updated_at = entry.updated_at or item.updated_at
    return changed


def _reschedule(item: Item, entry: Entry, now: datetime) -> bool:
    """Follow a date that is still to come; a date that has passed is never changed."""
    planned = item.embargo_until
    wanted = entry.published_at
    if planned is None or planned <= now or wanted is None or wanted == planned:
        return False
    item.published_at = wanted
    item.embargo_until = wanted if wanted > now else None
    return True


def _add(
    session: Session,
    source: Source,
    entries: Sequence[Entry],
    *,
    now: datetime,
    language: str,
) -> list[Item]:
    """Add items, the oldest first, so that their ids tell their order."""
    if not entries:
        return []
    has_items = session.scalar(
        select(Item.id).where(Item.source_id == source.id).limit(1)
    )
    states = {} if has_items else _first_states(entries, now)
    added = []
    for entry in sorted(entries, key=lambda entry: entry.published_at or now):
        published = entry.published_at or now
        added.append(
            Item(
                source_id=source.id,
                identity=entry.identity,
                guid=entry.guid,
                url=entry.url,
                canonical_url=entry.canonical_url,
                title=entry.title,
                summary=entry.summary,
                author=entry.author,
                image_url=entry.image_url,
                language=entry.language or language,
                categories=list(entry.categories),
                published_at=published,
                updated_at=entry.updated_at,
                seen_at=now,
                embargo_until=published if published > now + CLOCK_SKEW else None,
                state=states.get(entry.identity, ItemState.PENDING),
                state_at=now,
                revision_hash=_hash(entry),
                revisions=1,
            )
        )
    session.add_all(added)
    return added


def _first_states(entries: Sequence[Entry], now: datetime) -> dict[str, ItemState]:
    """Let a new source bring its latest news, not its whole past."""
    newest = sorted(entries, key=lambda entry: entry.published_at or now, reverse=True)
    fresh = [
        entry
        for entry in newest
        if (entry.published_at or now) >= now - FIRST_IMPORT_AGE
    ][:FIRST_IMPORT_MAX]
    welcome = {entry.identity for entry in fresh}
    return {
        entry.identity: ItemState.ARCHIVED
        for entry in entries
        if entry.identity not in welcome
    }


def _hash(entry: Entry) -> str:
    return content_hash(
        title=entry.title,
        summary=entry.summary,
        canonical_url=entry.canonical_url,
        image_url=entry.image_url,
    )


def _revision(item: Item, now: datetime) -> ItemRevision:
    return ItemRevision(
        item_id=item.id,
        number=item.revisions,
        content_hash=item.revision_hash,
        url=item.url,
        title=item.title,
        summary=item.summary,
        author=item.author,
        image_url=item.image_url,
        seen_at=now,
    )
