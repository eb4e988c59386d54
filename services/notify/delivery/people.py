"""What a batch of due messages needs to know of people, read in a few queries."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.unit_of_work import UnitOfWork
from services.notify.delivery.context import Context
from services.notify.domain.deciding import Due
from services.notify.domain.hours import midnight_before
from services.notify.domain.message import Message
from services.notify.domain.recipient import Recipient
from services.notify.domain.words import Channel, Status
from services.notify.storage import messages, recipients, suppressions


class People:
    """Recipients, shut addresses and today's counts of one authority's due messages.

    Args:
        work: The claim's unit of work.
        context: Settings of delivery.
        due: Messages to people.
    """

    def __init__(self, work: UnitOfWork, context: Context, due: Sequence[Message]) -> None:
        self._tenant = work.tenant
        self._vault = context.vault
        subjects = {each.recipient for each in due}
        connection = work.connection
        self._known = recipients.load_many(connection, work.tenant, subjects)
        self._today = messages.sent_since(
            connection, work.tenant, subjects, midnight_before(work.at)
        )
        hashes = [found for each in due if (found := self._hash(each)) is not None]
        self._shut = suppressions.shut(connection, work.tenant, hashes) if hashes else set()

    def of(self, message: Message) -> Recipient | None:
        """Return whom a message is for, as they are now."""
        return self._known.get(message.recipient)

    def is_suppressed(self, message: Message) -> bool:
        """Return whether the address refused for good before."""
        return self._hash(message) in self._shut

    def due(self, message: Message) -> Due:
        """Return what the decision needs of a message, and count it as one of today's."""
        key = (message.recipient, str(message.channel))
        count = self._today.get(key, 0)
        self._today[key] = count + 1
        return Due(
            channel=message.channel,
            category=message.category,
            urgency=message.urgency,
            template_id=message.template_id,
            audience=message.audience,
            held_for=message.reason if message.status is Status.HELD else "",
            attempts=message.attempts,
            sent_today=count,
        )

    def _hash(self, message: Message) -> bytes | None:
        person = self._known.get(message.recipient)
        address = person.address(message.channel) if person else ""
        if not address or message.channel is Channel.IN_APP:
            return None
        return self._vault.address_hash(self._tenant, message.channel, address)
