"""A program that talks to the API with a token, as an integration would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from starlette.testclient import TestClient

from advocacy.people.models import Employee
from advocacy.people.roles import Role

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Said:
    """What the API answered."""

    status: int
    body: Any  # of JSON; None where there is none
    headers: dict[str, str]

    @property
    def ids(self) -> list[int]:
        """Give the ids of a list."""
        return [row["id"] for row in self.body["items"]]


@dataclass(frozen=True)
class Program:
    """Speaks to the API; with an empty secret it shows no token."""

    client: TestClient
    secret: str

    def get(self, path: str, **params: Any) -> Said:
        """Ask for something."""
        return self.send("GET", path, params=params)

    def post(self, path: str, **body: Any) -> Said:
        """Make or do something."""
        return self.send("POST", path, json=body)

    def patch(self, path: str, **body: Any) -> Said:
        """Change something."""
        return self.send("PATCH", path, json=body)

    def delete(self, path: str) -> Said:
        """Take something away."""
        return self.send("DELETE", path)

    def send(self, method: str, path: str, **how: Any) -> Said:
        """Send a request with the token."""
        headers = how.pop("headers", {})
        if self.secret:
            headers = {"Authorization": f"Bearer {self.secret}"} | headers
        answer = self.client.request(method, PREFIX + path, headers=headers, **how)
        body = answer.json() if answer.content else None
        return Said(answer.status_code, body, dict(answer.headers))

    def pages(self, path: str, **params: Any) -> list[Any]:
        """Walk through a list to its end."""
        rows: list[Any] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.get(path, **params, **more).body
            rows += page["items"]
            cursor = page["next"]
            if cursor is None:
                return rows


class MakeProgram(Protocol):
    """Gives a program a token of a role, and perhaps of a person."""

    def __call__(self, role: Role, employee: Employee | None = None) -> Program:
        """Make the token."""
