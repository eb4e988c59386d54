"""Taking what providers report: forwards only, and kept whatever it changes."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands.settle import settle
from services.notify.commands.suppressions import suppress
from services.notify.domain.receipt import Receipt, from_bounce
from services.notify.domain.words import Status
from services.notify.errors import ReceiptUnknown
from services.notify.storage import messages, receipts
from services.notify.vault import Vault


@dataclass(frozen=True, slots=True)
class Applied:
    """What a receipt did."""

    message_id: str
    status: Status
    applied: bool


def record(work: UnitOfWork, vault: Vault, reported: Receipt) -> Applied:
    """Keep a report and move the message on, unless it is past that.

    Raises:
        ReceiptUnknown: No message with this reference was ever handed over.
    """
    message = messages.by_reference(work.connection, work.tenant, reported.reference)
    if message is None or message.attempts == 0:
        raise ReceiptUnknown(
            "no message with this reference was handed over", reference=reported.reference
        )
    if receipts.known(work.connection, work.tenant, reported):
        return Applied(message.message_id, message.status, applied=False)
    applied = reported.status is not None and settle(
        work, message, reported.status, reported.reason
    )
    if applied and reported.suppress:
        suppress(work, vault, message, reported.reason)
    receipts.add(
        work.connection,
        work.tenant,
        reported,
        message_id=message.message_id,
        applied_at=(applied, work.at),
    )
    status = reported.status if applied and reported.status else message.status
    return Applied(message.message_id, status, applied=applied)


def record_bounce(work: UnitOfWork, vault: Vault, content: bytes) -> Applied:
    """Take a returned e-mail.

    Raises:
        ReceiptUnknown: It is not a delivery status notification of a message of ours.
    """
    reported = from_bounce(content)
    if reported is None:
        raise ReceiptUnknown("this is not a delivery status notification of our message")
    return record(work, vault, reported)
