"""What all letters of an organisation have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from advocacy.config import Settings
from advocacy.digest.calendar import Timetable
from advocacy.outbound.message import Mailbox, mailbox


@dataclass(frozen=True)
class Letterhead:
    """Who writes, from where, when, and how much."""

    organisation: str
    base_url: str  # without a slash at its end
    sender: Mailbox
    secret: bytes  # signs the links in letters
    timetable: Timetable
    items_max: int  # per letter
    small_group: int  # fewer people than this are never counted aloud

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take it from the settings."""
        return cls(
            organisation=settings.organisation,
            base_url=settings.base_url,
            sender=mailbox(settings.mail_from),
            secret=settings.secret,
            timetable=Timetable(
                weekday=settings.digest_weekday,
                hour=settings.digest_hour,
                zone=settings.timezone,
            ),
            items_max=settings.digest_items_max,
            small_group=settings.small_group,
        )

    @property
    def domain(self) -> str:
        """Give the domain in whose name letters are numbered."""
        return self.sender.address.rpartition("@")[2]
