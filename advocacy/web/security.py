"""What every answer carries, and what no request may do: headers, origin, size."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX_BYTES = 6 * 1024 * 1024  # a roster of 5 MB and its form
TOO_MUCH = "That is more than fits in one request (6 MB)."
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' https: http: data:; "  # pictures of articles live elsewhere
    "connect-src 'self'; "
    "font-src 'self'; "
    "frame-src 'self'; "  # previews of letters
    "manifest-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Add the headers to every answer that does not set its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOriginOnly:
    """Refuse a change that another site's page sends in somebody's name.

    Browsers say where a request comes from (Sec-Fetch-Site, Origin); programs with a
    token and the one-click unsubscribe of mail clients (RFC 8058) have no cookie that
    could be misused. Forms carry a token besides (web.deps.csrf_checked).
    """

    def __init__(self, app: ASGIApp, *, open_paths: tuple[str, ...]) -> None:
        self.app = app
        self.open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is safe or ours; answer 403 to the rest."""
        if scope["type"] == "http" and not self._allowed(scope):
            await refuse(scope, send, 403, "This form was sent from another site.")
            return
        await self.app(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or scope["path"].startswith(self.open_paths):
            return True
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class BodyLimit:
    """Refuse a body above the limit, by its announced or by its real size."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = BODY_MAX_BYTES) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the body on until it is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self.max_bytes:
            await refuse(scope, send, 413, TOO_MUCH)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                return {"type": "http.disconnect"}
            return message

        await self.app(scope, receive_within_limit, send)


async def refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    """Answer with one sentence: plain for browsers, a problem for programs."""
    body, media_type = sentence.encode(), b"text/plain; charset=utf-8"
    if scope["path"].startswith("/api/"):
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status}
        body = json.dumps(problem | {"detail": sentence}).encode()
        media_type = b"application/problem+json"
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
