"""Which machines may be asked; pure.

A source is an address that somebody typed, and a redirect is an address that a
stranger chose. Neither may lead into the organisation's own network, unless an
administrator named that network in ADVOCACY_FETCH_ALLOW.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from advocacy.config import Network

IpAddress = IPv4Address | IPv6Address

# `is_global` of the oldest Python we run on does not know all of these, and some
# carry an IPv4 address inside that a relay would unpack.
NEVER: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "::/96",  # IPv4-compatible, RFC 4291
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "100::/64",  # discard, RFC 6666
        "2001::/23",  # Teredo, ORCHID and other assignments, RFC 2928
        "2002::/16",  # 6to4, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
    )
)


def may_ask(address: IpAddress, allow: Iterable[Network] = ()) -> bool:
    """Tell whether a request may go to an address.

    Args:
        address: What the name resolved to.
        allow: Networks that an administrator named; they win over everything.
    """
    plain = _unmapped(address)
    if any(plain in network for network in allow):
        return True
    if plain.is_multicast or plain.is_reserved or plain.is_unspecified:
        return False
    return plain.is_global and not any(plain in network for network in NEVER)


def literal(host: str) -> IpAddress | None:
    """Read a host that is an address itself; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unmapped(address: IpAddress) -> IpAddress:
    """Judge `::ffff:127.0.0.1` as what it reaches."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
