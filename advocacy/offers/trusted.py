"""Items of sources that comms trust as they are: approved without anybody looking.

A sweep over rows, like all work: an item that came in while a worker was killed is
found by the next one. What somebody decided about is left alone for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from advocacy.db.session import Transactions
from advocacy.offers.offering import approve_automatically
from advocacy.queue.models import Decision, Item
from advocacy.queue.states import ItemState
from advocacy.sources.models import Approval, Source

AT_ONCE = 50  # items per transaction
LOOK_BACK = timedelta(days=2)  # trusting a source later is not about its older items


def approve_trusted(transactions: Transactions, *, now: datetime) -> int:
    """Approve and offer what trusted sources brought; say how many items."""
    approved = after = 0
    while True:
        with transactions() as session:
            found = session.scalars(
                select(Item.id)
                .join(Source, Item.source_id == Source.id)
                .where(
                    Item.id > after,
                    Item.state == ItemState.PENDING,
                    Item.seen_at > now - LOOK_BACK,
                    Source.approval == Approval.AUTO,
                    ~exists().where(Decision.item_id == Item.id),
                )
                .order_by(Item.id)
                .limit(AT_ONCE)
                .with_for_update(of=Item, skip_locked=True)  # another worker has them
            ).all()
            if not found:
                return approved
            approve_automatically(session, found, now)
        approved += len(found)
        after = found[-1]
