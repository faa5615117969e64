"""Where employees share: what each network takes, how it counts, when it suits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from advocacy.errors import Invalid
from advocacy.i18n import N_


class Capability(StrEnum):
    """How much of a post a network's share page takes over from us."""

    PREFILL_TEXT_AND_URL = "prefill_text_and_url"
    PREFILL_TEXT_ONLY = "prefill_text_only"  # the link stands inside the text
    URL_ONLY = "url_only"  # copy the text first, then open
    COPY_ONLY = "copy_only"  # there is nothing to open


class Measure(StrEnum):
    """What one unit of a network's limit is."""

    WEIGHTED = "weighted"  # X: 1 or 2 by range, an emoji 2, NFC first
    UTF16 = "utf16"
    GRAPHEMES = "graphemes"  # what a reader calls a character
    CHARACTERS = "characters"  # code points
    ENCODED = "encoded"  # percent-encoded, as inside a mailto: address


@dataclass(frozen=True)
class Network:
    """One place to share a post. `length_max` counts text and link together."""

    key: str
    label: str  # its own name; `mail` alone is translated
    length_max: int
    measure: Measure
    capability: Capability
    advice: str  # when it suits, in one sentence
    link_length: int | None = None  # fixed length of every link; None: as typed
    bytes_max: int | None = None  # a second limit, in UTF-8 bytes
    cut_at: int | None = None  # the feed shows about this much, then "more"
    before_link: str = "\n\n"  # what stands between text and link


# Limits and ways of counting, as read in 2026:
# X: docs.x.com/fundamentals/counting-characters. LinkedIn, Facebook:
# docs.upload-post.com/resources/character-limits. Bluesky: the lexicon
# app.bsky.feed.post. Mastodon: instance configuration, by default.
# WhatsApp: the limit of its business API.
NETWORKS: dict[str, Network] = {
    network.key: network
    for network in (
        Network(
            key="linkedin",
            label="LinkedIn",
            length_max=3_000,
            measure=Measure.UTF16,
            capability=Capability.URL_ONLY,
            advice=N_(
                "Suits news about your work best: colleagues, customers and people "
                "in your trade read along."
            ),
            cut_at=210,
        ),
        Network(
            key="x",
            label="X",
            length_max=280,
            measure=Measure.WEIGHTED,
            capability=Capability.PREFILL_TEXT_AND_URL,
            advice=N_("Suits one short, timely thought that makes people curious."),
            link_length=23,
            before_link=" ",  # as X itself puts it
        ),
        Network(
            key="facebook",
            label="Facebook",
            length_max=63_206,
            measure=Measure.CHARACTERS,
            capability=Capability.URL_ONLY,
            advice=N_(
                "Suits stories about people, for family, friends and your region."
            ),
            cut_at=480,
        ),
        Network(
            key="whatsapp",
            label="WhatsApp",
            length_max=4_096,
            measure=Measure.CHARACTERS,
            capability=Capability.PREFILL_TEXT_ONLY,
            advice=N_(
                "Suits one person or a small group you know would like to hear this."
            ),
        ),
        Network(
            key="bluesky",
            label="Bluesky",
            length_max=300,
            measure=Measure.GRAPHEMES,
            capability=Capability.PREFILL_TEXT_ONLY,
            advice=N_("Suits a personal remark on news, in an open conversation."),
            bytes_max=3_000,
        ),
        Network(
            key="mastodon",
            label="Mastodon",
            length_max=500,
            measure=Measure.GRAPHEMES,
            capability=Capability.PREFILL_TEXT_ONLY,
            advice=N_(
                "Suits knowledge and background, for people who like to talk it over."
            ),
            link_length=23,
        ),
        Network(
            key="mail",
            label=N_("E-mail"),
            # Some mail programs cut a mailto: address at about 2,000 characters;
            # what is left of that is for the subject.
            length_max=1_600,
            measure=Measure.ENCODED,
            capability=Capability.PREFILL_TEXT_AND_URL,
            advice=N_("Suits one customer or relation for whom this is just right."),
        ),
    )
}


class UnknownNetwork(Invalid):
    """No network goes by this key."""


def network_of(key: str) -> Network:
    """Give a network by its key.

    Raises:
        UnknownNetwork: There is no such network.
    """
    try:
        return NETWORKS[key]
    except KeyError:
        raise UnknownNetwork(
            N_("There is no network “{key}”; choose one of {known}."),
            key=key,
            known=", ".join(NETWORKS),
        ) from None
