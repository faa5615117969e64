from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.outbound.urls import NotAWebAddress, read_address


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("https://www.example.com", "https://www.example.com/"),
        (" HTTPS://WWW.Example.COM:443/A?b=c#d ", "https://www.example.com/A?b=c#d"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("https://müller.example/é", "https://xn--mller-kva.example/%C3%A9"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://example.com./", "https://example.com/"),
        ("https://exa\nmple.com/\r\nX: 1", "https://example.com/X:%201"),
        ("http://[2606:4700::1]:80/", "http://[2606:4700::1]/"),
        ("https://example.com/100%25?a=b%20c", "https://example.com/100%25?a=b%20c"),
    ],
)
def test_an_address_is_read_in_its_ascii_form(text: str, read: str) -> None:
    """One form to ask, to store and to compare."""
    assert str(read_address(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "www.example.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://",
        "https:///nothing",
        "https://user:secret@example.com/",
        "https://example.com@evil.example/",
        "https://example.com\\@evil.example/",
        "https://exa mple.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com%2f@evil.example/",
        "https://example.com/" + "a" * 2_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(text: str) -> None:
    """Nothing is guessed about an address that might be meant to mislead."""
    with pytest.raises(NotAWebAddress, match="not a web address"):
        read_address(text)


@given(st.text() | st.text(alphabet="ht:/ps@[]#?%.\\a1\n "))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """Feeds contain anything; what is read reads the same again."""
    try:
        address = read_address(text, base="https://www.example.com/news/")
    except NotAWebAddress:
        return

    assert str(address).isascii()
    assert "\n" not in str(address)
    assert read_address(str(address)) == address


def test_the_refusal_travels_between_processes() -> None:
    """A worker's error is shown by a page."""
    error = pickle.loads(pickle.dumps(NotAWebAddress("nope")))  # noqa: S301 - our own

    assert error.text == "nope"
