from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest

from advocacy.demo.site import DemoSite, is_unchanged, page_at

SINCE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = SINCE

    def __call__(self) -> datetime:
        """Say what time it is on the site."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Clock of the site, standing still at its first moment."""
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Iterator[DemoSite]:
    """Site on a free port of loopback."""
    with DemoSite(since=SINCE, clock=clock) as site:
        yield site


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(
        url, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


class Seen(HTMLParser):
    """What a page links to, and what it tells previews."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.properties: dict[str, str] = {}
        self.language = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what matters from one tag."""
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        if "property" in given:
            self.properties[given["property"]] = given["content"]
        if tag == "html":
            self.language = given["lang"]


@pytest.mark.parametrize(
    ("path", "version", "language", "count"),
    [("/feed/", "rss20", "nl", 21), ("/en/atom.xml", "atom10", "en", 10)],
)
def test_a_feed_is_valid_and_complete(
    site: DemoSite, path: str, version: str, language: str, count: int
) -> None:
    """The demo shows the product on real input, so the input must be faultless."""
    status, _, body = ask(site.url + path)

    feed = feedparser.parse(body)

    assert status == 200
    assert not feed.bozo
    assert (feed.version, feed.feed.language) == (version, language)
    assert len(feed.entries) == count
    for entry in feed.entries:
        assert entry.title
        assert entry.summary
        assert entry.author
        assert entry.tags
        assert entry.id.startswith("tag:waterland-techniek.example,2026:")
        assert entry.link.startswith(site.url)
        assert entry.content[0].value.count("<p>") >= 3
        pictures = [
            *(part["url"] for part in entry.get("media_content", [])),
            *(part["href"] for part in entry.links if part["rel"] == "enclosure"),
        ]
        assert len(pictures) == 1
        assert pictures[0].startswith(f"{site.url}/images/")


def test_entries_stay_the_same_on_another_port(clock: Clock) -> None:
    """A demo started again where its port is taken must not double its items."""
    with DemoSite(since=SINCE, clock=clock) as one:
        first = feedparser.parse(ask(f"{one.url}/feed/")[2])
        with DemoSite(since=SINCE, clock=clock) as two:
            second = feedparser.parse(ask(f"{two.url}/feed/")[2])

    assert [e.id for e in first.entries] == [e.id for e in second.entries]
    assert first.entries[0].link != second.entries[0].link


@pytest.mark.parametrize("path", ["/feed/", "/en/atom.xml", "/", "/images/sluis.png"])
def test_who_has_it_already_gets_304(site: DemoSite, path: str) -> None:
    """Both ways to ask, as pulling again must cost next to nothing."""
    _, headers, _ = ask(site.url + path)

    by_tag = ask(site.url + path, If_None_Match=str(headers["ETag"]))
    by_date = ask(site.url + path, If_Modified_Since=str(headers["Last-Modified"]))
    other = ask(site.url + path, If_None_Match='"another"')

    assert (by_tag[0], by_tag[2]) == (304, b"")
    assert by_date[0] == 304
    assert other[0] == 200


def test_a_new_article_appears_while_the_demo_runs(
    site: DemoSite, clock: Clock
) -> None:
    """Whoever keeps looking sees a real pull bring in something new."""
    _, before, _ = ask(f"{site.url}/feed/")
    clock.now = SINCE + timedelta(minutes=21)

    status, _, body = ask(f"{site.url}/feed/", If_None_Match=str(before["ETag"]))

    newest = feedparser.parse(body).entries[0]
    assert status == 200
    assert newest.published_parsed[:5] == (2026, 11, 23, 9, 50)


def test_every_address_on_the_site_leads_somewhere(site: DemoSite) -> None:
    """Also those in the feeds: visitors press everything."""
    waiting, seen = ["/", "/en/", "/feed/", "/en/atom.xml"], set()
    while waiting:
        path = waiting.pop()
        status, headers, body = ask(site.url + path)
        seen.add(path)
        assert status == 200, path
        found: list[str] = []
        if headers["Content-Type"].startswith("text/html"):
            found = Seen(body).addresses
        elif "xml" in headers["Content-Type"]:
            found = [
                address
                for entry in feedparser.parse(body).entries
                for address in (
                    entry.link,
                    *Seen(entry.content[0].value.encode()).addresses,
                )
            ]
        for address in found:
            parts = urlsplit(urljoin(site.url + path, address))
            assert f"http://{parts.netloc}" == site.url
            if parts.path not in seen | set(waiting):
                waiting.append(parts.path)
    assert len(seen) > 31


def test_an_article_tells_previews_what_it_is(site: DemoSite) -> None:
    """Networks take title, text and picture from these tags and from nowhere else."""
    for path, language in (
        ("/nieuws/zwanensluis-weer-open/", "nl"),
        ("/en/news/listening-to-140-pumps/", "en"),
    ):
        page = Seen(ask(site.url + path)[2])

        assert page.language == language
        assert page.properties["og:url"] == site.url + path
        assert page.properties["og:title"]
        assert page.properties["og:description"]
        status, headers, _ = ask(page.properties["og:image"])
        assert (status, headers["Content-Type"]) == (200, "image/png")


def test_a_share_link_may_add_its_parameters(site: DemoSite) -> None:
    """UTM parameters are for statistics; the article is the same."""
    plain = ask(f"{site.url}/nieuws/anja-25-jaar/")
    tagged = ask(f"{site.url}/nieuws/anja-25-jaar/?utm_source=linkedin")

    assert plain[2] == tagged[2]


def test_head_answers_alike_without_a_body(site: DemoSite) -> None:
    """Link checkers ask this way."""
    _, full, body = ask(f"{site.url}/feed/")
    status, head, nothing = ask(f"{site.url}/feed/", "HEAD")

    assert status == 200
    assert nothing == b""
    assert head["ETag"] == full["ETag"]
    assert head["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    "path",
    ["/nieuws/nooit/", "/images/../nl.toml", "/images/sluis.svg", "/%00", "/en/x"],
)
def test_nothing_else_is_served(site: DemoSite, path: str) -> None:
    """Only what was meant to be read leaves the folder."""
    status, _, body = ask(site.url + path)

    assert status == 404
    assert b"[[article]]" not in body


def test_nothing_can_be_changed(site: DemoSite) -> None:
    """It is a site to read."""
    assert ask(f"{site.url}/", "POST")[0] == 501


def test_only_this_machine_can_reach_it(site: DemoSite) -> None:
    """Its people do not exist, and the world need not hear of them."""
    assert site.server.server_address[0] == "127.0.0.1"


def test_the_site_runs_as_a_program_and_stops_when_told() -> None:
    """That is how `advocacy up --demo` runs it; a taken port is one clear line."""
    command = [sys.executable, "-m", "advocacy.demo.site"]
    with subprocess.Popen(
        [*command, "--since", SINCE.isoformat()], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        url = said.split()[-1].rstrip("/")
        newest = feedparser.parse(ask(f"{url}/feed/")[2]).entries[-1]
        again = subprocess.run(
            [*command, "--port", url.rpartition(":")[2]],
            capture_output=True,
            text=True,
            check=False,
        )
        process.terminate()
        ended = process.wait(timeout=20)

    assert newest.published_parsed[:3] == (2026, 8, 28)
    assert ended == 0
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1


def test_an_unreadable_date_is_as_good_as_none() -> None:
    """Headers come from anybody."""
    page = page_at("/", base="http://127.0.0.1:1", since=SINCE, now=SINCE)

    assert not is_unchanged(page, None, "yesterday")
    assert is_unchanged(page, 'W/"x", ' + page.etag, None)
    assert is_unchanged(page, "*", None)
    assert not is_unchanged(page, '"x"', "Mon, 23 Nov 2026 23:00:00 GMT")
