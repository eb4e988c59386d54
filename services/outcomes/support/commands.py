"""Writes of unfunded support: recorded, corrected, taken back; each adds a version."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.child_events.commands import Aim
from services.outcomes.child_events.domain import Change
from services.outcomes.child_events.queries import living_child
from services.outcomes.child_events.storage import lock_children
from services.outcomes.children.domain import Child
from services.outcomes.errors.support import SupportChanged, SupportWithdrawn
from services.outcomes.support import queries, storage
from services.outcomes.support.domain import Details, Support, check_dates, check_overlap
from services.outcomes.support.queries import Held

RECORD = "support.record"


def record(work: UnitOfWork, child_id: str, details: Details) -> Held:
    """Record support that a child has and the fund does not pay for.

    Raises:
        ChildNotFound: No such child, or it was erased (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
        SupportDatesInvalid: See `check_dates`.
        SupportOverlaps: It is recorded already (SUPPORT_OVERLAPS).
    """
    child = living_child(work.connection, work.tenant, child_id)
    access.require_any_school(work.caller, RECORD, child.urns())
    lock_children(work.connection, work.tenant, [child.number])
    support = Support(
        id=new_id(),
        number=child.number,
        version=1,
        details=details,
        withdrawn=False,
        change=Change.FIRST,
        recorded_at=work.at,
        recorded_by=work.caller.subject,
    )
    return _checked(work, child, support)


def correct(work: UnitOfWork, aim: Aim, details: Details, why: Change) -> Held:
    """Put what is known now over what was recorded; `aim` names the support.

    Raises:
        SupportNotFound: No such support (SUPPORT_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
        SupportChanged: Another version was read (SUPPORT_CHANGED).
        SupportWithdrawn: It was taken back (SUPPORT_WITHDRAWN).
        SupportDatesInvalid: As when it is recorded; so is SupportOverlaps.
    """
    child, known = _aimed(work, aim)
    return _checked(work, child, replace(_next(work, known, why), details=details))


def withdraw(work: UnitOfWork, aim: Aim, why: Change) -> Held:
    """Take back support that never was.

    Raises:
        SupportNotFound: No such support (SUPPORT_NOT_FOUND); and as `correct`, but for details.
    """
    child, known = _aimed(work, aim)
    return _write(work, child, replace(_next(work, known, why), withdrawn=True))


def _aimed(work: UnitOfWork, aim: Aim) -> tuple[Child, Support]:
    child, _ = queries.known_support(work.connection, work.tenant, aim.event_id)
    access.require_any_school(work.caller, RECORD, child.urns())
    lock_children(work.connection, work.tenant, [child.number])
    child, known = queries.known_support(work.connection, work.tenant, aim.event_id)
    if aim.etag and aim.etag != str(known.version):
        raise SupportChanged(
            "somebody has changed it since: read it again",
            field="etag",
            support_id=known.id,
            etag=known.version,
        )
    if known.withdrawn:
        raise SupportWithdrawn(
            "the support was taken back", field="support_id", support_id=known.id
        )
    return child, known


def _next(work: UnitOfWork, known: Support, why: Change) -> Support:
    return replace(
        known,
        version=known.version + 1,
        change=why,
        recorded_at=max(work.at, known.recorded_at),
        recorded_by=work.caller.subject,
    )


def _checked(work: UnitOfWork, child: Child, support: Support) -> Held:
    check_dates(support.details, london_date(work.at))
    beside = storage.of_children(work.connection, work.tenant, [child.number])
    check_overlap(support, beside.get(child.number, ()))
    return _write(work, child, support)


def _write(work: UnitOfWork, child: Child, support: Support) -> Held:
    storage.add(work.connection, work.tenant, support)
    work.resource = support.id
    return Held(support, child.id)
