"""What comms decide becomes posts: offered on approval, taken back on withdrawal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from advocacy.errors import Conflict, Invalid, NotAllowed, NotFound
from advocacy.i18n import N_
from advocacy.offers.counting import LINK_LENGTH_ROOMY, as_sent, length
from advocacy.offers.models import Post
from advocacy.offers.networks import NETWORKS, Network, network_of
from advocacy.offers.states import PostState
from advocacy.offers.wording import suggest
from advocacy.people.models import Employee, Group
from advocacy.people.roles import Role
from advocacy.queue import decisions
from advocacy.queue.models import Item
from advocacy.queue.states import ItemState
from advocacy.sources.models import Approval, Source

SHARE_WINDOW = timedelta(days=30)  # news is rarely shared after that
_FIRST = 1  # the variant made on approval


class TextTooLong(Invalid):
    """A text does not fit its network together with the share link."""


def approve_and_offer(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    networks: Collection[str] | None = None,
    text: Mapping[str, str] | None = None,
    reason: str = "",
    expected_version: int | None = None,
    groups: Collection[int] = (),
    share_until: datetime | None = None,
    link_length: int = LINK_LENGTH_ROOMY,
) -> list[Post]:
    """Approve an item, and offer one post per network in the item's language.

    Approving again after reopening brings the same posts back. Words that comms
    chose before stay, as long as the item's content did.

    Args:
        session: The caller's transaction.
        item_id: The item.
        by: Who decides; None for a rule, or a program with a token.
        via: page, command, api or rule.
        now: The moment of the decision.
        networks: Keys of the networks to offer it on; None means all.
        text: Words for a network, by its key, instead of the item's own.
        reason: A note for colleagues.
        expected_version: Version of the item that the decider looked at.
        groups: Ids of the groups it is meant for; none means everybody.
        share_until: Last moment to share; None means 30 days after the first.
        link_length: Characters of a share link as typed.

    Raises:
        Invalid: A text is empty or too long, or a network or group does not exist,
            or the share window is over before it begins.
        NotFound, MoveRefused, Conflict: As in `decisions.approve`.
    """
    chosen = [network_of(key) for key in NETWORKS if networks is None]
    chosen += [network_of(key) for key in dict.fromkeys(networks or ())]
    own_words = {
        network_of(key).key: _checked(words, network_of(key), link_length)
        for key, words in (text or {}).items()
        if networks is None or key in networks
    }
    if not chosen:
        raise Invalid(N_("Choose at least one network to offer this on."))
    audience = _groups(session, groups)
    item = decisions.approve(
        session,
        item_id,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )
    share_from = max(now, item.embargo_until or now)
    if share_until is not None and share_until <= share_from:
        raise Invalid(N_("Choose a last day to share that lies after the first."))
    earlier = _posts_of(session, item.id)
    posts = [
        _offered(
            earlier.pop((network.key, item.language, _FIRST), None),
            item,
            network,
            words=own_words.get(network.key),
            link_length=link_length,
            now=now,
        )
        for network in chosen
    ]
    keys = {network.key for network in chosen}
    posts += [_revived(post, item, keys) for post in earlier.values()]
    live = [post for post in posts if post.state is PostState.LIVE]
    for post in live:
        post.share_from = share_from
        post.share_until = share_until or share_from + SHARE_WINDOW
        post.audience = list(audience)
    session.add_all(live)
    session.flush()
    return live


def approve_automatically(
    session: Session, item_ids: Collection[int], now: datetime
) -> list[Post]:
    """Approve the pending ones among items whose source comms trust as it is."""
    trusted = session.scalars(
        select(Item.id)
        .join(Source, Item.source_id == Source.id)
        .where(
            Item.id.in_(item_ids),
            Item.state == ItemState.PENDING,
            Source.approval == Approval.AUTO,
        )
        .order_by(Item.id)
    ).all()
    return [
        post
        for item_id in trusted
        for post in approve_and_offer(session, item_id, by=None, via="rule", now=now)
    ]


def withdraw_and_recall(
    session: Session,
    item_id: int,
    *,
    by: Employee | None,
    via: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> list[Post]:
    """Take back the yes to an item, and its posts with it.

    Returns:
        The posts that were live until now; their share links are the caller's.

    Raises:
        NotFound, MoveRefused, Conflict: As in `decisions.withdraw`.
    """
    decisions.withdraw(
        session,
        item_id,
        by=by,
        via=via,
        now=now,
        reason=reason,
        expected_version=expected_version,
    )
    live = [
        post
        for post in _posts_of(session, item_id).values()
        if post.state is PostState.LIVE
    ]
    for post in live:
        post.state = PostState.WITHDRAWN
    session.flush()
    return live


def edit_post(
    session: Session,
    post_id: int,
    *,
    text: str,
    by: Employee | None,
    now: datetime,
    link_length: int = LINK_LENGTH_ROOMY,
) -> Post:
    """Give a post other words; the next person who opens it sees them.

    Raises:
        NotFound: There is no such post.
        NotAllowed: Only comms change posts.
        Conflict: The post is not offered any more.
        Invalid: The text is empty or too long.
    """
    if by is not None and not by.role.covers(Role.COMMS):
        raise NotAllowed(N_("Only Communications can change a post."))
    post = session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None:
        raise NotFound(N_("There is no post {id}."), id=post_id)
    over = post.share_until is not None and post.share_until <= now
    if post.state is not PostState.LIVE or over:
        raise Conflict(N_("This post is not offered any more, so it stays as it was."))
    post.text = _checked(text, network_of(post.network), link_length)
    session.flush()
    return post


def _checked(text: str, network: Network, link_length: int) -> str:
    sent = as_sent(text)
    if not sent:
        raise Invalid(
            N_("Write a text for {network}, or leave this network out."),
            network=network.label,
        )
    count = length(sent, network, link_length)
    if not count.fits:
        raise TextTooLong(
            N_("The text for {network} is too long by {over}; its limit is {limit}."),
            network=network.label,
            over=-count.remaining,
            limit=count.limit,
        )
    return sent


def _groups(session: Session, ids: Collection[int]) -> Sequence[Group]:
    if not ids:
        return ()
    found = session.scalars(
        select(Group).where(Group.id.in_(ids)).order_by(Group.name)
    ).all()
    if len(found) != len(set(ids)):
        raise Invalid(N_("One of these groups does not exist any more; choose again."))
    return found


def _posts_of(session: Session, item_id: int) -> dict[tuple[str, str, int], Post]:
    posts = session.scalars(
        select(Post)
        .where(Post.item_id == item_id)
        .options(selectinload(Post.audience))
        .order_by(Post.id)
    )
    return {(post.network, post.language, post.variant): post for post in posts}


def _offered(
    post: Post | None,
    item: Item,
    network: Network,
    *,
    words: str | None,
    link_length: int,
    now: datetime,
) -> Post:
    """Make the post of an approved item, or bring the one there was up to date."""
    if post is None:
        post = Post(
            item_id=item.id,
            network=network.key,
            language=item.language,
            variant=_FIRST,
            created_at=now,
        )
    unchanged = post.revision_hash == item.approved_hash
    if words is not None:
        post.text = words
    elif not unchanged:
        post.text = suggest(
            item.title,
            item.summary,
            network=network,
            language=item.language,
            link_length=link_length,
        )
    post.title = item.title
    post.summary = item.summary
    post.image_url = item.image_url
    post.target_url = item.url
    post.revision_hash = item.revision_hash
    post.state = PostState.LIVE
    return post


def _revived(post: Post, item: Item, networks: Collection[str]) -> Post:
    """Bring another wording back, if it was written for this very content."""
    fits = post.network in networks and post.revision_hash == item.approved_hash
    post.state = PostState.LIVE if fits else PostState.WITHDRAWN
    return post
