"""Every table in one import, for Alembic, tests and the doors."""

from __future__ import annotations

from advocacy import pulse
from advocacy.db.base import Base
from advocacy.digest import models as digest
from advocacy.links import models as links
from advocacy.offers import models as offers
from advocacy.outbound import models as outbound
from advocacy.people import models as people
from advocacy.queue import models as queue
from advocacy.sources import models as sources
from advocacy.stats import models as stats

metadata = Base.metadata

__all__ = [
    "digest",
    "links",
    "metadata",
    "offers",
    "outbound",
    "people",
    "pulse",
    "queue",
    "sources",
    "stats",
]
