"""Merging two children and undoing it; everything is added, so that both can be read as of then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection, insert, select

from services.chassis.auth import Principal
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import enrolments, queries, storage
from services.outcomes.children.domain import Child, Enrolment
from services.outcomes.children.erased import CHILD_ERASED
from services.outcomes.children.merged import CHILD_MERGE, CHILD_UNMERGE, merges
from services.outcomes.children.merging import people, rolls
from services.outcomes.children.vault import Vault
from services.outcomes.episodes.derivation import derive
from services.outcomes.errors.children import MergeInvalid, MergeNotFound, MergeNotLast
from services.outcomes.feeds import facts
from services.outcomes.register import merging as marks
from services.outcomes.register.merging import Conflict, Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge, undone or not.

    Attributes:
        id: In order of time; empty for a preview.
        survivor_id: The child that is kept.
        merged_id: The child that is read through it.
        conflicts: Sessions of which the two records differed.
        merged_at: When; None for a preview.
        merged_by: Subject of the token.
        unmerged_at: When it was undone; None while it stands.
        unmerged_by: Subject of the token; empty while it stands.
    """

    id: str
    survivor_id: str
    merged_id: str
    conflicts: tuple[Conflict, ...]
    merged_at: datetime | None
    merged_by: str
    unmerged_at: datetime | None = None
    unmerged_by: str = ""


def preview(connection: Connection, who: Principal, survivor_id: str, merged_id: str) -> Merge:
    """Return what a merge would do, and write nothing.

    Raises:
        ChildNotFound: One of them is unknown (CHILD_NOT_FOUND).
        PermissionDenied: One of their schools is another's.
        MergeInvalid: They are one already, or one is erased (MERGE_INVALID).
    """
    survivor, other = _both(connection, who, survivor_id, merged_id)
    pair = Pair(survivor.number, other.number)
    found = marks.conflicts(connection, who.tenant, pair, _urns(connection, who.tenant, other))
    return Merge(
        id="",
        survivor_id=survivor.id,
        merged_id=other.id,
        conflicts=tuple(found),
        merged_at=None,
        merged_by="",
    )


def merge(work: UnitOfWork, vault: Vault, survivor_id: str, merged_id: str) -> Merge:
    """Make one child of two: the second is read through the first from now on.

    Raises:
        ChildNotFound: One of them is unknown (CHILD_NOT_FOUND).
        PermissionDenied: One of their schools is another's.
        MergeInvalid: They are one already, or one is erased (MERGE_INVALID).
    """
    connection, tenant = work.connection, work.tenant
    survivor, other = _both(connection, work.caller, survivor_id, merged_id)
    pair, merge_id = Pair(survivor.number, other.number), new_id()
    urns = _urns(connection, tenant, other)
    found = marks.conflicts(connection, tenant, pair, urns)
    marks.join(work, pair, urns, change_id=merge_id)
    joint = rolls.joined(survivor.enrolments, other.enrolments)
    write_rolls(work, survivor.number, before=survivor.enrolments, after=joint)
    write_rolls(work, other.number, before=other.enrolments, after=())
    state = {
        "own": rolls.plain(survivor.enrolments),
        "theirs": rolls.plain(other.enrolments),
        "joint": rolls.plain(joint),
        "reception_year": survivor.reception_year,
        "person": people.join(work, vault, survivor, other),
    }
    if survivor.reception_year is None and other.reception_year is not None:
        year = other.reception_year
        storage.set_reception_year(connection, tenant, survivor.number, year=year)
    row = {
        "tenant": tenant,
        "id": merge_id,
        "survivor": survivor.number,
        "merged": other.number,
        "survivor_id": survivor.id,
        "merged_id": other.id,
        "state": json.dumps(state),
        "conflicts": json.dumps([asdict(one) for one in found]),
        "merged_at": work.at,
        "merged_by": work.caller.subject,
    }
    connection.execute(insert(CHILD_MERGE), row)
    facts.retract_child(work, other.id)
    _derive(work, survivor, other)
    _announce(work, survivor, events.ChildMerged(child_id=survivor.id, merged_child_id=other.id))
    return find(connection, tenant, merge_id)


def unmerge(work: UnitOfWork, vault: Vault, merge_id: str) -> Merge:
    """Make two children again of one: each has what it had, and what was said of it since.

    Raises:
        MergeNotFound: There is no such merge, or it is undone (MERGE_NOT_FOUND).
        MergeNotLast: A later merge of either child stands: undo that one first.
        PermissionDenied: One of the child's schools is another's.
    """
    connection, tenant = work.connection, work.tenant
    row = connection.execute(merges(tenant).where(CHILD_MERGE.c.id == merge_id)).one_or_none()
    if row is None or row.unmerged_at is not None:
        raise MergeNotFound(merge_id)
    _require_last(connection, tenant, row)
    state: dict[str, Any] = json.loads(row.state)
    known = storage.children(connection, tenant, [row.survivor, row.merged])
    survivor, other = known[row.survivor], known[row.merged]
    _require(work.caller, (survivor, *_as_was(survivor, state)))
    gone = {"tenant": tenant, "merge_id": merge_id, "unmerged_at": work.at}
    connection.execute(insert(CHILD_UNMERGE), {**gone, "unmerged_by": work.caller.subject})
    own, theirs = rolls.parted(
        survivor.enrolments,
        joint=rolls.of_plain(state["joint"]),
        own=rolls.of_plain(state["own"]),
        theirs=rolls.of_plain(state["theirs"]),
    )
    write_rolls(work, survivor.number, before=survivor.enrolments, after=own)
    write_rolls(work, other.number, before=(), after=theirs)
    pair = Pair(survivor.number, other.number)
    marks.part(work, pair, joined_by=merge_id, own=own, theirs=theirs)
    people.part(work, vault, (survivor, other), state["person"])
    year = state["reception_year"]
    storage.set_reception_year(connection, tenant, survivor.number, year=year)
    _derive(work, survivor, other)
    _announce(work, survivor, events.ChildUnmerged(child_id=survivor.id, parted_child_id=other.id))
    return find(connection, tenant, merge_id)


def find(connection: Connection, tenant: str, merge_id: str) -> Merge:
    """Return a merge.

    Raises:
        MergeNotFound: There is none of that id in the authority (MERGE_NOT_FOUND).
    """
    row = connection.execute(merges(tenant).where(CHILD_MERGE.c.id == merge_id)).one_or_none()
    if row is None:
        raise MergeNotFound(merge_id)
    return merge_of(row)


def merge_of(row: Any) -> Merge:
    """Return a row of `merges` as a value."""
    return Merge(
        id=row.id,
        survivor_id=row.survivor_id,
        merged_id=row.merged_id,
        conflicts=tuple(Conflict(**one) for one in json.loads(row.conflicts)),
        merged_at=row.merged_at,
        merged_by=row.merged_by,
        unmerged_at=row.unmerged_at,
        unmerged_by=row.unmerged_by or "",
    )


def write_rolls(
    work: UnitOfWork, number: int, *, before: Sequence[Enrolment], after: Sequence[Enrolment]
) -> None:
    """Add the versions of a child's enrolments that make them what they are to be."""
    kept = {(one.urn, one.first) for one in after}
    rows = []
    for one in after:
        if one not in before:
            version = enrolments.enrolment_version(work.connection, work.tenant, number, one) + 1
            rows.append(
                enrolments.enrolment_row(work.tenant, number, one, version=version, at=work.at)
            )
    for one in before:
        if (one.urn, one.first) not in kept:
            version = enrolments.enrolment_version(work.connection, work.tenant, number, one) + 1
            rows.append(enrolments.never_row(work.tenant, number, one, version=version, at=work.at))
    storage.add(work.connection, enrolments.ENROLMENT, rows, tenant=work.tenant, at=work.at)


def _both(
    connection: Connection, who: Principal, survivor_id: str, merged_id: str
) -> tuple[Child, Child]:
    survivor = queries.known_child(connection, who.tenant, survivor_id)
    other = queries.known_child(connection, who.tenant, merged_id)
    _require(who, (survivor, other))
    if survivor.number == other.number or survivor.id != survivor_id or other.id != merged_id:
        raise MergeInvalid("the two are one child already", field="merged_child_id")
    table = CHILD_ERASED.c
    query = select(table.child_id).where(
        table.tenant == who.tenant, table.child_id.in_([survivor.id, other.id])
    )
    if connection.execute(query).first() is not None:
        raise MergeInvalid("one of the two is erased", field="merged_child_id")
    return survivor, other


def _require(who: Principal, children: Sequence[Child]) -> None:
    for urn in dict.fromkeys(urn for child in children for urn in child.urns()):
        access.require_school(who, "child.merge", urn)


def _as_was(child: Child, state: dict[str, Any]) -> tuple[Child, ...]:
    """Return the other child as it was on rolls, for the rights to its schools."""
    theirs = rolls.of_plain(state["theirs"])
    return (Child(number=child.number, id=child.id, enrolments=theirs),)


def _urns(connection: Connection, tenant: str, child: Child) -> list[str]:
    """Return every school that a child ever had a mark at: those it was ever put on the roll of."""
    table = enrolments.ENROLMENT.c
    query = select(table.urn).where(table.tenant == tenant, table.number == child.number)
    return sorted(set(connection.execute(query).scalars()))


def _require_last(connection: Connection, tenant: str, row: Any) -> None:
    table, either = CHILD_MERGE.c, [row.survivor, row.merged]
    later = merges(tenant).where(
        CHILD_UNMERGE.c.unmerged_at.is_(None),
        table.id != row.id,
        table.merged_at >= row.merged_at,
        table.survivor.in_(either) | table.merged.in_(either),
    )
    found = connection.execute(later.order_by(table.merged_at.desc())).first()
    if found is not None:
        raise MergeNotLast("a later merge stands: undo that one first", merge_id=found.id)


def _derive(work: UnitOfWork, survivor: Child, other: Child) -> None:
    """Derive the episodes of both again: one has those of both, the other none, or back."""
    for child in (survivor, other):
        derive(work, child.id)


def _announce(
    work: UnitOfWork, survivor: Child, message: events.ChildMerged | events.ChildUnmerged
) -> None:
    following = storage.take_sequences(work.connection, work.tenant, {survivor.number: 1})
    work.emit(message, resource=survivor.id, sequence=following[survivor.number])
