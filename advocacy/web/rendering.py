"""Templates, filled in the reader's language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from advocacy import i18n
from advocacy.web.filters import filters_for

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@cache
def static(name: str) -> str:
    """Address a static file by its content, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


@cache
def environment(language: str, zone: ZoneInfo) -> Environment:
    """Make the template environment of one language and zone."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(  # type: ignore[attr-defined]
        i18n.translations(language), newstyle=True
    )
    made.filters.update(filters_for(language, zone))
    made.globals["static"] = static
    return made


def render(template: str, /, *, language: str, zone: ZoneInfo, **context: Any) -> str:
    """Fill a template; a value that it needs and does not get is an error."""
    return environment(language, zone).get_template(template).render(**context)
