"""Which addresses a webhook may reach: names are resolved once, and what was checked is used.

A name that pointed to the outside when an endpoint was registered may point inside today, so
the check belongs to the connection, not to the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name.

Raises:
    OSError: It has none.
"""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_URL_MAX = 2000


class AddressRefused(Exception):
    """An address, or a URL, that a webhook may not reach; `args[0]` says why in a few words."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, as the machine knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class Guard:
    """Says where a webhook may go.

    Args:
        networks: Private networks that are allowed, such as the authority's own.
        resolver: Looks names up.
    """

    def __init__(self, networks: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        self._networks = [ipaddress.ip_network(each) for each in networks]
        self._resolver = resolver

    async def check_url(self, url: str) -> None:
        """Refuse a URL that an endpoint may not have.

        Raises:
            AddressRefused: It is not https (http only within the allowed networks), holds a
                user, has no name that can be found, or leads to an address that is not public.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise AddressRefused("it is not a URL") from None
        if parts.scheme not in {"https", "http"} or not parts.hostname or len(url) > _URL_MAX:
            raise AddressRefused("it is not an https URL")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise AddressRefused("it holds a user, a password or a fragment")
        try:
            address = await self.checked(parts.hostname, port)
        except OSError:
            raise AddressRefused("its name cannot be found") from None
        if parts.scheme == "http" and not self._listed(ipaddress.ip_address(address)):
            raise AddressRefused("it is not https")

    async def checked(self, host: str, port: int) -> str:
        """Return the address to connect to; every address of the name must be allowed.

        Raises:
            AddressRefused: One is private, loopback, link-local or otherwise not public.
            OSError: The name has no address.
        """
        literal = _literal(host)
        found = [literal] if literal else await self._resolver(host, port)
        if not found:
            raise OSError("the name has no address")
        for each in found:
            address = ipaddress.ip_address(each.partition("%")[0])
            if not (self._listed(address) or is_public(address)):
                raise AddressRefused("its address is not public")
        return found[0]

    def _listed(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def is_public(address: Address) -> bool:
    """Return whether an address is of the public internet, also when IPv4 hides in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the address that was checked, while TLS still asks for the name.

    Args:
        guard: Says where a webhook may go.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *rest: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, and connect to that very address; the options are httpcore's.

        Raises:
            AddressRefused: The name leads where a webhook may not go.
            httpcore.ConnectError: The name has no address, or nobody answers there.
        """
        try:
            address = await self._guard.checked(host, port)
        except OSError as error:
            raise httpcore.ConnectError("dns") from error
        return await self._inner.connect_tcp(address, port, *rest, **options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)
