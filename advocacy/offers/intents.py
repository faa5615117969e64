"""The address that opens a network's own share page; pure.

No log-in and no script of theirs: a person presses a link, and posts there.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from advocacy.errors import Invalid
from advocacy.i18n import N_
from advocacy.offers.counting import as_sent, encoded
from advocacy.offers.networks import Network
from advocacy.offers.wording import with_link

# Values are percent-encoded before they come in here.
_SHARE_PAGES = {
    "linkedin": "https://www.linkedin.com/sharing/share-offsite/?url={link}",
    "facebook": "https://www.facebook.com/sharer/sharer.php?u={link}",
    "x": "https://x.com/intent/post?{apart}",
    "whatsapp": "https://api.whatsapp.com/send?text={post}",
    "bluesky": "https://bsky.app/intent/compose?text={post}",
    "mastodon": "https://{server}/share?text={post}",
    "mail": "mailto:?subject={subject}&body={body}",
}
_SUBJECT_MAX = 240  # characters, percent-encoded; see the limit of `mail`
_HOST_MAX = 253  # characters, RFC 1035
_SCHEME = re.compile(r"https?://")
_AFTER_HOST = re.compile(r"[/?#\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class NotAServer(Invalid):
    """What was typed is not the name of a Mastodon server."""


def intent_url(
    network: Network, text: str, url: str, *, title: str = "", server: str | None = None
) -> str | None:
    """Give the address that opens a network with a post prepared as far as it lets us.

    LinkedIn and Facebook take the link alone: the text goes by the clipboard.

    Args:
        network: Where to share.
        text: The post, without its link.
        url: The share link.
        title: Subject of a mail.
        server: Host of the person's own Mastodon server, as from `mastodon_server`.

    Returns:
        None where there is nothing to open, or Mastodon's server is not known yet.

    Source:
        LinkedIn share-offsite, Facebook sharer, X web intents, Bluesky intent links,
        Mastodon /share, WhatsApp click to chat, RFC 6068.
    """
    page = _SHARE_PAGES.get(network.key)
    asks_server = page is not None and "{server}" in page
    if page is None or (asks_server and not server):
        return None
    post = with_link(text, url, network)
    return page.format(
        link=quote(url, safe=""),
        post=quote(post, safe=""),
        apart=_x_query(text, url),
        server=mastodon_server(server) if asks_server and server else "",
        subject=_subject(title),
        body=encoded(post),
    )


def _x_query(text: str, url: str) -> str:
    """Give text and link apart, as X joins them itself; once is enough."""
    sent = as_sent(text)
    if not sent:
        return f"url={quote(url, safe='')}"
    if url in sent.split():
        return f"text={quote(sent, safe='')}"
    return f"text={quote(sent, safe='')}&url={quote(url, safe='')}"


def _subject(title: str) -> str:
    """Encode a subject on one line, whole signs only, within its room."""
    subject = ""
    for sign in " ".join(as_sent(title).split()):
        more = quote(sign, safe="")
        if len(subject) + len(more) > _SUBJECT_MAX:
            break
        subject += more
    return subject


def mastodon_server(typed: str) -> str:
    """Read the name of a Mastodon server from what a person typed.

    `mastodon.social`, `https://mastodon.social/@me` and `@me@mastodon.social` all
    mean the same server. Only the name of a public host is taken.

    Raises:
        NotAServer: There is no host name in it.
    """
    typed = as_sent(typed).lower()
    scheme = _SCHEME.match(typed)
    host = _AFTER_HOST.split(typed[scheme.end() :] if scheme else typed, maxsplit=1)[0]
    if not scheme:
        host = host.rpartition("@")[2]
    try:
        host = host[:_HOST_MAX].encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    labels = host.split(".")
    if (
        len(host) >= _HOST_MAX
        or len(labels) < 2  # noqa: PLR2004 - a public name has a dot
        or not all(_LABEL.fullmatch(label) for label in labels)
        or not labels[-1][0].isalpha()  # an address in numbers
    ):
        raise NotAServer(
            N_("Give the name of your Mastodon server, as in mastodon.social.")
        )
    return host
