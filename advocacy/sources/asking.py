"""Asking a source in such a way that it need not answer twice the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from advocacy.outbound.failures import FailureKind, FetchFailed
from advocacy.outbound.http import Answer, Get
from advocacy.sources.entries import Validators

NOT_MODIFIED = 304
VALIDATOR_MAX = 1_000  # characters; longer ones are not worth keeping
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.5, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, whether it says anything new, and how to ask the next time."""

    answer: Answer
    changed: bool
    validators: Validators


def ask_again(
    url: str, known: Validators, get: Get, headers: Mapping[str, str] | None = None
) -> Asked:
    """Ask for an address, and see in three ways whether it is as before.

    A status of 304, the same ETag, the same bytes: each means that nothing changed.

    Raises:
        FetchFailed: There is no usable answer.
    """
    conditions = {}
    if known.etag:
        conditions["if-none-match"] = known.etag
    if known.last_modified:
        conditions["if-modified-since"] = known.last_modified
    answer = get(url, {"accept": ACCEPT, **(headers or {}), **conditions})
    if answer.status == NOT_MODIFIED:
        if not conditions:  # we asked for everything, and it says "as before"
            raise FetchFailed(FailureKind.PROTOCOL, host=host_of(answer))
        return Asked(answer, changed=False, validators=_refreshed(known, answer))
    seen = _validators(answer)
    same = (known.etag is not None and seen.etag == known.etag) or (
        seen.body_sha256 == known.body_sha256
    )
    return Asked(answer, changed=not same, validators=seen)


def host_of(answer: Answer) -> str:
    """Name the server for a sentence to people."""
    return answer.url.split("/")[2]


def _validators(answer: Answer) -> Validators:
    return Validators(
        etag=_kept(answer.headers.get("etag")),
        last_modified=_kept(answer.headers.get("last-modified")),
        body_sha256=hashlib.sha256(answer.body).hexdigest(),
    )


def _refreshed(known: Validators, answer: Answer) -> Validators:
    """Keep what a 304 tells anew, and what was known otherwise."""
    return Validators(
        etag=_kept(answer.headers.get("etag")) or known.etag,
        last_modified=_kept(answer.headers.get("last-modified")) or known.last_modified,
        body_sha256=known.body_sha256,
    )


def _kept(value: str | None) -> str | None:
    return value if value and len(value) <= VALIDATOR_MAX else None
