"""Messages as files: for a machine without a relay, and for a print room.

Files hold addresses and text, so the retention clock removes them with what the database holds.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from services.notify.channels.letter import letter_pdf
from services.notify.channels.mail import written
from services.notify.channels.port import Accepted, Answer, Outgoing, Retry
from services.notify.domain.render import Rendered
from services.notify.domain.words import Channel

_SUFFIXES = {Channel.EMAIL: "eml", Channel.SMS: "txt", Channel.LETTER: "pdf"}


class Files:
    """Writes each message as a file that its owner alone can read.

    Args:
        directory: Made when it is missing.
        sender: The From address of e-mails.
    """

    name = "file"
    per_s = float("inf")
    at_once = 4

    def __init__(self, directory: Path, sender: str) -> None:
        self._directory = directory
        self._sender = sender

    async def send(self, outgoing: Outgoing) -> Answer:
        """Write the file; the same attempt again replaces it."""
        try:
            await asyncio.to_thread(self._write, outgoing)
        except OSError:
            return Retry(self.name, "disk")
        return Accepted(self.name)

    async def close(self) -> None:
        """Hold nothing open."""

    async def forget(self, references: list[str]) -> None:
        """Remove the files of messages whose time is over."""
        await asyncio.to_thread(self._remove, references)

    def _write(self, outgoing: Outgoing) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(outgoing.reference, outgoing.channel)
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._content(outgoing))
        partial.replace(path)

    def _content(self, outgoing: Outgoing) -> bytes:
        if outgoing.channel is Channel.EMAIL:
            return written(outgoing, self._sender)
        content = outgoing.content
        assert isinstance(content, Rendered), "webhooks are not written to files"
        if outgoing.channel is Channel.SMS:
            return f"{outgoing.address}\n\n{content.sms}\n".encode()
        return letter_pdf(outgoing)

    def _path(self, reference: str, channel: Channel) -> Path:
        return self._directory / f"{reference}.{_SUFFIXES[channel]}"

    def _remove(self, references: list[str]) -> None:
        for reference in references:
            for suffix in (*_SUFFIXES.values(), "part"):
                (self._directory / f"{reference}.{suffix}").unlink(missing_ok=True)
