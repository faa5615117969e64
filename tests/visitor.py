"""A person at a page: goes to addresses, fills in forms, keeps cookies; no script."""

from __future__ import annotations

import html
import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REDIRECTS_MAX = 5


@dataclass
class Form:
    """A form of a page, with what stands in it."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Seen:
    """A page as it came."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """Give the page's markup."""
        return self.body.decode()

    @property
    def words(self) -> str:
        """Give what stands on the page, its markup taken off, spaces made one."""
        return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(self.text)).split())

    @property
    def forms(self) -> list[Form]:
        """List the page's forms."""
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    @property
    def links(self) -> list[str]:
        """List where the page's links lead."""
        reader = _Forms()
        reader.feed(self.text)
        return [urljoin(self.url, href) for href in reader.links]

    def form(self, words: str) -> Form:
        """Find the form whose action holds these words.

        Raises:
            LookupError: There is none.
        """
        for form in self.forms:
            if words in form.action:
                return form
        raise LookupError(f"no form to {words} at {self.url}: {self.text[:3000]}")


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, base: str, *, agent: str = BROWSER) -> None:
        self.base = base
        self.agent = agent
        self.cookies: dict[str, str] = {}

    def go(self, address: str) -> Seen:
        """Open a page, following redirects on the same site."""
        return self._ask("GET", urljoin(self.base, address))

    def send(self, page: Seen, form: Form, **changed: str | list[str]) -> Seen:
        """Send a form with some of its fields changed."""
        values = [(name, value) for name, value in form.values if name not in changed]
        for name, value in changed.items():
            several = [value] if isinstance(value, str) else value
            values.extend((name, one) for one in several)
        address = urljoin(page.url, form.action)
        if form.method == "get":
            return self._ask("GET", f"{address}?{urlencode(values)}")
        return self._ask("POST", address, urlencode(values).encode())

    def press(self, page: Seen, words: str, **changed: str | list[str]) -> Seen:
        """Send the form whose action holds these words."""
        return self.send(page, page.form(words), **changed)

    def signed_in_with(self, link: str) -> Self:
        """Use a one-time link, as it stands in a mail."""
        page = self.go(link)
        self.press(page, "/sign-in/")
        return self

    def _ask(self, method: str, address: str, body: bytes | None = None) -> Seen:
        for _ in range(REDIRECTS_MAX):
            seen = self._ask_once(method, address, body)
            location = seen.headers["Location"]
            if seen.status not in {302, 303, 307, 308} or not location:
                return seen
            target = urljoin(address, location)
            if urlsplit(target).netloc != urlsplit(self.base).netloc:
                return seen
            method, address, body = "GET", target, None
        raise AssertionError(f"redirected too often, last to {address}")

    def _ask_once(self, method: str, address: str, body: bytes | None) -> Seen:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=30
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "User-Agent": self.agent,
            "Accept-Language": "en",
            "Host": parts.netloc,
        }
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            seen = Seen(address, answer.status, answer.headers, answer.read())
        finally:
            connection.close()
        for line in seen.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                elif morsel["path"] in {"", "/"}:
                    self.cookies[name] = morsel.coded_value
        return seen


class _Forms(HTMLParser):
    """Reads forms and links off a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._open: Form | None = None
        self._area: str | None = None
        self._written = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._open)
        elif self._open is not None and "name" in given:
            self._field(tag, given)
        elif tag == "option" and self._area and "selected" in {n for n, _ in attrs}:
            assert self._open is not None
            self._open.values.append((self._area, given.get("value", "")))

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._open is not None
        if tag in {"textarea", "select"}:
            self._area, self._written = given["name"], ""
        elif tag == "input":
            ticked = (
                given.get("type") not in {"checkbox", "radio"} or "checked" in given
            )
            if ticked:
                self._open.values.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None and self._area:
            written = self._written.removeprefix("\n")  # HTML drops the first line end
            self._open.values.append((self._area, written))
        if tag in {"textarea", "select"}:
            self._area = None
        elif tag == "form":
            self._open = None
