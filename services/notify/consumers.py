"""What notify reads: every event of the fund and of the outcomes service."""

from __future__ import annotations

from services.chassis.consumers import Consumer, EventHandler
from services.notify.rules import event_messages

PUBLISHERS = ("fund", "outcomes")


def consumers(take: EventHandler) -> list[Consumer]:
    """Return one durable consumer for each publisher; every known event goes to `take`."""
    return [
        Consumer(
            name=f"notify-{publisher}",
            subjects=(f"lr.*.{publisher}.>",),
            handlers={
                event_type: take
                for event_type in event_messages()
                if event_type.split(".")[1] == publisher
            },
        )
        for publisher in PUBLISHERS
    ]
