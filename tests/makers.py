"""Makers of rows for tests: keywords for what matters, sensible values otherwise."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from advocacy.links.models import ShareLink
from advocacy.offers.models import Post
from advocacy.people.models import Employee, Group
from advocacy.people.roles import Role
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from advocacy.sources.models import Source

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, 9:00 in Amsterdam

_numbers = itertools.count(1)


def _number() -> int:
    return next(_numbers)


def make_group(session: Session, **fields: Any) -> Group:
    """Make a group of people."""
    group = Group(**{"name": f"Team {_number()}"} | fields)
    session.add(group)
    session.flush()
    return group


def make_employee(session: Session, **fields: Any) -> Employee:
    """Make an employee who reads Dutch and wants the digest."""
    number = _number()
    defaults: dict[str, Any] = {
        "email": f"person{number}@waterland-techniek.example",
        "name": f"Person {number}",
        "role": Role.EMPLOYEE,
        "language": "nl",
        "timezone": "Europe/Amsterdam",
        "created_at": NOW - timedelta(days=100),
    }
    employee = Employee(**defaults | fields)
    session.add(employee)
    session.flush()
    return employee


def make_comms_member(session: Session, **fields: Any) -> Employee:
    """Make somebody who may decide."""
    return make_employee(session, **{"role": Role.COMMS} | fields)


def make_source(session: Session, **fields: Any) -> Source:
    """Make an active feed that is due now."""
    number = _number()
    defaults: dict[str, Any] = {
        "name": f"News {number}",
        "url": f"https://news{number}.waterland-techniek.example/feed/",
        "kind": "feed",
        "created_at": NOW - timedelta(days=100),
        "next_pull_at": NOW,
    }
    source = Source(**defaults | fields)
    session.add(source)
    session.flush()
    return source


def make_item(session: Session, **fields: Any) -> Item:
    """Make a pending item, with a source of its own unless one is given."""
    number = _number()
    if "source" not in fields and "source_id" not in fields:
        fields["source"] = make_source(session)
    if "source" in fields:
        fields["source_id"] = fields.pop("source").id
    url = fields.get("url", f"https://www.waterland-techniek.example/nieuws/{number}/")
    defaults: dict[str, Any] = {
        "identity": f"guid:{number}",
        "guid": f"tag:waterland-techniek.example,2026:{number}",
        "url": url,
        "canonical_url": url,
        "title": f"De nieuwe sluis {number} draait",
        "summary": "Na een jaar bouwen schut de sluis weer schepen.",
        "author": "Noor de Wit",
        "image_url": None,
        "language": "nl",
        "categories": [],
        "published_at": NOW - timedelta(hours=3),
        "seen_at": NOW - timedelta(hours=2),
        "state": ItemState.PENDING,
        "state_at": NOW - timedelta(hours=2),
        "revision_hash": f"hash-{number}",
    }
    item = Item(**defaults | fields)
    if item.state is ItemState.APPROVED and item.approved_hash is None:
        item.approved_hash = item.revision_hash
    session.add(item)
    session.flush()
    return item


def make_post(session: Session, **fields: Any) -> Post:
    """Make a live LinkedIn post of an approved item, open to everybody."""
    item = fields.pop("item", None) or make_item(session, state=ItemState.APPROVED)
    defaults: dict[str, Any] = {
        "item_id": item.id,
        "network": "linkedin",
        "language": item.language,
        "text": item.title,
        "title": item.title,
        "summary": item.summary,
        "image_url": item.image_url,
        "target_url": item.url,
        "revision_hash": item.approved_hash or item.revision_hash,
        "share_from": NOW - timedelta(hours=1),
        "share_until": NOW + timedelta(days=30),
        "created_at": NOW - timedelta(hours=1),
    }
    post = Post(**defaults | fields)
    session.add(post)
    session.flush()
    return post


def make_link(session: Session, **fields: Any) -> ShareLink:
    """Make a live share link that everybody shares, of a post of its own."""
    post = fields.pop("post", None) or make_post(session)
    defaults: dict[str, Any] = {
        "slug": f"slug{_number():04d}",
        "post_id": post.id,
        "target_url": f"{post.target_url}?utm_source={post.network}",
        "created_at": NOW - timedelta(minutes=30),
        "changed_at": NOW - timedelta(minutes=30),
    }
    link = ShareLink(**defaults | fields)
    session.add(link)
    session.flush()
    return link
