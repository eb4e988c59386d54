"""Hands e-mails to a relay, or to the next one when it is away.

What matters is where a failure happens. Before DATA nothing was handed over, so another relay
may have it. After DATA an answer that is lost leaves the outcome unknown: it is tried again
later under the same Message-ID, and said to be unknown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import aiosmtplib

from services.notify.channels.mail import written
from services.notify.channels.port import Accepted, Answer, Outgoing, Refuse, Retry
from services.notify.channels.smtp.relay import Connections, Relay

_AWAY_S = 60.0
_ADDRESS_CODES = frozenset({550, 551, 553})
_POLICY = re.compile(r"\b5\.[37]\.\d+")
"""Enhanced codes of the mail system's own state and of policy: no fault of the address."""


class Smtp:
    """Two relays at most, the first preferred while it answers.

    Args:
        relays: In order of preference.
        sender: The From address.
        timeout_s: For each answer of a relay, its greeting included.
        per_s: Most messages in a second.
    """

    name = "smtp"
    at_once = 10

    def __init__(
        self,
        relays: Sequence[Relay],
        sender: str,
        *,
        timeout_s: float = 20,
        per_s: float = 50,
    ) -> None:
        self.per_s = per_s
        self._sender = sender
        self._relays = [(relay, Connections(relay, timeout_s)) for relay in relays]
        self._away_until: dict[str, float] = {}

    async def send(self, outgoing: Outgoing) -> Answer:
        """Try the relays in order until one answers for the message."""
        content = written(outgoing, self._sender)
        answer: Answer = Retry(self.name, "no_relay")
        for relay, connections in self._in_order():
            name = f"{self.name}:{relay.name}"
            try:
                return await self._through(name, connections, outgoing.address, content)
            except _NotHandedOver as error:
                self._away_until[relay.name] = time.monotonic() + _AWAY_S
                answer = Retry(name, error.reason)
        return answer

    async def close(self) -> None:
        """Say goodbye to the relays."""
        for _, connections in self._relays:
            await connections.close()

    def _in_order(self) -> list[tuple[Relay, Connections]]:
        now = time.monotonic()
        return sorted(self._relays, key=lambda each: self._away_until.get(each[0].name, 0.0) > now)

    async def _through(
        self, name: str, connections: Connections, address: str, content: bytes
    ) -> Answer:
        connection = await self._envelope(connections, address)
        if isinstance(connection, aiosmtplib.SMTPResponseException):
            return _refusal(name, connection)
        try:
            await connection.data(content)
        except aiosmtplib.SMTPDataError as error:
            await self._at_rest(connections, connection)
            return _refusal(name, error)
        except (aiosmtplib.SMTPException, OSError) as error:
            connection.close()
            return Retry(name, _word(error), unknown=True)
        await connections.give_back(connection)
        return Accepted(name)

    async def _envelope(
        self, connections: Connections, address: str
    ) -> aiosmtplib.SMTP | aiosmtplib.SMTPResponseException:
        """Return a connection whose relay took sender and recipient, or its refusal.

        An idle connection may have been closed by the relay; then a fresh one is tried once.
        """
        for fresh in (False, True):
            try:
                connection = await connections.take(fresh=fresh)
            except (aiosmtplib.SMTPException, OSError) as error:
                raise _NotHandedOver(_word(error)) from error
            try:
                await connection.mail(self._sender)
                await connection.rcpt(address)
            except aiosmtplib.SMTPResponseException as error:
                await self._at_rest(connections, connection)
                return error
            except (aiosmtplib.SMTPException, OSError) as error:
                connection.close()
                if fresh:
                    raise _NotHandedOver(_word(error)) from error
                continue
            return connection
        raise AssertionError("the second try returns or raises")

    @staticmethod
    async def _at_rest(connections: Connections, connection: aiosmtplib.SMTP) -> None:
        try:
            await connection.rset()
        except (aiosmtplib.SMTPException, OSError):
            connection.close()
        else:
            await connections.give_back(connection)


class _NotHandedOver(Exception):
    """The relay did not come as far as taking the message; another one may."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _refusal(name: str, error: aiosmtplib.SMTPResponseException) -> Answer:
    """Return what an answer of the relay means: 4xx may pass, 5xx will not."""
    reason = f"smtp_{error.code}"
    if error.code < 500:
        return Retry(name, reason)
    of_address = not isinstance(error, aiosmtplib.SMTPSenderRefused)
    suppress = of_address and error.code in _ADDRESS_CODES and not _POLICY.search(error.message)
    return Refuse(name, reason, suppress=suppress)


def _word(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"smtp_{error.code}"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "connection"
