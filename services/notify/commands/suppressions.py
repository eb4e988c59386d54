"""Shutting an address that refused for good, and letting it be used again."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands import announce
from services.notify.domain.message import Message
from services.notify.errors import SuppressionUnknown
from services.notify.storage import suppressions
from services.notify.storage.suppressions import Suppression
from services.notify.vault import Vault


def suppress(work: UnitOfWork, vault: Vault, message: Message, reason: str) -> None:
    """Use the address of a message no more; nothing when it has none or is shut already."""
    added = Suppression(
        suppression_id=new_id(),
        tenant=work.tenant,
        channel=message.channel,
        address_hash=vault.address_hash(work.tenant, message.channel, message.address),
        recipient=message.recipient,
        reason=reason,
        message_id=message.message_id,
        created_at=work.at,
    )
    if message.address and suppressions.add(work.connection, added):
        announce.suppressed(work, added.suppression_id, message, reason)


def clear(work: UnitOfWork, suppression_id: str) -> Suppression:
    """Let an address be used again.

    Raises:
        SuppressionUnknown: There is none that holds.
    """
    found = suppressions.holding(work.connection, work.tenant, suppression_id)
    if found is None:
        raise SuppressionUnknown(
            "there is no such suppression, or it was cleared", suppression_id=suppression_id
        )
    suppressions.clear(work.connection, suppression_id, by=work.caller.subject, at=work.at)
    return replace(found, cleared_at=work.at)
