"""Test mode: outcomes are simulated by address and no provider is spoken to.

Source: GOV.UK Notify's test keys, which simulate by the address's left part.
"""

from __future__ import annotations

from services.notify.channels.port import Accepted, Answer, Outgoing, Refuse, Retry


class Simulator:
    """Answers by address: `temp-fail@` may pass later, `perm-fail@` never, the rest arrives."""

    name = "simulator"
    per_s = float("inf")
    at_once = 100

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer as the address says."""
        if outgoing.address.startswith("temp-fail"):
            return Retry(self.name, "simulated")
        if outgoing.address.startswith("perm-fail"):
            return Refuse(self.name, "simulated", suppress=True)
        return Accepted(self.name, delivered=True)

    async def close(self) -> None:
        """Hold nothing open."""
