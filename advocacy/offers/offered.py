"""What an offer is: an item with ready-to-share texts, chosen for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from advocacy.errors import NotFound
from advocacy.i18n import N_
from advocacy.offers.audience import Refusal
from advocacy.offers.models import Post
from advocacy.offers.networks import NETWORKS, Network


@dataclass(frozen=True)
class Because:
    """Why an item stands where it stands, as words to be translated."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    def say(self, gettext: Callable[[str], str]) -> str:
        """Tell it in the language of `gettext`."""
        return gettext(self.template).format(**self.values)


@dataclass(frozen=True)
class PostOffer:
    """One ready-to-share text for one network."""

    post_id: int
    item_id: int
    network: Network
    language: str
    variant: int
    text: str  # without the link
    title: str
    target_url: str
    share_until: datetime | None


@dataclass(frozen=True)
class ItemOffer:
    """One item, with the wording chosen for this person on each network."""

    item_id: int
    title: str
    summary: str
    image_url: str | None
    target_url: str
    source_name: str
    published_at: datetime
    language: str
    topics: tuple[str, ...]
    because: Because | None
    of_the_week: bool
    shared: bool  # this person shared it before
    posts: tuple[PostOffer, ...]  # one per network, in the order of NETWORKS


class NotOffered(NotFound):
    """A post or item is not, or no longer, offered to this person."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        """Keep why; the words say nothing about what is meant for others."""
        super().__init__(_SAID.get(refusal, _SAID[None]))
        self.refusal = refusal

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.refusal,))


_SAID: dict[Refusal | None, str] = {
    None: N_("This story is not on offer at the moment."),
    Refusal.OVER: N_("This story has had its time. Thank you for thinking of it!"),
    Refusal.FULL: N_("Enough colleagues are sharing this one already. Thank you!"),
}
TOLD = (Refusal.FULL, Refusal.OVER)


def because(
    *, of_the_week: bool, followed: str | None, group: str | None
) -> Because | None:
    """Say why an item is brought to somebody's attention, if there is a reason."""
    if of_the_week:
        return Because(N_("our story of the week"))
    if followed is not None:
        return Because(N_("because you follow {topic}"), {"topic": followed})
    if group is not None:
        return Because(N_("meant for {group}"), {"group": group})
    return None


def offer_of_post(post: Post) -> PostOffer:
    """Give what a person needs of a post to share it."""
    return PostOffer(
        post_id=post.id,
        item_id=post.item_id,
        network=NETWORKS[post.network],
        language=post.language,
        variant=post.variant,
        text=post.text,
        title=post.title,
        target_url=post.target_url,
        share_until=post.share_until,
    )
