"""Sources by program: add, change, pause, remove, have them pulled."""

from __future__ import annotations

from datetime import timedelta

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from tests.makers import make_item, make_source
from tests.programs import Program

URL = "https://www.waterland-techniek.example/feed/"
CONTRACT = {
    "id",
    "name",
    "url",
    "kind",
    "state",
    "last_pulled_at",
    "next_pull_at",
    "last_result",
    "items",
}


def test_a_new_source_is_there_with_the_keys_that_scripts_rely_on(
    comms: Program,
) -> None:
    """And at the address that the answer names."""
    made = comms.post("/sources", url=URL, name="Nieuws", kind="feed", every_s=900)

    assert made.status == 201
    assert made.headers["location"] == f"/api/v1/sources/{made.body['id']}"
    assert set(made.body) >= CONTRACT
    assert made.body["name"] == "Nieuws"
    assert comms.get(f"/sources/{made.body['id']}").body == made.body
    assert comms.get("/sources").body["items"] == [made.body]


def test_the_same_source_twice_is_a_conflict(comms: Program) -> None:
    """Its news would be there twice."""
    comms.post("/sources", url=URL)

    assert comms.post("/sources", url=URL).status == 409


def test_what_cannot_be_a_source_is_refused(comms: Program) -> None:
    """Nothing of it stays."""
    wrong: tuple[dict[str, object], ...] = (
        {},
        {"url": "not an address"},
        {"url": "javascript:alert(1)"},
        {"url": "https://name:word@example.com/feed"},
        {"url": URL, "kind": "fax"},
        {"url": URL, "every_s": 1},
        {"url": URL, "language": "no language"},
        {"url": URL, "approval": "perhaps"},
        {"url": URL, "name": "a\0b"},
    )
    for given in wrong:
        assert comms.post("/sources", **given).status == 422
    assert comms.get("/sources").body["items"] == []


def test_a_source_counts_its_items(comms: Program, transactions: Transactions) -> None:
    """As in the list of commands."""
    with transactions() as session:
        source = make_source(session)
        make_item(session, source=source)
        make_item(session, source=source)

    assert comms.get(f"/sources/{source.id}").body["items"] == 2


def test_a_change_leaves_the_rest_as_it_was(comms: Program) -> None:
    """PATCH says what is different, null included."""
    source = comms.post("/sources", url=URL, name="Nieuws", language="nl").body

    renamed = comms.patch(f"/sources/{source['id']}", name="Blog").body
    trusted = comms.patch(f"/sources/{source['id']}", approval="auto").body
    open_ = comms.patch(f"/sources/{source['id']}", language=None).body

    assert renamed == source | {"name": "Blog"}
    assert trusted == renamed | {"approval": "auto"}
    assert open_ == trusted | {"language": None}
    assert comms.patch(f"/sources/{source['id']}", name=" ").status == 422


def test_a_paused_source_is_not_pulled(comms: Program) -> None:
    """Until it is resumed."""
    path = f"/sources/{comms.post('/sources', url=URL).body['id']}"

    assert comms.post(f"{path}/pause").body["state"] == "paused"
    assert comms.post(f"{path}/pull").status == 409
    assert comms.post(f"{path}/resume").body["state"] == "active"
    assert comms.post(f"{path}/pull").status == 202


def test_a_pull_makes_it_the_sources_turn(
    comms: Program, transactions: Transactions
) -> None:
    """The row is the queue: a worker finds it, bell or no bell."""
    with transactions() as session:
        later = utc_now() + timedelta(days=2)
        source = make_source(session, next_pull_at=later)

    said = comms.post(f"/sources/{source.id}/pull")

    assert said.body["next_pull_at"] < later.isoformat()


def test_a_removed_source_is_gone(comms: Program) -> None:
    """Its items stay."""
    path = f"/sources/{comms.post('/sources', url=URL).body['id']}"

    removed = comms.delete(path)

    assert (removed.status, removed.body) == (204, None)
    assert comms.get(path).status == 404
    assert comms.delete(path).status == 404
    assert comms.get("/sources").body["items"] == []


def test_a_list_of_sources_keeps_its_place(
    comms: Program, transactions: Transactions
) -> None:
    """Whatever is added or removed meanwhile."""
    with transactions() as session:
        ids = [make_source(session).id for _ in range(4)]
    first = comms.get("/sources", limit=2)
    comms.delete(f"/sources/{ids[0]}")

    second = comms.get("/sources", limit=2, cursor=first.body["next"])

    assert first.ids + second.ids == ids
    assert second.body["next"] is None
