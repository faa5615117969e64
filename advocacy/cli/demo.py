"""The demo company inside `advocacy up`: its site, its people, its past, the tour."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from advocacy.cli import parts
from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.demo.site import HOST

NETWORK = f"{HOST}/32"  # the one private address from which the demo is pulled
FIRST_PORT = 8090
PORTS_TRIED = 50


def site_command(settings: Settings) -> list[str]:
    """Give the command of the company's news site, always at the same address."""
    port, since = _site(settings)
    return [
        *(sys.executable, "-m", "advocacy.demo.site"),
        *("--port", str(port), "--since", since.isoformat()),
    ]


def _site(settings: Settings) -> tuple[int, datetime]:
    """Say on which port the site lives, and when the demo began; settled once.

    Items in the queue lead to its pages, and its articles are as old as they say.
    """
    path = settings.var_dir / "demo.json"
    if path.exists():
        known = json.loads(path.read_text())
        return int(known["site_port"]), datetime.fromisoformat(known["since"])
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            parts.listen(HOST, port).close()
        except OSError:
            continue
        break
    since = utc_now()
    path.write_text(json.dumps({"site_port": port, "since": since.isoformat()}))
    return port, since


def prepare(settings: Settings) -> list[str]:
    """Set the company up, wait for its news, invent its past; give the tour."""
    return [f"Advocacy is at {settings.base_url}/"]
