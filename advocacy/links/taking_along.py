"""Taking an offered post along: the gates before every share, whatever the door."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from advocacy.conduct.checklist import is_own_words, require_checked
from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.links.queries import started_counts
from advocacy.links.sharing import StartedShare, start_share
from advocacy.offers.counting import as_sent, length, link_length_of
from advocacy.offers.networks import Network
from advocacy.offers.offered import PostOffer
from advocacy.offers.queries import post_for
from advocacy.people.models import Employee


class WordsDoNotFit(Invalid):
    """There are no words, or more than the network takes together with the link."""


def offered_post(
    session: Session, employee: Employee, post_id: int, *, now: datetime
) -> PostOffer:
    """Give a post that somebody may share now; the first gate.

    Raises:
        NotOffered: There is no such post, or not for them, or not now.
    """
    return post_for(
        session,
        employee,
        post_id,
        now=now,
        started=lambda ids: started_counts(session, ids),
    )


def take_along(
    session: Session,
    employee: Employee,
    post: PostOffer,
    *,
    text: str,
    answers: Collection[str],
    now: datetime,
    tz: ZoneInfo,
    link_base: str,
) -> StartedShare:
    """Start a share of an offered post, with its own words or the employee's.

    Args:
        session: The caller's transaction.
        employee: Who shares.
        post: What `offered_post` gave for this person a moment ago.
        text: What they will publish, without the link; it is not kept.
        answers: Keys of the questions they ticked; asked of own words alone.
        now: The moment, aware.
        tz: The organisation's zone, in which days begin and end.
        link_base: The address in front of `/s/`, without a slash at its end.

    Raises:
        WordsDoNotFit: The text is empty or too long.
        ChecklistOpen: The words are their own, and a question is not ticked.
        NotFound: The post was taken back this very moment.
    """
    words = as_sent(text)
    _require_fitting(words, post.network, link_length_of(link_base))
    own_words = is_own_words(words, as_sent(post.text))
    if own_words:
        require_checked(answers)
    return start_share(
        session,
        employee,
        post.post_id,
        text=words,
        own_words=own_words,
        now=now,
        tz=tz,
        link_base=link_base,
    )


def _require_fitting(words: str, network: Network, link_length: int) -> None:
    if not words:
        raise WordsDoNotFit(N_("Write a few words to go with the link."))
    if not length(words, network, link_length).fits:
        raise WordsDoNotFit(
            N_(
                "This is longer than {network} takes. A shorter text is often stronger."
            ),
            network=network.label,
        )
