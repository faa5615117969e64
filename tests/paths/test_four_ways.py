"""The four ways through the house, through its real doors, on both databases.

A real `advocacy up`: worker, beat, broker and web as processes, a feed and a mail
server on loopback, pages as a browser without script would use them.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.running import Running, running
from tests.servers import MailServer, postgres_database, smtp_server, wait_until
from tests.sites import Reply, Site, rss, rss_item
from tests.visitor import Seen, Visitor

pytestmark = pytest.mark.timeout(300)

PEOPLE = """email,name,role,groups,language
comms@waterland.example,Femke Bakker,comms,Communicatie,en
sanne@waterland.example,Sanne de Groot,employee,Techniek,en
daan@waterland.example,Daan Hofman,employee,Techniek,en
admin@waterland.example,Ruben Dekker,admin,Kantoor,en
"""
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
SHARE_LINK = re.compile(r"http://localhost:\d+/s/\w{8}")


@dataclass
class House:
    """A running house with its company's site and its mail server."""

    run: Running
    site: Site
    mail: MailServer

    @property
    def base(self) -> str:
        """Give the address of the pages."""
        return f"http://localhost:{self.run.port}"

    def command(self, *words: str, fails: bool = False) -> Any:
        """Run a command with --json, and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "advocacy", *words],
            env=dict(self.run.env),
            cwd=self.run.log.parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def person(self, email: str) -> Visitor:
        """Sign somebody in by the link of the command."""
        url = self.command("signin-link", email, "--json")["url"]
        return Visitor(self.base).signed_in_with(url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Run everything once per database, with three people and one feed."""
    folder: Path = tmp_path_factory.mktemp("paths")
    with smtp_server() as mail, Site() as site:
        if request.param == "sqlite":
            with running(folder, ADVOCACY_SMTP_URL=mail.url) as run:
                yield _furnished(House(run, site, mail), folder)
            return
        server = request.getfixturevalue("postgres_url")
        with (
            postgres_database(server) as url,
            running(
                folder, ADVOCACY_DATABASE_URL=url, ADVOCACY_SMTP_URL=mail.url
            ) as run,
        ):
            yield _furnished(House(run, site, mail), folder)


def _furnished(house: House, folder: Path) -> House:
    wait_until(lambda: _ready(house), "the house")
    roster = folder / "people.csv"
    roster.write_text(PEOPLE)
    house.command("people", "import", str(roster))
    items = [rss_item(number) for number in range(3)]
    house.site.pages["/feed/"] = Reply(
        rss(*items), headers={"Content-Type": "application/rss+xml"}
    )
    return house


def _ready(house: House) -> bool:
    connection = http.client.HTTPConnection("localhost", house.run.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _pending(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.command(
        "queue", "list", "--state", "pending", "--json"
    )
    return found


@pytest.fixture(scope="module")
def pulled(house: House) -> House:
    """Have the worker pull the feed, by command, once."""
    added = house.command("source", "add", house.site.url("/feed/"), "--json")
    [result] = house.command("source", "pull", str(added["id"]), "--wait", "--json")
    assert result["result"] in {"new", "unchanged"}, result
    wait_until(lambda: len(_pending(house)) == 3, "three items")
    return house


@pytest.fixture(scope="module")
def offered(pulled: House) -> House:
    """Have comms approve an item on its page, another one by command."""
    first, second, _ = _pending(pulled)
    comms = pulled.person("comms@waterland.example")
    page = comms.go(f"/desk/queue/{first['id']}")
    after = comms.press(page, f"/desk/queue/{first['id']}/approve")
    assert "Approved" in after.text
    pulled.command("queue", "approve", str(second["id"]))
    return pulled


@pytest.fixture(scope="module")
def shared(offered: House) -> str:
    """Have an employee share what comms approved; give the share link."""
    sanne = offered.person("sanne@waterland.example")
    taken = _share_first(sanne)
    found = SHARE_LINK.search(taken.text)
    assert found is not None, taken.text
    return found[0]


def _share_first(person: Visitor) -> Seen:
    home = person.go("/")
    [first, *_] = [link for link in home.links if re.search(r"/offers/\d+$", link)]
    page = person.go(first)
    return person.press(page, "/share/")


def test_a_feed_entry_becomes_an_offered_post(offered: House) -> None:
    """Pulled by the worker, approved by page and command, seen by the employee."""
    sanne = offered.person("sanne@waterland.example")

    home = sanne.go("/")

    links = {link for link in home.links if re.search(r"/offers/\d+$", link)}
    assert len(links) == 2
    assert len(_pending(offered)) == 1


def test_nothing_that_was_not_approved_can_be_shared(offered: House) -> None:
    """Whoever types the number of a pending item finds nothing."""
    sanne = offered.person("sanne@waterland.example")
    [waiting] = _pending(offered)

    assert sanne.go(f"/offers/{waiting['id']}").status == 404
    assert sanne.go(f"/desk/queue/{waiting['id']}").status == 403


def test_a_post_is_shared_and_confirmed(offered: House) -> None:
    """The text comes with its link; telling that it was posted is a second step."""
    sanne = offered.person("sanne@waterland.example")

    taken = _share_first(sanne)
    thanked = sanne.press(taken, "/confirm")

    assert SHARE_LINK.search(taken.text)
    assert "sharing/share-offsite/?url=" in taken.text
    assert "Thank you" in thanked.text
    totals = offered.command("stats", "--json")["totals"]
    assert (totals["shares"], totals["shares_confirmed"]) == (1, 1)


def test_own_words_go_out_after_the_five_questions(offered: House) -> None:
    """Without them the page asks, and keeps what was typed."""
    sanne = offered.person("sanne@waterland.example")
    home = sanne.go("/")
    [first, *_] = [link for link in home.links if re.search(r"/offers/\d+$", link)]
    page = sanne.go(f"{first}?network=x")

    asked = sanne.press(page, "/share/", text="Trots op mijn collega's!")

    assert asked.status == 422
    assert "Trots op mijn collega&#39;s!" in asked.text
    five = ["newspaper", "secrets", "respect", "feeling", "colleague"]
    taken = sanne.press(asked, "/share/", answers=five)
    assert "Trots op mijn collega&#39;s!" in taken.text
    assert SHARE_LINK.search(taken.text)


def test_a_click_becomes_a_number(house: House, shared: str) -> None:
    """A reader counts, a network's robot is excluded, a HEAD leaves no trace."""
    before = house.command("stats", "--json")["totals"]
    slug = urlsplit(shared).path

    reader = _press(house, slug, PHONE)
    _press(house, slug, "LinkedInBot/1.0 (compatible; Mozilla/5.0)")
    _press(house, slug, PHONE, method="HEAD")

    target = urlsplit(reader["Location"])
    assert target.netloc == f"{house.site.host}:{house.site.port}" or target.netloc
    assert parse_qs(target.query)["utm_medium"] == ["employee-advocacy"]
    assert reader["Cache-Control"] == "private, no-store"

    def counted() -> bool:
        totals = house.command("stats", "--json")["totals"]
        clicks: int = totals["clicks"] - before["clicks"]
        previews: int = totals["excluded"]["preview"] - before["excluded"]["preview"]
        return (clicks, previews) == (1, 1)

    wait_until(counted, "the rollup of the next minute", within_s=120)
    assert house.command("stats", "verify", "--json")["agrees"] is True
    comms = house.person("comms@waterland.example")
    assert "1 human · 0 unclear · 1 automatic" in comms.go("/desk/stats").words


def _press(
    house: House, path: str, agent: str, *, method: str = "GET"
) -> http.client.HTTPMessage:
    connection = http.client.HTTPConnection("localhost", house.run.port, timeout=10)
    try:
        connection.request(method, path, headers={"User-Agent": agent})
        answer = connection.getresponse()
        assert answer.status == 302
        return answer.headers
    finally:
        connection.close()


def test_the_weekly_mail_reaches_everybody_once(offered: House) -> None:
    """Sent twice, it arrives once; its links share, and stop it, in one press."""
    offered.command("digest", "send")
    wait_until(lambda: _state(offered)["state"] == "sent", "the letters", within_s=120)
    offered.command("digest", "send", fails=True)

    letters = {
        str(one.message["To"]): one.message
        for one in offered.mail.received
        if one.message["List-Unsubscribe"]
    }
    received = [one for one in offered.mail.received if one.message["List-Id"]]
    assert len(letters) == len(received) == _state(offered)["sent"] >= 3
    letter = next(mail for to, mail in letters.items() if "daan@" in to)
    _can_be_shared_from(offered, letter)
    _can_be_stopped_from(offered, letter)


def _state(house: House) -> dict[str, Any]:
    found: dict[str, Any] = house.command("digest", "status", "--json")
    return found


def _can_be_shared_from(house: House, letter: EmailMessage) -> None:
    html = letter.get_body(("html",))
    assert html is not None
    visitor = Visitor(house.base)
    link = re.findall(r'href="(http://localhost:\d+/m/[^/"]+)"', html.get_content())[-1]
    for _ in range(3):  # mail scanners open it first
        page = visitor.go(link)
    taken = visitor.press(page, "/share/")
    assert SHARE_LINK.search(taken.text)
    assert visitor.go("/").url.endswith("/sign-in?next=/")


def _can_be_stopped_from(house: House, letter: EmailMessage) -> None:
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    match = re.search(r"<(http[^>]+)>", letter["List-Unsubscribe"])
    assert match is not None
    address = urlsplit(match[1])
    connection = http.client.HTTPConnection("localhost", house.run.port, timeout=10)
    connection.request("GET", address.path)  # by a scanner: changes nothing
    assert connection.getresponse().read()
    before = house.command("people", "export", "daan@waterland.example")
    assert json.loads(before)["employee"][0]["wants_digest"] is True
    connection.close()
    connection.request(  # by the mail program: no cookie, no origin
        "POST",
        address.path,
        "List-Unsubscribe=One-Click",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert connection.getresponse().status == 200
    connection.close()
    after = house.command("people", "export", "daan@waterland.example")
    assert json.loads(after)["employee"][0]["wants_digest"] is False


def test_signing_in_goes_by_mail(house: House) -> None:
    """The page sends a link, the link shows a button, the button lets in."""
    visitor = Visitor(house.base)

    sent = visitor.press(
        visitor.go("/sign-in"), "/sign-in", email="Admin@Waterland.example"
    )

    assert sent.status == 200
    wait_until(lambda: bool(_sign_in_mails(house, "admin@")), "the mail")
    [mail] = _sign_in_mails(house, "admin@")
    link = re.findall(r"http://\S+/sign-in/\S+", mail.get_content())[0]
    assert "Ruben Dekker" in visitor.signed_in_with(link).go("/").text


def _sign_in_mails(house: House, to: str) -> list[EmailMessage]:
    return [
        one.message
        for one in house.mail.received
        if to in one.recipients[0] and not one.message["List-Id"]
    ]
