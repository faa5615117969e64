"""What the API says of itself, and that it survives what it does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from advocacy.db.session import Transactions
from advocacy.people.roles import Role
from advocacy.web.api.app import RESOURCES
from tests.makers import make_comms_member, make_item, make_post, make_source
from tests.programs import MakeProgram

PROMISED = {
    "sources",
    "items",
    "posts",
    "people",
    "groups",
    "offers",
    "shares",
    "links",
    "digests",
    "stats",
    "checks",
}
HOSTILE: tuple[Any, ...] = (
    "\0",
    "a\0b",
    "' OR 1=1 --",
    "%00",
    "\u202e\ufeff",
    "x" * 10_000,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1e308,
    True,
    None,
    [],
    {},
    [[[]]],
    {"x": "\0"},
    ["\0"],
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
)

USUAL = {
    "text": "so",
    "reason": "so",
    "network": "linkedin",
    "language": "nl",
    "url": "https://news.example/feed/",
    "post_id": 1,
}


@pytest.fixture
def document(web: TestClient) -> dict[str, Any]:
    """The description that programs are made from."""
    answer = web.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def test_the_api_describes_itself(document: dict[str, Any]) -> None:
    """OpenAPI 3.1, without a token: it holds no secret."""
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "/api/v1"}]
    assert {path.split("/")[1] for path in document["paths"]} == PROMISED


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """A broken one stops every generator of clients."""
    named = set(re.findall(r"#/components/schemas/([\w.]+)", str(document)))

    assert named <= set(document["components"]["schemas"])
    assert "Problem" in named


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    """OpenAPI 3.1 speaks JSON Schema 2020-12."""
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described(document: dict[str, Any]) -> None:
    """What is not described cannot be relied on."""
    routes = {
        (method, route.path)
        for resource in RESOURCES
        for route in resource.router.routes
        for method in getattr(route, "methods", ())
    }

    assert routes == {(method, path) for method, path, _ in _operations(document)}


def test_every_operation_asks_for_a_token_and_says_what_it_does(
    document: dict[str, Any],
) -> None:
    """In one sentence, under a name of its own."""
    operations = [operation for _, _, operation in _operations(document)]

    assert all(operation["security"] == [{"token": []}] for operation in operations)
    assert all(operation["description"] for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        problem = operation["responses"]["default"]["content"]
        assert list(problem) == ["application/problem+json"]


def test_every_body_forbids_unknown_keys(document: dict[str, Any]) -> None:
    """A misspelt key is refused rather than overlooked."""
    schemas = document["components"]["schemas"]
    for _, _, operation in _operations(document):
        if "requestBody" not in operation:
            continue
        names = re.findall(r"schemas/(\w+)", str(operation["requestBody"]))
        assert names
        assert all(schemas[name]["additionalProperties"] is False for name in names), (
            names
        )


def test_nothing_that_is_sent_breaks_it(
    document: dict[str, Any], program: MakeProgram, transactions: Transactions
) -> None:
    """Every operation answers in every place with sense, never with 500."""
    with transactions() as session:
        caller = make_comms_member(session, role=Role.ADMIN)
        make_post(session, item=make_item(session))
        make_source(session)
    me = program(Role.ADMIN, caller)
    schemas = document["components"]["schemas"]

    broken = [
        (method, path, place, hostile)
        for method, path, operation in _operations(document)
        for hostile in HOSTILE
        for place, filled, how in _requests(path, operation, schemas, hostile)
        if me.send(method, filled, **how).status >= 500
    ]

    assert broken == []


def _requests(
    path: str, operation: dict[str, Any], schemas: dict[str, Any], hostile: object
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Put something hostile in the place of each parameter and field in turn."""
    there = path.replace("{week}", "2026-W48")
    there = re.sub(r"\{\w+_id\}", "1", there)
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "query":
            yield name, there, {"params": {name: str(hostile)[:3_000]}}
        else:
            yield name, path.replace(f"{{{name}}}", quote(str(hostile)[:500])), {}
    for named in re.findall(r"schemas/(\w+)", str(operation.get("requestBody"))):
        schema = schemas[named]
        needed = {name: USUAL[name] for name in schema.get("required", [])}
        for name in schema["properties"]:
            yield f"body.{name}", there, {"json": needed | {name: hostile}}
