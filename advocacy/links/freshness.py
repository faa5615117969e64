"""The door's second pair of hands: keeps its memory fresh while it answers.

A thread looks for changed links, fetches the salt of the next day before midnight, and
brings back what waits in the spool. When the database is away it says so once and
tries again; the door goes on with what it knows.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from advocacy.links.memory import DaySalts
from advocacy.links.replay import replay
from advocacy.links.slug_table import SlugTable
from advocacy.links.spool import Spool
from advocacy.links.visitors import salt_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5  # a changed link acts within a second, in every process
REPLAY_EVERY_S = 60.0
SALT_AHEAD = timedelta(minutes=5)


class Freshness:
    """Renews links and salts and replays the spool, in the background."""

    def __init__(
        self,
        links: SlugTable,
        salts: DaySalts,
        spool: Spool,
        *,
        writing: Transactions,
        reading: Transactions,
    ) -> None:
        self._links = links
        self._salts = salts
        self._spool = spool
        self._writing = writing
        self._reading = reading
        self._in_trouble = False
        self._replay_at = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="links", daemon=True)

    def start(self) -> None:
        """Read everything once, and go on in the background."""
        self.renew()
        self._thread.start()

    def stop(self) -> None:
        """End; a thread that hangs in the database is left behind."""
        self._stopped.set()
        self._thread.join(LOOK_EVERY_S * 4)

    def renew(self) -> None:
        """Look for what changed, once; complain once where the database is away."""
        now = utc_now()
        try:
            with self._reading() as session:
                self._links.renew(session, now=now)
            self._salts.forget(now)
            for day in self._salts.missing(now, ahead=SALT_AHEAD):
                with self._writing() as session:
                    salt = salt_of(session, day, now=now)
                self._salts.learn(day, salt)
            self._replay()
        except (SQLAlchemyError, OSError) as error:
            if not self._in_trouble:
                reason = str(error).partition("\n")[0]
                log.warning("share links go on from memory: %s", reason)
            self._in_trouble = True
        else:
            self._in_trouble = False

    def _replay(self) -> None:
        if time.monotonic() < self._replay_at or self._spool.is_empty():
            return
        self._replay_at = time.monotonic() + REPLAY_EVERY_S
        brought_back = replay(self._writing, self._spool)
        log.info("%d hits came back from the spool", brought_back)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self.renew()
