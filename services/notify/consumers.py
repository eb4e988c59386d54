"""What notify reads: every event of the fund and of the outcomes service."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.consumers import Consumer, EventHandler
from services.chassis.events import Event
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands import webhooks
from services.notify.commands.escalations import Escalations
from services.notify.commands.intake import Intake
from services.notify.rules import event_messages

PUBLISHERS = ("fund", "outcomes")


@dataclass(frozen=True, slots=True)
class Reactions:
    """All that an event sets off, in one transaction.

    Attributes:
        intake: Makes messages for people.
        ladders: Follow what waits.
    """

    intake: Intake
    ladders: Escalations

    def take(self, work: UnitOfWork, event: Event) -> None:
        """Tell people and systems, and follow what waits."""
        self.intake.take(work, event)
        self.ladders.follow(work, event)
        webhooks.tell(work, event)


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
