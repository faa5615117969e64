"""Bringing the hits of the spool into the database, each once."""

from __future__ import annotations

from advocacy.db.session import Transactions
from advocacy.links.recorder import HitRow, add_hits
from advocacy.links.spool import Spool


def replay(transactions: Transactions, spool: Spool) -> int:
    """Add every hit that waits in the spool, and say how many were new.

    One process at a time; another one that asks meanwhile is told 0. The file goes
    only after the commit, so an interruption repeats the work and changes nothing.
    """
    new = 0
    with spool.alone() as mine:
        if not mine:
            return 0
        for path, rows in spool.take():
            with transactions() as session:
                new += add_hits(session, [HitRow(*row) for row in rows])
            spool.done_with(path)
    return new
