"""What a visitor of the demo can do first: addresses, each with one line to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from advocacy.demo.company import ADMIN, COMMS, EMPLOYEE
from advocacy.i18n import N_
from advocacy.people.directory import get_employee
from advocacy.people.models import SignInLink
from advocacy.people.sign_in import make_link

LINKS_LAST = timedelta(hours=12)  # somebody tries the demo in the morning and evening

GUESTS = (
    (
        COMMS,
        N_("Communications: {name}"),
        N_(
            "Approve this week's news on the desk, then see what earlier weeks brought."
        ),
    ),
    (
        EMPLOYEE,
        N_("Employee: {name}"),
        N_(
            "Share a story, then open its short link in a private window: it counts"
            " within a minute."
        ),
    ),
    (
        ADMIN,
        N_("Administrator: {name}"),
        N_("Add a feed of your own company, and import a few colleagues."),
    ),
)


@dataclass(frozen=True)
class Stop:
    """One place to go, in the visitor's language."""

    title: str
    url: str
    hint: str


def tour(
    session: Session,
    *,
    base_url: str,
    site_url: str,
    now: datetime,
    gettext: Callable[[str], str] = str,
) -> list[Stop]:
    """List where to look, with a fresh sign-in link per role.

    Links of an earlier tour that nobody used stop working.

    Args:
        session: The caller's transaction.
        base_url: Where the pages are, without a slash at its end.
        site_url: Where the company's news site is, without a slash at its end.
        now: From when the links count; they work for 12 hours, once.
        gettext: Speaks the visitor's language.

    Raises:
        NotFound: The demo's people are not there.
    """
    stops = [
        Stop(
            gettext(N_("The service")),
            f"{base_url}/",
            gettext(N_("Start here; each link below signs you in as somebody else.")),
        )
    ]
    for email, title, hint in GUESTS:
        person = get_employee(session, email)
        session.execute(
            delete(SignInLink).where(
                SignInLink.employee_id == person.id, SignInLink.used_at.is_(None)
            )
        )
        link = make_link(
            session, person, base_url=base_url, now=now, lifetime=LINKS_LAST
        )
        stops.append(Stop(gettext(title).format(name=person.name), link, gettext(hint)))
    return [
        *stops,
        Stop(
            gettext(N_("Mailbox")),
            f"{base_url}/dev/mailbox",
            gettext(N_("Every mail of the demo ends up here; the weekly letter too.")),
        ),
        Stop(
            gettext(N_("The company's news site")),
            f"{site_url}/",
            gettext(N_("Where the news comes from; another article soon appears.")),
        ),
    ]
