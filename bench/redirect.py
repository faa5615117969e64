"""How fast a share link answers with its click recorded, against the bare limit.

    .venv/bin/python bench/redirect.py [--seconds 10] [--runs 3]

One run measures, on this machine: a bare ASGI app that answers 302 and does nothing
else, and our door on SQLite and on PostgreSQL. Quote the ratios; requests a second
mean little on another machine. The server has one core to itself and the load the
other; where other work shares the machine, CPU per request is the number that stays
true. After each run the rows are counted: an answered click that is not in the
database, or a row that nobody asked for, is a failure (exit 1).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import uvicorn
from sqlalchemy import func
from sqlalchemy import select as sql_select

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from advocacy.config import Settings  # noqa: E402 - found from a checkout too
from advocacy.db.engine import make_engine  # noqa: E402
from advocacy.db.session import transactions_on  # noqa: E402
from advocacy.links.door import Door  # noqa: E402
from advocacy.links.models import Hit  # noqa: E402
from advocacy.models import metadata  # noqa: E402
from tests.makers import make_link, make_post  # noqa: E402
from tests.servers import postgres_server  # noqa: E402

LINKS = 1_000
CONNECTIONS = 64
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)


class Load(NamedTuple):
    """What a run of load saw."""

    answered: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_s: float = 0.0  # of the server, while it was loaded


async def bare(scope: Any, _receive: Any, send: Any) -> None:
    """Answer 302 and do nothing else: the limit of the server."""
    if scope["type"] != "http":
        raise NotImplementedError
    await send(
        {
            "type": "http.response.start",
            "status": 302,
            "headers": [
                (b"location", b"https://news.example/story?utm_source=linkedin"),
                (b"content-length", b"0"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": b""})


def serve(what: str, port: int, database_url: str, var_dir: str) -> None:
    """Be the server, on the first core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    app: Any = bare
    if what != "bare":
        app = Door(
            bare,
            Settings(
                database_url=database_url,
                var_dir=Path(var_dir),
                org_name="Bench",
                secret_key="bench",  # noqa: S106 - guards nothing
            ),
        )
    uvicorn.run(
        app,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        proxy_headers=False,
        log_level="warning",
        # The bare app knows no lifespan; the door starts at its first request then.
        lifespan="off",
    )


@contextmanager
def server(
    what: str, database_url: str = "", var_dir: str = ""
) -> Iterator[tuple[int, psutil.Process]]:
    """Run the server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    here = str(Path(__file__).resolve())
    command = [sys.executable, here, "--serve", what, str(port), database_url, var_dir]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def load(port: int, slugs: list[str], seconds: float) -> Load:
    """Ask over 64 connections, each waiting for its answer before it asks again."""
    if shutil.which("wrk"):
        return load_with_wrk(port, slugs, seconds)
    requests = [
        (
            f"GET /s/{slug} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"User-Agent: {AGENT}\r\nAccept: */*\r\n\r\n"
        ).encode()
        for slug in slugs
    ]
    poller = select.epoll()
    sockets: dict[int, socket.socket] = {}
    began: dict[int, float] = {}
    took: list[float] = []
    asked = 0
    clock = time.perf_counter
    for _ in range(CONNECTIONS):
        wire = socket.create_connection(("127.0.0.1", port))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[wire.fileno()] = wire
        poller.register(wire, select.EPOLLIN)
    start = clock()
    end = start + seconds
    for number, wire in sockets.items():
        began[number] = clock()
        wire.send(requests[asked % len(requests)])
        asked += 1
    waiting = len(sockets)
    while waiting:
        for number, _ in poller.poll(10):
            wire = sockets[number]
            answer = wire.recv(4096)
            if not answer.startswith(b"HTTP/1.1 302") or b"\r\n\r\n" not in answer:
                raise SystemExit(f"not a redirect: {answer[:200]!r}")
            now = clock()
            took.append(now - began[number])
            if now < end:
                began[number] = now
                wire.send(requests[asked % len(requests)])
                asked += 1
            else:
                waiting -= 1
    lasted = clock() - start
    for wire in sockets.values():
        wire.close()
    took.sort()
    return Load(
        len(took),
        lasted,
        took[len(took) // 2] * 1000,
        took[int(len(took) * 0.99)] * 1000,
    )


def load_with_wrk(port: int, slugs: list[str], seconds: float) -> Load:
    """Ask with wrk; what it started and did not see answered is not counted as lost."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        names = ",".join(f'"{slug}"' for slug in slugs)
        script.write(
            f'local slugs={{{names}}} local n=0 wrk.headers["User-Agent"]="{AGENT}"\n'
            'request=function() n=n+1 return wrk.format("GET","/s/"..slugs[n%#slugs+1])'
            " end\ndone=function(s,l) io.write(string.format("
            '"\\nJSON {\\"n\\":%d,\\"us\\":%d,\\"p50\\":%f,\\"p99\\":%f}\\n",'
            "s.requests,s.duration,l:percentile(50)/1000,l:percentile(99)/1000)) end\n"
        )
        script.flush()
        done = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{CONNECTIONS}",
                f"-d{seconds:g}s",
                "-s",
                script.name,
                f"http://127.0.0.1:{port}",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"JSON (\{.*\})", done.stdout)
    if found is None:
        raise SystemExit(done.stdout)
    seen = json.loads(found[1])
    return Load(seen["n"], seen["us"] / 1e6, seen["p50"], seen["p99"])


def prepare(database_url: str) -> list[str]:
    """Make every table and a thousand links."""
    engine = make_engine(database_url)
    metadata.create_all(engine)
    now = datetime.now(UTC)
    with transactions_on(engine)() as session:
        slugs = [
            make_link(
                session,
                post=make_post(session),
                target_url="https://news.example/story?utm_source=linkedin",
                changed_at=now,
            ).slug
            for _ in range(LINKS)
        ]
    engine.dispose()
    return slugs


def rows(database_url: str) -> int:
    """Count what was kept."""
    engine = make_engine(database_url)
    with engine.connect() as connection:
        kept = connection.execute(
            sql_select(func.count()).select_from(Hit)
        ).scalar_one()
    engine.dispose()
    return int(kept)


def measure(
    name: str, database_url: str, folder: Path, slugs: list[str], seconds: float
) -> tuple[Load, int]:
    """Load one server, and count what it lost."""
    var_dir = folder / f"var-{name}"
    with server(name, database_url, str(var_dir)) as (port, process):
        load(port, slugs, 1.0)  # warm
        before = rows(database_url) if database_url else 0
        cpu = process.cpu_times()
        seen = load(port, slugs, seconds)
        after = process.cpu_times()
        took = after.user + after.system - cpu.user - cpu.system
        seen = seen._replace(cpu_s=took)
    if not database_url:
        return seen, 0
    if any(path.stat().st_size for path in var_dir.glob("spool/*.log")):
        print(f"{name}: some hits are in the spool", file=sys.stderr)
    return seen, seen.answered - (rows(database_url) - before)


def main() -> None:
    """Measure, print, and fail where a click was lost."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--serve", nargs=4, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        what, port, database_url, var_dir = given.serve
        serve(what, int(port), database_url, var_dir)
        return
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name, postgres_server() as postgres:
        folder = Path(name)
        databases = {
            "bare": "",
            "sqlite": f"sqlite:///{folder / 'bench.db'}",
            "postgresql": postgres,
        }
        slugs = {
            kind: prepare(url) if url else [f"slug{n:04d}" for n in range(LINKS)]
            for kind, url in databases.items()
        }
        os.sched_setaffinity(0, {cores[-1]})
        results: dict[str, list[tuple[Load, int]]] = {kind: [] for kind in databases}
        for _ in range(given.runs):
            for kind, url in databases.items():
                results[kind].append(
                    measure(kind, url, folder, slugs[kind], given.seconds)
                )
    report(results)
    if any(lost for runs in results.values() for _, lost in runs):
        raise SystemExit(1)


def report(results: dict[str, list[tuple[Load, int]]]) -> None:
    """Print medians and ratios."""
    rates = {
        kind: statistics.median(seen.answered / seen.seconds for seen, _ in runs)
        for kind, runs in results.items()
    }
    heads = ("requests/s", "of bare", "p50 ms", "p99 ms", "CPU us", "lost")
    print(f"{'what':<12}" + "".join(f"{head:>11}" for head in heads))
    for kind, runs in results.items():
        p50 = statistics.median(seen.p50_ms for seen, _ in runs)
        p99 = statistics.median(seen.p99_ms for seen, _ in runs)
        cpu = statistics.median(seen.cpu_s / seen.answered * 1e6 for seen, _ in runs)
        lost = sum(lost for _, lost in runs)
        print(
            f"{kind:<12}{rates[kind]:>11,.0f}{rates[kind] / rates['bare']:>11.0%}"
            f"{p50:>11.1f}{p99:>11.1f}{cpu:>11.1f}{lost:>11}"
        )


if __name__ == "__main__":
    main()
