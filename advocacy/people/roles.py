"""What a person may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Each role may do all that the ones before it may."""

    EMPLOYEE = "employee"
    COMMS = "comms"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Tell whether this role may do what needs another."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
