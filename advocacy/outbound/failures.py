"""What can go wrong at somebody else's server, in words that help."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from advocacy.errors import UpstreamError
from advocacy.i18n import N_


class FailureKind(StrEnum):
    """Why there is no answer that we can use."""

    BAD_ADDRESS = "bad_address"
    BLOCKED = "blocked"
    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    REDIRECTS = "redirects"
    CLIENT_ERROR = "client_error"  # 4xx
    GONE = "gone"  # 410
    BUSY = "busy"  # 429
    SERVER_ERROR = "server_error"  # 5xx
    TOO_BIG = "too_big"
    BAD_ENCODING = "bad_encoding"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    HTML = "html"
    SITEMAP = "sitemap"
    BROKEN_XML = "broken_xml"
    OUR_SIDE = "our_side"


SENTENCES: dict[FailureKind, str] = {
    FailureKind.BAD_ADDRESS: N_(
        "The address is not one we can ask. Give a whole one, "
        "as in https://www.example.com/feed/."
    ),
    FailureKind.BLOCKED: N_(
        "{host} is inside a private network, which is closed to us. An administrator "
        "can open it with ADVOCACY_FETCH_ALLOW."
    ),
    FailureKind.DNS: N_(
        "We cannot find {host}. Check the address for a typing error; "
        "if it is right, we keep trying."
    ),
    FailureKind.TLS: N_(
        "The secure connection to {host} cannot be trusted: its certificate is "
        "expired, incomplete or meant for another name. Tell who runs that site."
    ),
    FailureKind.TIMEOUT: N_("{host} took too long to answer. We try again later."),
    FailureKind.RESET: N_(
        "{host} closed the connection before the answer was complete. "
        "We try again later."
    ),
    FailureKind.PROTOCOL: N_(
        "What {host} answers is not proper HTTP. Check the address and the port."
    ),
    FailureKind.REDIRECTS: N_(
        "{host} keeps sending us on to other addresses, or to one that is not "
        "secure. Give the address where the feed really is."
    ),
    FailureKind.CLIENT_ERROR: N_(
        "{host} does not give us this page (status {status}). Check that the address "
        "is right and open to everybody."
    ),
    FailureKind.GONE: N_(
        "{host} says that this address is gone for good. Look for its new address."
    ),
    FailureKind.BUSY: N_("{host} asks us to come back later. We do."),
    FailureKind.SERVER_ERROR: N_(
        "{host} has a problem of its own (status {status}). We try again later."
    ),
    FailureKind.TOO_BIG: N_(
        "The answer of {host} is larger than {limit_mib} MiB. Ask for a feed with "
        "fewer or shorter entries."
    ),
    FailureKind.BAD_ENCODING: N_(
        "The answer of {host} is packed in a way that we cannot open. "
        "Tell who runs that site."
    ),
    FailureKind.EMPTY: N_("{host} answers with nothing at all. We try again later."),
    FailureKind.NOT_A_FEED: N_(
        "What {host} answers is not a feed. Give the address of an RSS or Atom feed."
    ),
    FailureKind.HTML: N_(
        "{host} shows a web page here, and no feed is named in it. Give the address of "
        "its RSS or Atom feed."
    ),
    FailureKind.SITEMAP: N_(
        "What {host} answers is a sitemap, a list for search engines. "
        "Give the address of its RSS or Atom feed."
    ),
    FailureKind.BROKEN_XML: N_(
        "The feed of {host} is damaged, so that nothing in it can be read. "
        "Tell who runs that site."
    ),
    FailureKind.OUR_SIDE: N_(
        "Something went wrong on our side. We try again later; "
        "the log says what happened."
    ),
}


class FetchFailed(UpstreamError):  # noqa: N818 - the words of the house
    """There is no usable answer; `kind` says why, `headers` when to come back."""

    def __init__(
        self,
        kind: FailureKind,
        *,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        """Keep the kind and what the sentence names.

        Args:
            kind: What went wrong.
            headers: Of the answer, if there was one; names in lower case.
            **values: The places in the kind's sentence.
        """
        super().__init__(SENTENCES[kind], **values)
        self.kind = kind
        self.headers = dict(headers or {})

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (self.kind, self.headers, self.values))


def _again(
    kind: FailureKind, headers: dict[str, str], values: dict[str, object]
) -> FetchFailed:
    return FetchFailed(kind, headers=headers, **values)


def retell(kind: str, text: str, gettext: Callable[[str], str]) -> str:
    """Tell a failure that was noted in English in the language of `gettext`."""
    if kind not in set(FailureKind):
        return text
    template = SENTENCES[FailureKind(kind)]
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(template))
    match = re.fullmatch(pattern, text, re.DOTALL)
    return text if match is None else gettext(template).format(**match.groupdict())
