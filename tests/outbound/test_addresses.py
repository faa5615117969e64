from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.outbound.addresses import may_ask

INSIDE = (
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)
OUTSIDE = ("93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1")


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_a_network_is_asked(address: str) -> None:
    """A feed's redirect must not become a way into the organisation's own network."""
    assert not may_ask(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_open_internet_are_asked(address: str) -> None:
    """Most sources are there."""
    assert may_ask(ip_address(address))


def test_an_administrator_can_open_a_network_of_its_own() -> None:
    """A company's CMS is often on the intranet."""
    allow = [ip_network("10.1.0.0/16")]

    assert may_ask(ip_address("10.1.2.3"), allow)
    assert may_ask(ip_address("::ffff:10.1.2.3"), allow)
    assert not may_ask(ip_address("10.2.0.1"), allow)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_in_ipv6_changes_nothing(address: IPv4Address) -> None:
    """`::ffff:127.0.0.1` reaches what 127.0.0.1 reaches."""
    assert may_ask(IPv6Address(f"::ffff:{address}")) == may_ask(address)


@given(st.ip_addresses())
def test_what_may_be_asked_is_global(address: IPv4Address | IPv6Address) -> None:
    """The list is never wider than the registries'."""
    plain = getattr(address, "ipv4_mapped", None) or address
    assert not may_ask(address) or plain.is_global
