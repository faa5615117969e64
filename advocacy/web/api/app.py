"""The JSON API: an application of its own under /api/v1, with its own description."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from advocacy import __version__
from advocacy.web import errors
from advocacy.web.api import (
    checks,
    digests,
    items,
    links,
    offers,
    people,
    posts,
    shares,
    sources,
    stats,
)
from advocacy.web.api.shapes import Problem
from advocacy.web.deps import House

PREFIX = "/api/v1"
RESOURCES = (
    sources,
    items,
    posts,
    people,
    offers,
    shares,
    links,
    digests,
    stats,
    checks,
)
DESCRIPTION = """\
Content that employees are glad to share. Show a token of `advocacy token create` as
`Authorization: Bearer TOKEN`. Lists come in pages: send `next` back as `cursor`.
Moments are ISO 8601 with an offset. What goes wrong is told as a problem (RFC 9457).
"""


def make_api(house: House) -> FastAPI:
    """Make the API, to be mounted at PREFIX."""
    api = _Api(
        title="Advocacy",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        generate_unique_id_function=_operation_id,
        responses={
            "default": {
                "description": "What went wrong.",
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": "#/components/schemas/Problem"}
                    }
                },
            }
        },
    )
    api.state.house = house
    errors.install(api)
    for resource in RESOURCES:
        api.include_router(resource.router)
    return api


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Describe the API, what problems look like included."""
        document = super().openapi()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}"
