"""Where share links lead."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.links.targets import location, referrer_host, with_utm

UTM = {"network": "linkedin", "campaign": "2026-W48", "content": "17"}
ADDED = "utm_source=linkedin&utm_medium=employee-advocacy&utm_campaign=2026-W48"
ADDED += "&utm_content=17"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://n.example/a", f"https://n.example/a?{ADDED}"),
        ("https://n.example/a#b", f"https://n.example/a?{ADDED}#b"),
        ("https://n.example/a?", f"https://n.example/a?{ADDED}"),
        ("https://n.example/a?x=%20+y#b?c", f"https://n.example/a?x=%20+y&{ADDED}#b?c"),
        ("https://n.example/a?x&", f"https://n.example/a?x&{ADDED}"),
    ],
)
def test_the_parameters_come_behind_the_query(target: str, expected: str) -> None:
    """Query and fragment of the target stay as they are."""
    assert with_utm(target, **UTM) == expected


def test_parameters_of_the_target_are_left_to_it() -> None:
    """Communications set them on purpose."""
    given_so = "https://n.example/a?utm_source=newsletter"

    assert with_utm(given_so, **UTM).count("utm_source=") == 1
    assert with_utm(with_utm(given_so, **UTM), **UTM) == with_utm(given_so, **UTM)


@given(
    st.text("ab=&%20+;", max_size=12),
    st.text("ab?#/%", max_size=8),
)
def test_the_own_query_and_fragment_survive_byte_for_byte(
    query: str, fragment: str
) -> None:
    """A page behind them may be signed or case-sensitive."""
    target = f"https://n.example/p?{query}#{fragment}"

    there = with_utm(target, **UTM)

    assert there.startswith(f"https://n.example/p?{query}")
    assert there.endswith(f"#{fragment}")
    assert dict(parse_qsl(urlsplit(there).query))["utm_content"] == "17"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://n.example/a?b=c#d", b"https://n.example/a?b=c#d"),
        ("https://n.example/één taart", b"https://n.example/%C3%A9%C3%A9n%20taart"),
        ("https://n.example/a%20b", b"https://n.example/a%20b"),
        ("https://Überwasser.example/a", b"https://xn--berwasser-p9a.example/a"),
        ("https://[2001:db8::1]:8443/a", b"https://[2001:db8::1]:8443/a"),
        (
            'https://n.example/"<>\\^`{|}',
            b"https://n.example/%22%3C%3E%5C%5E%60%7B%7C%7D",
        ),
    ],
)
def test_a_target_becomes_a_header_that_is_plain_ascii(
    target: str, expected: bytes
) -> None:
    """What stands in an address stays; everything else is encoded."""
    assert location(target) == expected


@pytest.mark.parametrize(
    "target",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example/a",
        "/relative",
        "https:evil.example",
        "https:///evil.example",
        "https://good.example@evil.example/",
        "https://user:secret@good.example/",
        "https://good.example\\@evil.example/",
        "https:\\\\evil.example",
        "https://good.example/\r\nSet-Cookie: a=b",
        "ht\ntps://good.example/",
        "https://good.example/\x00",
        "https://[::1",
        "https://n.example:port/",
        "https://n ame.example/",
    ],
)
def test_what_is_no_plain_web_address_is_not_led_to(target: str) -> None:
    """A row in the database is the only source, and even that is looked at."""
    assert location(target) is None


@given(st.text(max_size=60))
def test_no_text_breaks_out_of_the_header(text: str) -> None:
    """Whatever a feed had in its link."""
    for target in (text, f"https://n.example/{text}", f"https://{text}/"):
        header = location(target)

        assert header is None or (
            header.startswith((b"http", b"HTTP", b"Http"))
            or header.lower().startswith((b"http://", b"https://"))
        )
        assert header is None or all(0x21 <= byte <= 0x7E for byte in header)


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        (b"https://www.LinkedIn.com/feed/?secret=1", "www.linkedin.com"),
        (b"android-app://com.linkedin.android/", "com.linkedin.android"),
        (b"https://lnkd.in:443/", "lnkd.in"),
        (b"https://user:secret@t.co/", "t.co"),
        (b"", None),
        (b"about:blank", None),
        (b"https://[::1", None),
        (b"https://" + b"a" * 300 + b".example/", None),
        (b"https://<script>/", None),
        (b"\xff\xfe", None),
    ],
)
def test_only_the_host_of_a_referrer_is_kept(referrer: bytes, host: str | None) -> None:
    """Enough to tell the networks apart, and nothing of the page."""
    assert referrer_host(referrer) == host


@given(st.binary(max_size=80))
def test_no_referrer_upsets_the_door(referrer: bytes) -> None:
    """Anybody may send anything."""
    host = referrer_host(b"https://" + referrer)

    assert host is None or (host.isascii() and len(host) <= 255)
