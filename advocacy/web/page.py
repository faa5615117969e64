"""A page for one reader: the template, what every page shows, and the words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from advocacy import i18n
from advocacy.i18n import N_
from advocacy.people.models import Employee
from advocacy.people.roles import Role
from advocacy.web.deps import House, Reader, csrf_token, house_of, language_of, zone_of
from advocacy.web.forms import forget_flash, take_flash
from advocacy.web.rendering import render

NAVIGATION: tuple[tuple[str, str, Role], ...] = (
    ("/", N_("To share"), Role.EMPLOYEE),
    ("/shares", N_("My shares"), Role.EMPLOYEE),
    ("/desk/queue", N_("Queue"), Role.COMMS),
    ("/desk/digest", N_("Weekly mail"), Role.COMMS),
    ("/desk/stats", N_("Statistics"), Role.COMMS),
    ("/desk/sources", N_("Sources"), Role.COMMS),
    ("/desk/people", N_("People"), Role.ADMIN),
)


class Page:
    """Renders templates for whoever asks, in their language and zone."""

    def __init__(self, request: Request, reader: Employee | None) -> None:
        self.request = request
        self.reader = reader
        self.house: House = house_of(request)
        self.language = language_of(request, reader, self.house.settings)
        self.zone = zone_of(reader, self.house.settings)

    @property
    def gettext(self) -> Callable[[str], str]:
        """Translate a sentence for the reader."""
        return i18n.translations(self.language).gettext

    def text(self, sentence: str, **values: object) -> str:
        """Say a sentence marked with N_, its places filled."""
        return self.gettext(sentence).format(**values)

    def render(
        self, template: str, /, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Fill a template, together with what every page shows."""
        flash = take_flash(self.request, self.house)
        body = render(
            template,
            language=self.language,
            zone=self.zone,
            me=self.reader,
            org=self.house.settings.organisation,
            lang=self.language,
            langs=[(code, i18n.native_name(code)) for code in i18n.languages()],
            nav=self._navigation(),
            flash=flash,
            csrf=csrf_token(self.house, self.request),
            demo=self.house.settings.demo,
            path=self.request.url.path,
            **context,
        )
        answer = HTMLResponse(body, status_code=status)
        answer.headers["Content-Language"] = self.language
        if flash:
            forget_flash(answer)
        return answer

    def _navigation(self) -> list[dict[str, Any]]:
        if self.reader is None:
            return []
        path = self.request.url.path
        return [
            {
                "href": href,
                "label": self.gettext(label),
                "current": path == href
                or (href != "/" and path.startswith(f"{href}/")),
            }
            for href, label, needed in NAVIGATION
            if self.reader.role.covers(needed)
        ]


def _page(request: Request, reader: Reader) -> Page:
    return Page(request, reader)


ThePage = Annotated[Page, Depends(_page)]
