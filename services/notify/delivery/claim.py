"""Claiming: in one short transaction, decide about each message that is due.

What is to be sent leaves as a value that holds all that a provider needs, so that nothing is
read while a provider is spoken to. A claim is a lease: when its time passes without a record,
the attempt's outcome is unknown, and the message goes again under the same reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from services.chassis.auth import Principal
from services.chassis.database import Transaction
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.channels.port import Outgoing, WebhookCall
from services.notify.commands.settle import settle
from services.notify.delivery import digests, outgoing, webhooks
from services.notify.delivery.context import Context
from services.notify.delivery.people import People
from services.notify.domain.deciding import Decision, Drop, Gather, Hold, Send, decide
from services.notify.domain.message import Attempt, Message
from services.notify.domain.words import Channel, Outcome, Status
from services.notify.storage import attempts, messages


def claim(
    transaction: Transaction, context: Context, now: datetime, limit: int
) -> tuple[int, list[Outgoing]]:
    """Return what is to be handed over now, marked as being sent; hold or drop the rest.

    Args:
        transaction: The lane's.
        context: Settings of delivery.
        now: The moment of the decisions.
        limit: The most messages to look at.

    Returns:
        How many were looked at, and those that are to be sent.
    """
    due = sorted(messages.due(transaction.connection, now, limit), key=lambda each: each.tenant)
    claimed: list[Outgoing] = []
    for tenant, group in groupby(due, key=lambda each: each.tenant):
        work = UnitOfWork(transaction, Principal.system(tenant), now, new_id())
        claimed += _claim_for(work, context, list(group))
    return len(due), claimed


def _claim_for(work: UnitOfWork, context: Context, due: Sequence[Message]) -> list[Outgoing]:
    people = People(work, context, [each for each in due if each.channel is not Channel.WEBHOOK])
    gathered: set[str] = set()
    claimed = []
    for message in due:
        if message.message_id in gathered:
            continue
        _report_lost_attempt(work, message)
        decision = _decide(work, context, people, message)
        match decision:
            case WebhookCall():
                leased = _lease(work, context, message, "")
                claimed.append(outgoing.of_webhook(leased, decision, work.at))
            case Send(address):
                leased = _lease(work, context, message, address)
                claimed.append(outgoing.of_person(work, context, leased, people.of(message)))
            case _:
                gathered |= _put_aside(work, people, message, decision)
    return claimed


def _decide(
    work: UnitOfWork, context: Context, people: People, message: Message
) -> Decision | WebhookCall:
    if message.channel is Channel.WEBHOOK:
        return webhooks.decide(work, context, message)
    return decide(
        people.due(message),
        people.of(message),
        context.policy,
        suppressed=people.is_suppressed(message),
        now=work.at,
    )


def _put_aside(work: UnitOfWork, people: People, message: Message, decision: Decision) -> set[str]:
    """Hold, gather or drop; return the ids of other messages that went into a digest."""
    match decision:
        case Hold(until, reason):
            messages.change(
                work.connection,
                message.message_id,
                status=Status.HELD,
                reason=reason,
                due_at=until,
                updated_at=work.at,
            )
        case Gather():
            return digests.gather(work, message, people.of(message))
        case Drop(status, reason):
            settle(work, message, status, reason)
    return set()


def _lease(work: UnitOfWork, context: Context, message: Message, address: str) -> Message:
    leased = replace(
        message,
        status=Status.SENDING,
        attempts=message.attempts + 1,
        first_attempt_at=message.first_attempt_at or work.at,
        address="" if message.channel is Channel.IN_APP else address,
    )
    messages.change(
        work.connection,
        message.message_id,
        status=leased.status,
        reason="",
        attempts=leased.attempts,
        first_attempt_at=leased.first_attempt_at,
        address=leased.address,
        due_at=work.at + timedelta(seconds=context.lease_s),
        updated_at=work.at,
    )
    return leased


def _report_lost_attempt(work: UnitOfWork, message: Message) -> None:
    """Record that nobody knows how the last attempt ended: its claim ran out."""
    if message.status is not Status.SENDING:
        return
    lost = Attempt(
        number=message.attempts,
        provider="",
        outcome=Outcome.UNKNOWN,
        reason="lease_ended",
        reference=message.reference,
        at=work.at,
        duration_ms=0,
    )
    attempts.add(work.connection, work.tenant, message.message_id, lost)
