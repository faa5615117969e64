"""People and groups by program."""

from __future__ import annotations

from advocacy.clock import utc_now
from advocacy.db.session import Transactions
from tests.makers import make_employee, make_group
from tests.programs import Program


def test_a_person_is_told_without_what_they_share(
    admin: Program, transactions: Transactions
) -> None:
    """The directory, and nothing about taking part."""
    with transactions() as session:
        person = make_employee(session, groups=[make_group(session, name="Sluizen")])

    row = admin.get(f"/people/{person.id}").body

    assert row == {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": "employee",
        "groups": ["Sluizen"],
        "language": "nl",
        "timezone": "Europe/Amsterdam",
    }
    assert admin.get("/people").body["items"] == [row]


def test_whoever_left_is_not_listed(admin: Program, transactions: Transactions) -> None:
    """They are no longer here."""
    with transactions() as session:
        gone = make_employee(session, left_at=utc_now())

    assert admin.get("/people").body["items"] == []
    assert admin.get(f"/people/{gone.id}").status == 404


def test_a_list_of_people_keeps_its_place(
    admin: Program, transactions: Transactions
) -> None:
    """By address, whoever joins meanwhile."""
    with transactions() as session:
        people = [
            make_employee(session, email=f"{name}@waterland.example").id
            for name in ("b", "c", "d")
        ]
    first = admin.get("/people", limit=2)
    with transactions() as session:
        make_employee(session, email="a@waterland.example")

    second = admin.get("/people", limit=2, cursor=first.body["next"])

    assert first.ids + second.ids == people
    assert admin.get("/people", search="c@water").ids == [people[1]]


def test_groups_are_an_audience_to_choose(
    comms: Program, transactions: Transactions
) -> None:
    """Names and ids; how many are in one is nobody's business here."""
    with transactions() as session:
        groups = [make_group(session) for _ in range(3)]

    assert [row["id"] for row in comms.pages("/groups", limit=2)] == [
        group.id for group in groups
    ]
    assert comms.get(f"/groups/{groups[0].id}").body == {
        "id": groups[0].id,
        "name": groups[0].name,
    }
    assert comms.get("/groups/404").status == 404
