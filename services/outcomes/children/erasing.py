"""Erasing a child: its key is destroyed, and what is only ever added to can stay."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import merged, queries, storage
from services.outcomes.children.erased import CHILD_ERASED
from services.outcomes.children.matching import likeness
from services.outcomes.children.vault import Vault
from services.outcomes.feeds import facts
from services.outcomes.thresholds import telling


class Reason(IntEnum):
    """Why a child is erased; the numbers are the proto's."""

    RETENTION_OVER = 1
    RIGHT_TO_ERASURE = 2
    RECORDED_IN_ERROR = 3


def erase(work: UnitOfWork, vault: Vault, child_id: str, *, reason: Reason) -> datetime:
    """Erase a child and return when it was first erased.

    The key goes before the commit: should that fail, the command is run again, and a child
    without a key is erased already. The other order could leave a key behind.

    Raises:
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        PermissionDenied: The caller does not govern information.
    """
    child = queries.known_child(work.connection, work.tenant, child_id)
    access.require_school(work.caller, "child.erase", None)
    for member in merged.members(work.connection, work.tenant, child.id):
        vault.destroy(work.tenant, member)
    child_id = child.id
    table = CHILD_ERASED.c
    before: datetime | None = work.connection.execute(
        select(table.erased_at).where(table.tenant == work.tenant, table.child_id == child_id)
    ).scalar_one_or_none()
    vault.destroy(work.tenant, child_id)
    if before is not None:
        return before
    row = {
        "tenant": work.tenant,
        "child_id": child_id,
        "reason": int(reason),
        "erased_at": work.at,
        "erased_by": work.caller.subject,
    }
    work.connection.execute(insert(CHILD_ERASED), row)
    facts.erase_child(work, child_id)
    telling.forget(work, child)
    likeness.forget(work, child.number)
    following = storage.take_sequences(work.connection, work.tenant, {child.number: 1})
    work.emit(
        events.ChildErased(child_id=child_id),
        resource=child_id,
        sequence=following[child.number],
    )
    return work.at
