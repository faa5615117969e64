from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.offers.counting import as_sent
from advocacy.offers.intents import NotAServer, intent_url, mastodon_server
from advocacy.offers.networks import NETWORKS
from advocacy.offers.wording import fit, with_link

URL = "https://go.example.com/s/abcd2345"
LINK = "https%3A%2F%2Fgo.example.com%2Fs%2Fabcd2345"


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("linkedin", f"https://www.linkedin.com/sharing/share-offsite/?url={LINK}"),
        ("facebook", f"https://www.facebook.com/sharer/sharer.php?u={LINK}"),
        ("x", f"https://x.com/intent/post?text=Trots%20%26%20blij&url={LINK}"),
        (
            "whatsapp",
            f"https://api.whatsapp.com/send?text=Trots%20%26%20blij%0A%0A{LINK}",
        ),
        (
            "bluesky",
            f"https://bsky.app/intent/compose?text=Trots%20%26%20blij%0A%0A{LINK}",
        ),
        (
            "mastodon",
            f"https://mastodon.example/share?text=Trots%20%26%20blij%0A%0A{LINK}",
        ),
        (
            "mail",
            f"mailto:?subject=Nieuws%20%2B&body=Trots%20%26%20blij%0D%0A%0D%0A{LINK}",
        ),
    ],
)
def test_each_network_is_opened_in_its_own_way(key: str, address: str) -> None:
    """These are the documented share pages; LinkedIn and Facebook take no text."""
    found = intent_url(
        NETWORKS[key],
        "Trots & blij",
        URL,
        title="Nieuws +",
        server="mastodon.example",
    )

    assert found == address


def test_mastodon_waits_for_the_name_of_the_server() -> None:
    """Everybody has an own server there; it is asked for once, in the browser."""
    assert intent_url(NETWORKS["mastodon"], "Trots", URL) is None


@given(text=st.text(st.characters() | st.sampled_from("\r\n&=+#%\ud83d")))
def test_what_arrives_is_what_was_written(text: str) -> None:
    """No sign in a text can end it early or add a field of its own."""
    address = intent_url(NETWORKS["whatsapp"], text, URL)

    assert address is not None
    assert address.isascii()
    sent = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert sent == {"text": [with_link(text, URL, NETWORKS["whatsapp"])]}


@given(text=st.text(), title=st.text())
def test_a_mail_address_stays_short_enough_to_open(text: str, title: str) -> None:
    """Some mail programs cut it at two thousand signs, and the link with it."""
    mail = NETWORKS["mail"]
    body = fit(text * 30, network=mail, language="nl", link_length=len(URL))

    address = intent_url(mail, body, URL, title=title * 30)

    assert address is not None
    assert len(address) < 2_000
    assert address.endswith(LINK)
    assert set(parse_qs(urlsplit(address).query)) <= {"subject", "body"}


def test_a_link_in_the_text_is_not_given_to_x_twice() -> None:
    """X would put it behind the text once more."""
    address = intent_url(NETWORKS["x"], f"Kijk {URL} nu", URL)

    assert address == f"https://x.com/intent/post?text=Kijk%20{LINK}%20nu"
    assert (
        intent_url(NETWORKS["x"], " ", URL) == f"https://x.com/intent/post?url={LINK}"
    )


@pytest.mark.parametrize(
    "typed",
    [
        "mastodon.example",
        " Mastodon.Example ",
        "https://mastodon.example",
        "https://mastodon.example/@noor",
        "mastodon.example/@noor",
        "@noor@mastodon.example",
        "noor@mastodon.example",
    ],
)
def test_a_server_is_known_by_all_its_names(typed: str) -> None:
    """People paste what they have at hand."""
    assert mastodon_server(typed) == "mastodon.example"


def test_a_server_may_have_letters_of_any_language() -> None:
    """Its name travels in ASCII."""
    assert mastodon_server("bücher.example") == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mastodon",
        "localhost",
        "127.0.0.1",
        "0x7f.0x1",
        "[::1]",
        "mastodon.example:8443",
        "https://mastodon.example@evil.example",
        "javascript:alert(1)",
        "-a.example",
        "a..example",
        "a b.example",
        "x." * 200 + "example",
        "é" * 300 + ".example",
    ],
)
def test_what_is_no_public_host_is_refused(typed: str) -> None:
    """The name becomes part of an address that a person will press."""
    with pytest.raises(NotAServer, match="Give the name of your Mastodon server"):
        mastodon_server(typed)


@given(typed=st.text() | st.from_regex(r"[a-z.@:/\\#?%-]{0,20}"))
def test_a_server_is_a_plain_host_or_refused(typed: str) -> None:
    """Nothing typed can lead the share page elsewhere than to its host."""
    try:
        host = mastodon_server(typed)
    except NotAServer:
        return

    assert urlsplit(f"https://{host}/share").hostname == host
    assert as_sent(host) == host
