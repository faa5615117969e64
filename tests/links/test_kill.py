"""kill -9 in mid-load: no answered click may be missing afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from advocacy.db.engine import make_engine
from advocacy.db.session import Transactions, transactions_on
from advocacy.links.models import Hit, ShareLink
from advocacy.links.replay import replay
from advocacy.links.spool import FOLDER, Spool
from tests.makers import make_link
from tests.servers import free_port, wait_until

SERVER = """
import sys
from pathlib import Path
import uvicorn
from advocacy.config import Settings
from advocacy.links.door import Door

async def behind(scope, receive, send):
    raise NotImplementedError

port, url, var = sys.argv[1:]
settings = Settings(database_url=url, var_dir=Path(var), secret_key="x", org_name="x")
uvicorn.run(Door(behind, settings), port=int(port), lifespan="off",
            access_log=False, proxy_headers=False, log_level="warning")
"""


def answered_until_killed(
    server: subprocess.Popen[bytes], port: int, slug: str, at_least: int
) -> int:
    """Ask over some connections at once, kill the server, and count the answers."""
    request = (
        f"GET /s/{slug} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11)"
        "\r\n\r\n"
    ).encode()
    wires = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(16)]
    answered = 0
    for wire in wires:
        wire.sendall(request)
    try:
        while True:
            for wire in wires:
                if not wire.recv(4096).startswith(b"HTTP/1.1 302"):
                    return answered
                answered += 1
                if answered == at_least:
                    server.send_signal(signal.SIGKILL)
                wire.sendall(request)
    except OSError:
        return answered
    finally:
        for wire in wires:
            wire.close()


@pytest.mark.parametrize("at_least", [1, 300])
def test_every_answered_click_survives_kill_9(
    database_url: str, tmp_path: Path, at_least: int
) -> None:
    """The 302 leaves after the commit, not before."""
    engine = make_engine(database_url)
    transactions: Transactions = transactions_on(engine)
    with transactions() as session:
        link: ShareLink = make_link(session)
    port = free_port()
    var_dir = tmp_path / "var"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port), database_url, str(var_dir)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
    )
    try:
        wait_until(lambda: _accepts(port), "the server to listen")
        answered = answered_until_killed(server, port, link.slug, at_least)
    finally:
        server.kill()
        server.wait()

    replay(transactions, Spool(var_dir / FOLDER))
    with transactions() as session:
        kept = session.scalars(select(func.count()).select_from(Hit)).one()
    engine.dispose()
    assert answered >= at_least
    # What was committed and not answered any more may be there too.
    assert answered <= kept <= answered + 16


def _accepts(port: int) -> bool:
    time.sleep(0.05)
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
