"""A real SMTP server on loopback whose answers the left part of an address chooses."""

# ruff: noqa: N802  (aiosmtpd finds its hooks by these names)

from __future__ import annotations

import asyncio
import re
from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

_MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE | re.IGNORECASE)
ANSWERS = {
    "gone": "550 5.1.1 no such person",
    "later": "451 4.3.0 try again",
    "policy": "550 5.7.1",
}


class Sink:
    """Takes e-mails: `gone@` and `later@` are refused, `drop@` loses the line after DATA."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.dropped = 0
        self.sessions = 0
        self.answers = dict(ANSWERS)
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            made = SMTP(Hooks(self), hostname="sink.test", loop=loop)
            self._sessions.append(made)
            return made

        self._server = await loop.create_server(session, "127.0.0.1", port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for session in self._sessions:
            if isinstance(session.transport, asyncio.Transport):
                session.transport.abort()
        self._sessions.clear()

    @property
    def received(self) -> list[EmailMessage]:
        """Return what was taken, read as e-mails; reading is slow, so not while it arrives."""
        return [message_from_bytes(each, policy=default) for each in self.raw]

    def message_ids(self) -> Counter[str]:
        return Counter(
            found[1].decode() for each in self.raw if (found := _MESSAGE_ID.search(each))
        )


class Hooks:
    """What aiosmtpd calls; it looks at every attribute of this at each session."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_EHLO(
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._sink.sessions += 1
        return responses

    async def handle_RCPT(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        answer = self._sink.answers.get(address.partition("@")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("drop"):
            self._sink.dropped += 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 gone"
        self._sink.recipients += envelope.rcpt_tos
        self._sink.raw.append(envelope.original_content)
        return "250 OK"
