"""One relay: where it is, and a few connections to it that are used again."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib

_KEPT = 10
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where a relay is.

    Attributes:
        name: For attempts and metrics; never the host, which may tell too much.
        host: Name or address.
        port: Port.
        user: To sign in with; empty for no sign-in.
        password: Its password.
        tls: Whether the connection is TLS from the start; otherwise STARTTLS where offered.
    """

    name: str
    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False

    @classmethod
    def parse(cls, name: str, url: str, password: str = "") -> Relay:
        """Read `smtp://user@host:587` or `smtps://host`.

        Raises:
            ValueError: The URL is neither.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("an SMTP relay is smtp://host:port or smtps://host:port")
        return cls(
            name=name,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=password or unquote(parts.password or ""),
            tls=parts.scheme == "smtps",
        )


class Connections:
    """Signed-in connections to one relay, the last used first.

    Args:
        relay: Where to.
        timeout_s: For each answer of the relay, its greeting included.
    """

    def __init__(self, relay: Relay, timeout_s: float) -> None:
        self._relay = relay
        self._timeout_s = timeout_s
        self._idle: list[aiosmtplib.SMTP] = []

    async def take(self, *, fresh: bool = False) -> aiosmtplib.SMTP:
        """Return an open connection; a new one when `fresh`, or when none is idle.

        Raises:
            aiosmtplib.SMTPException: The relay does not answer, or refuses the sign-in.
        """
        while self._idle and not fresh:
            idle = self._idle.pop()
            if idle.is_connected:
                return idle
        relay = self._relay
        connection = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user or None,
            password=relay.password or None,
            use_tls=relay.tls,
            # A password is never sent in the clear: without TLS the relay counts as away.
            start_tls=True if relay.user and not relay.tls else None,
            timeout=self._timeout_s,
        )
        await connection.connect()
        return connection

    async def give_back(self, connection: aiosmtplib.SMTP) -> None:
        """Keep a connection that is at rest, or end it when there are enough."""
        if connection.is_connected and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            await self._end(connection)

    async def close(self) -> None:
        """End all that are idle."""
        while self._idle:
            await self._end(self._idle.pop())

    @staticmethod
    async def _end(connection: aiosmtplib.SMTP) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await connection.quit()
        connection.close()
