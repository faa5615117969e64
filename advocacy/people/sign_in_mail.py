"""The mail with the one-time sign-in link: short, plain, and the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from advocacy.i18n import N_

SUBJECT = N_("Your sign-in link for {org}")
BODY = N_("""Hello {name},

Here is your way in. Open this address and press the button; it works once, for half \
an hour:

{url}

Did you not ask for it? Then do nothing: without the button nothing happens.
""")


def sign_in_mail(
    *,
    to: str,
    name: str,
    url: str,
    organisation: str,
    sender: str,
    gettext: Callable[[str], str],
    now: datetime,
) -> EmailMessage:
    """Write the mail that lets a person in.

    Args:
        name: How the person is greeted, one line.
        url: The one-time address.
        sender: The From header, as in `Advocacy <advocacy@example.org>`.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = gettext(SUBJECT).format(org=organisation)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=to.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(gettext(BODY).format(name=name, url=url))
    return message
