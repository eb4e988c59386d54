"""Bringing a message, and what a digest carries, to a status it may come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands import announce
from services.notify.domain.message import Message
from services.notify.domain.status import FAILED, may_follow
from services.notify.domain.words import Status
from services.notify.storage import messages

_HANDED_OVER = frozenset({Status.SENT, Status.DELIVERED})


def settle(
    work: UnitOfWork,
    message: Message,
    status: Status,
    reason: str = "",
    *,
    due_at: datetime | None = None,
) -> bool:
    """Move a message on, with what it carries, and announce it; return False if it may not.

    Args:
        work: The unit of work.
        message: As it is now.
        status: Where it goes.
        reason: A closed word; empty when handed over.
        due_at: When to look at it next; None for never, so a failure is then for good.
    """
    if not may_follow(message.status, status):
        return False
    moved = replace(message, status=status, reason=reason)
    values: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "due_at": due_at,
        "updated_at": work.at,
    }
    if status in _HANDED_OVER and message.sent_at is None:
        values["sent_at"] = work.at
    messages.change(work.connection, message.message_id, **values)
    if due_at is None:
        _carry(work, message, values)
        _announce(work, message, moved)
    return True


def _carry(work: UnitOfWork, digest: Message, values: dict[str, Any]) -> None:
    """Let what a digest carries end as the digest ends."""
    if digest.template_id == "digest":
        messages.change_digested(work.connection, digest.message_id, **values)


def _announce(work: UnitOfWork, before: Message, moved: Message) -> None:
    if moved.status in _HANDED_OVER and before.sent_at is None:
        announce.sent(work, moved)
    elif moved.status in FAILED:
        announce.failed(work, moved)


def settle_all(work: UnitOfWork, found: Iterable[Message], status: Status, reason: str) -> int:
    """Move several on; return how many went."""
    return sum(settle(work, each, status, reason) for each in found)
