"""What a reader sees where a share link leads nowhere, in our own look."""

from __future__ import annotations

from advocacy.config import Settings
from advocacy.links.dead_ends import DeadEnd, plain_page
from advocacy.web.rendering import render

TEMPLATES = {
    DeadEnd.UNKNOWN: "link_unknown.html",
    DeadEnd.WITHDRAWN: "link_gone.html",
}


def dead_end_page(settings: Settings, kind: DeadEnd, language: str) -> bytes:
    """Make the page of a dead end; a plain one where we have no template for it."""
    if kind not in TEMPLATES:
        return plain_page(kind, language)
    return render(
        TEMPLATES[kind],
        language=language,
        zone=settings.timezone,
        lang=language,
        org=settings.organisation,
    ).encode()
