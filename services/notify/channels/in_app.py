"""In-app: the row of the message is what the page of messages shows, so it has arrived."""

from __future__ import annotations

from services.notify.channels.port import Accepted, Answer, Outgoing


class InApp:
    """Delivers by being there."""

    name = "in_app"
    per_s = float("inf")
    at_once = 100

    async def send(self, outgoing: Outgoing) -> Answer:
        """Accept, and say that it arrived."""
        del outgoing
        return Accepted(self.name, delivered=True)

    async def close(self) -> None:
        """Hold nothing open."""
