"""What an error looks like: a page for people, problem+json for programs."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from advocacy.errors import (
    AdvocacyError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    UpstreamError,
)
from advocacy.i18n import N_
from advocacy.web.deps import NotSignedIn, reader_of
from advocacy.web.forms import safe_path
from advocacy.web.page import Page

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[AdvocacyError], int], ...] = (
    (NotSignedIn, 401),
    (NotFound, 404),
    (NotAllowed, 403),
    (Invalid, 422),
    (Conflict, 409),
    (UpstreamError, 502),
)

TITLES = {
    400: N_("Not readable"),
    401: N_("Please sign in"),
    403: N_("Not for you"),
    404: N_("Not here"),
    405: N_("Not this way"),
    409: N_("That does not fit (any more)"),
    422: N_("Something is missing"),
    500: N_("That went wrong"),
    502: N_("Another server did not answer"),
}
SORRY = N_(
    "Something went wrong on our side. Nothing of yours is lost; please try again."
)


def install(app: FastAPI) -> None:
    """Make every error of the app come out as a page or as problem+json."""
    app.add_exception_handler(AdvocacyError, _on_advocacy_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(Exception, _on_crash)


def status_of(error: AdvocacyError) -> int:
    """Say which HTTP status a kind of error has."""
    return next((code for kind, code in STATUS if isinstance(error, kind)), 500)


def problem(status: int, detail: str, **more: Any) -> JSONResponse:
    """Make an answer of RFC 9457."""
    title = TITLES.get(status, TITLES[500])
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(
        body | more, status_code=status, media_type="application/problem+json"
    )


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _on_advocacy_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AdvocacyError)
    status = status_of(error)
    if _is_api(request):
        answer = problem(status, str(error))
        if status == 401:  # noqa: PLR2004 - HTTP's own number
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if isinstance(error, NotSignedIn):
        back = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?next={safe_path(back)}", status_code=303)
    page = _page(request)
    return _error_page(page, status, error.say(page.gettext))


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = {
        400: N_("This request cannot be read. Check its body and its length."),
        404: N_("There is no such page. Perhaps it moved, or the address has a typo."),
        405: N_("This address does not answer that kind of request."),
    }.get(error.status_code, SORRY)
    if _is_api(request):
        answer: Response = problem(error.status_code, text)
    else:
        page = _page(request)
        answer = _error_page(page, error.status_code, page.gettext(text))
    answer.headers.update(error.headers or {})  # Allow, with 405
    return answer


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [
        {"where": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
        for one in error.errors()
    ]
    if _is_api(request):
        return problem(
            422, N_("The request does not fit; see errors."), errors=problems
        )
    page = _page(request)
    fields = ", ".join(one["where"].rpartition(".")[2] for one in problems)
    text = page.text(N_("Please go back and check: {fields}."), fields=fields)
    return _error_page(page, 422, text)


def _on_crash(request: Request, error: Exception) -> Response:
    # The route, not the address: that may hold somebody's one-time link.
    route = getattr(request.scope.get("route"), "path", "a page")
    log.error("%s %s failed", request.method, route, exc_info=error)
    if _is_api(request):
        return problem(500, SORRY)
    page = Page(request, None)  # the database may be what failed
    return _error_page(page, 500, page.gettext(SORRY))


def _page(request: Request) -> Page:
    return Page(request, reader_of(request))


def _error_page(page: Page, status: int, text: str) -> Response:
    title = page.gettext(TITLES.get(status, TITLES[500]))
    action = {"href": "/", "label": page.gettext(N_("To the first page"))}
    return page.render(
        "error.html", status=status, code=status, title=title, text=text, action=action
    )
