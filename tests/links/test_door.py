"""The share-link door, from a request to an answer and a row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from advocacy.clock import utc_now
from advocacy.config import Settings
from advocacy.db.session import Transactions
from advocacy.links.door import Door
from advocacy.links.models import Hit, ShareLink, VisitorSalt
from advocacy.links.own_mark import COOKIE, own_mark
from advocacy.links.states import LinkState
from tests.makers import make_link

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)
Answer = tuple[int, dict[str, str], bytes]


async def behind(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the app"})


async def never() -> Any:
    raise AssertionError("the door reads no body")


async def ask(
    door: Door,
    path: str,
    *,
    method: str = "GET",
    client: str = "192.0.2.7",
    **headers: str,
) -> Answer:
    """Ask the door as a server would."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"user-agent": BROWSER} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "client": (client, 1234),
        "headers": [
            (name.encode(), value.encode("latin-1")) for name, value in given.items()
        ],
    }
    await door(scope, receive, send)
    answered = {
        name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]
    }
    return sent[0]["status"], answered, b"".join(m.get("body", b"") for m in sent[1:])


@pytest.fixture
def run(database_url: str) -> Callable[..., Any]:
    """Run some requests against an open door on the test's database."""

    def runner(talk: Callable[[Door], Awaitable[Any]], **options: Any) -> Any:
        door = Door(behind, Settings(database_url=database_url, **options))

        async def session() -> Any:
            await door.start()
            try:
                return await talk(door)
            finally:
                await door.stop()

        return asyncio.run(session())

    return runner


@pytest.fixture
def link(transactions: Transactions) -> ShareLink:
    """Make a live link that is committed."""
    with transactions() as session:
        return make_link(session, target_url="https://news.example/a?b=1#c")


def hits(engine: Engine) -> list[Hit]:
    with Session(engine) as session:
        return list(session.scalars(select(Hit).order_by(Hit.id)))


def test_a_reader_is_sent_on_and_the_click_is_in_the_database(
    run: Any, link: ShareLink, engine: Engine
) -> None:
    """The whole point of the door."""

    async def talk(door: Door) -> Answer:
        return await ask(
            door, f"/s/{link.slug}", referer="https://www.linkedin.com/feed/?q=secret"
        )

    status, headers, body = run(talk)

    assert (status, body) == (302, b"")
    assert headers["location"] == "https://news.example/a?b=1#c"
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    [hit] = hits(engine)
    assert (hit.link_id, hit.verdict, hit.rule) == (link.id, "human", "browser")
    assert hit.referrer == "www.linkedin.com"
    assert abs((hit.at - utc_now()).total_seconds()) < 60
    assert not hit.invented


def test_the_click_is_committed_before_the_answer_leaves(
    run: Any, link: ShareLink, engine: Engine
) -> None:
    """Another connection sees the row at the moment when the answer starts."""
    seen: list[int] = []

    async def talk(door: Door) -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen.append(len(hits(engine)))

        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/s/{link.slug}",
            "client": ("192.0.2.7", 1),
            "headers": [(b"user-agent", BROWSER.encode())],
        }
        await door(scope, never, send)

    run(talk)

    assert seen == [1]


def test_head_answers_alike_and_keeps_nothing(
    run: Any, link: ShareLink, engine: Engine
) -> None:
    """X probes each posted link with HEAD under the name of a browser."""

    async def talk(door: Door) -> tuple[Answer, Answer]:
        path = f"/s/{link.slug}"
        return await ask(door, path, method="HEAD"), await ask(door, path)

    head, get = run(talk)

    assert head == get
    assert len(hits(engine)) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_get_and_head_is_answered(
    run: Any, link: ShareLink, engine: Engine, method: str
) -> None:
    """A share link is there to be read."""

    async def talk(door: Door) -> Answer:
        return await ask(door, f"/s/{link.slug}", method=method)

    status, headers, _ = run(talk)

    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert hits(engine) == []


def test_everything_else_goes_to_the_app(run: Any) -> None:
    """The door knows one prefix alone."""

    async def talk(door: Door) -> list[int]:
        return [
            (await ask(door, path))[0] for path in ("/", "/s", "/static/s/x", "/sx")
        ]

    assert run(talk) == [299, 299, 299, 299]


@pytest.mark.parametrize(
    "slug",
    ["nobody23", "", "x" * 17, "../etc", "abc/def", "a b", "ünknown", "a\r\nb: c"],
)
def test_an_unknown_slug_is_a_page_that_says_so(
    run: Any, engine: Engine, slug: str
) -> None:
    """Whatever is asked for, it leads nowhere and leaves nothing."""

    async def talk(door: Door) -> Answer:
        return await ask(door, f"/s/{slug}", accept_language="nl-NL,nl;q=0.9,en;q=0.8")

    status, headers, body = run(talk)

    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "location" not in headers
    assert body.startswith(b"<!doctype html>")
    assert hits(engine) == []


def test_a_link_of_another_process_works_at_its_first_click(
    run: Any, transactions: Transactions
) -> None:
    """A share is made in one process and clicked in another, at once."""

    async def talk(door: Door) -> int:
        with transactions() as session:
            fresh = make_link(session)
        return (await ask(door, f"/s/{fresh.slug}"))[0]

    assert run(talk) == 302


def test_a_withdrawn_link_acts_within_a_second_in_every_process(
    run: Any, link: ShareLink, transactions: Transactions
) -> None:
    """Nothing withdrawn is led to from memory."""

    async def talk(door: Door) -> tuple[int, int]:
        before = (await ask(door, f"/s/{link.slug}"))[0]
        with transactions() as session:
            row = session.get_one(ShareLink, link.id)
            row.state, row.changed_at = LinkState.WITHDRAWN, utc_now()
        for _ in range(50):
            await asyncio.sleep(0.1)
            after = (await ask(door, f"/s/{link.slug}"))[0]
            if after != before:
                break
        return before, after

    assert run(talk) == (302, 410)


def test_a_withdrawn_link_leads_to_the_fallback_where_one_is_set(
    run: Any, transactions: Transactions, engine: Engine
) -> None:
    """The organisation says where readers of a withdrawn story go; it is no click."""
    with transactions() as session:
        gone = make_link(session, state=LinkState.WITHDRAWN)

    async def talk(door: Door) -> Answer:
        return await ask(door, f"/s/{gone.slug}")

    status, headers, _ = run(talk, link_fallback_url="https://waterland.example/nieuws")

    assert (status, headers["location"]) == (302, "https://waterland.example/nieuws")
    assert [(hit.verdict, hit.rule) for hit in hits(engine)] == [
        ("unknown", "after-the-end")
    ]


def test_a_target_that_is_no_web_address_is_not_led_to(
    run: Any, transactions: Transactions
) -> None:
    """Even if such a row got in, nobody is sent to a script or past a header's end."""
    with transactions() as session:
        slugs = [
            make_link(session, target_url=target).slug
            for target in (
                "javascript:alert(1)",
                "https://good.example\r\nSet-Cookie: a=b",
                "//evil.example",
                "https://good.example@evil.example/",
            )
        ]

    async def talk(door: Door) -> set[int]:
        return {(await ask(door, f"/s/{slug}"))[0] for slug in slugs}

    assert run(talk) == {410}


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"user_agent": "LinkedInBot/1.0 (compatible; Mozilla/5.0)"}, "preview"),
        ({"user_agent": "curl/8.5.0"}, "bot"),
        ({"user_agent": ""}, "unknown"),
        ({"sec_purpose": "prefetch;prerender"}, "prefetch"),
        ({"cookie": f"a=b; {COOKIE}={own_mark(b'a secret for tests alone')}"}, "own"),
        ({"cookie": f"{COOKIE}=invented"}, "human"),
    ],
)
def test_a_hit_keeps_its_verdict(
    run: Any, link: ShareLink, engine: Engine, headers: dict[str, str], verdict: str
) -> None:
    """Nothing is thrown away, and not everything is a click."""

    async def talk(door: Door) -> int:
        return (await ask(door, f"/s/{link.slug}", **headers))[0]

    assert run(talk) == 302
    assert [hit.verdict for hit in hits(engine)] == [verdict]


def test_a_double_tap_is_one_click(run: Any, link: ShareLink, engine: Engine) -> None:
    """And somebody else's tap in the same moment is another."""

    async def talk(door: Door) -> None:
        path = f"/s/{link.slug}"
        await ask(door, path)
        await ask(door, path)
        await ask(door, path, client="192.0.2.8")

    run(talk)

    assert [hit.verdict for hit in hits(engine)] == ["human", "repeat", "human"]


@pytest.mark.parametrize(("trusted", "same"), [(0, True), (1, False), (2, True)])
def test_a_forged_address_changes_nothing(
    run: Any,
    link: ShareLink,
    engine: Engine,
    trusted: int,
    same: bool,  # noqa: FBT001
) -> None:
    """Only what proxies of our own wrote is believed."""

    async def talk(door: Door) -> None:
        for last in ("198.51.100.1", "198.51.100.2"):
            forwarded = f"203.0.113.9, {last}"
            await ask(door, f"/s/{link.slug}", x_forwarded_for=forwarded)

    run(talk, trusted_proxies=trusted)

    first, second = hits(engine)
    assert (first.visitor == second.visitor) is same


def test_no_address_and_no_agent_is_written_anywhere(
    run: Any,
    link: ShareLink,
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Any,
) -> None:
    """A canary in each must not be found in a row, a file or a log line."""
    agent = f"{BROWSER} Canary/77"
    caplog.set_level("DEBUG")

    async def talk(door: Door) -> None:
        await ask(door, f"/s/{link.slug}", client="203.0.113.77", user_agent=agent)

    run(talk)

    kept = caplog.text + " ".join(str(vars(hit)) for hit in hits(engine))
    kept += "".join(
        path.read_bytes().decode("latin-1")
        for path in tmp_path.rglob("*")
        if path.is_file()
    )
    assert "203.0.113.77" not in kept
    assert "Canary" not in kept


def test_two_doors_share_the_salt_of_the_day(
    run: Any, link: ShareLink, engine: Engine
) -> None:
    """Or a visitor would be counted once per process."""

    async def talk(door: Door) -> None:
        await ask(door, f"/s/{link.slug}")

    run(talk)
    run(talk)

    first, second = hits(engine)
    assert first.visitor == second.visitor
    with Session(engine) as session:
        assert len(session.scalars(select(VisitorSalt)).all()) <= 2


def test_the_door_opens_and_closes_with_the_server(
    database_url: str, link: ShareLink, engine: Engine
) -> None:
    """Lifespan events reach the app behind it, in their order."""
    order: list[str] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        for kind in ("startup", "shutdown"):
            message = await receive()
            order.append(message["type"])
            await send({"type": f"lifespan.{kind}.complete"})

    door = Door(app, Settings(database_url=database_url))

    async def serve() -> None:
        given = asyncio.Queue[Any]()
        sent = asyncio.Queue[Any]()
        living = asyncio.create_task(door({"type": "lifespan"}, given.get, sent.put))
        await given.put({"type": "lifespan.startup"})
        order.append((await sent.get())["type"])
        await ask(door, f"/s/{link.slug}")
        await given.put({"type": "lifespan.shutdown"})
        order.append((await sent.get())["type"])
        await living

    asyncio.run(serve())

    assert order == [
        "lifespan.startup",
        "lifespan.startup.complete",
        "lifespan.shutdown",
        "lifespan.shutdown.complete",
    ]
    assert len(hits(engine)) == 1
