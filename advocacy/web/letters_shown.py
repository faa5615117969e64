"""A letter's HTML inside a page of ours: styled as sent, able to do nothing."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

# Letters bring inline styles, as mail clients want them; hence a policy of their own.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "base-uri 'self'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def letter_frame(html: str) -> HTMLResponse:
    """Answer with a letter, for a frame; its links open in a new tab."""
    framed = html.replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(framed, headers={"Content-Security-Policy": POLICY})
