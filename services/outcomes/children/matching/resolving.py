"""A person decides whose a row is, and the row is applied; what is found later applies itself."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from services.chassis.errors import ServiceError
from services.chassis.sealing import unseal
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import placing, queries, rolls
from services.outcomes.children import storage as children
from services.outcomes.children.domain import (
    Child,
    Person,
    Scheme,
    upn_is_valid,
)
from services.outcomes.children.matching import marks, storage
from services.outcomes.children.matching.domain import (
    Case,
    ChildRow,
    Decision,
    Reason,
    RegisterRows,
)
from services.outcomes.children.matching.storage import MATCH_CASE, MATCH_DECISION
from services.outcomes.children.placing import Placement
from services.outcomes.children.vault import Vault
from services.outcomes.errors import AlreadyOnRoll
from services.outcomes.errors.children import MatchDecided, MatchDecisionInvalid, MatchNotFound

_OPEN_AT_ONCE = 500


def resolve(
    work: UnitOfWork, vault: Vault, match_id: str, *, decision: Decision, child_id: str
) -> Case:
    """Decide whose a row is, and apply it.

    Raises:
        MatchNotFound: Nothing of that id waits (MATCH_NOT_FOUND).
        PermissionDenied: It is another school's row, or child.
        MatchDecided: Somebody decided it before (MATCH_DECIDED).
        MatchDecisionInvalid: No child is named, or none can be made of marks.
        ServiceError: The row cannot be applied, such as AlreadyOnRoll or RowsRefused; it waits on.
    """
    case = find(work, match_id)
    access.require_school(work.caller, "child.match", case.urn or None)
    if case.decision is not Decision.OPEN:
        raise MatchDecided(f"match {match_id} is decided", match_id=match_id)
    if (decision is Decision.SAME_CHILD) != bool(child_id):
        raise MatchDecisionInvalid(
            "name the child, for the same child and for nothing else",
            field="child_id",
            match_id=match_id,
        )
    decided = ""
    if decision is Decision.SAME_CHILD:
        child = queries.known_child(work.connection, work.tenant, child_id)
        if child_id not in {one.child_id for one in case.candidates}:
            access.require_any_school(work.caller, "child.match", child.urns())
        decided = _apply(work, vault, case, child)
    elif decision is Decision.NEW_CHILD:
        decided = _apply(work, vault, case, None)
    _decide(work, case, decision, decided)
    apply_found(work, vault)
    return find(work, match_id)


def find(work: UnitOfWork, match_id: str) -> Case:
    """Return a case.

    Raises:
        MatchNotFound: There is none of that id in the authority (MATCH_NOT_FOUND).
    """
    query = storage.cases(work.tenant).where(MATCH_CASE.c.id == match_id)
    row = work.connection.execute(query).one_or_none()
    if row is None:
        raise MatchNotFound(match_id)
    return storage.case_of(row)


def apply_found(work: UnitOfWork, vault: Vault) -> int:
    """Apply what waits for an identifier that a child has now; return how many cases that were.

    A case that cannot be applied yet, such as marks of a child who is not on that roll, waits on.
    """
    query = (
        storage.cases(work.tenant)
        .where(MATCH_DECISION.c.decision.is_(None), MATCH_CASE.c.blind.is_not(None))
        .where(MATCH_CASE.c.reason != int(Reason.IDENTIFIERS_DISAGREE))
        .order_by(MATCH_CASE.c.id)
        .limit(_OPEN_AT_ONCE)
    )
    open_now = [storage.case_of(row) for row in work.connection.execute(query)]
    if not open_now:
        return 0
    blinds = [case.blind for case in open_now if case.blind is not None]
    owner = queries.find(work.connection, work.tenant, blinds)
    known = children.children(work.connection, work.tenant, set(owner.values()))
    applied = 0
    for case in open_now:
        number = owner.get(case.blind) if case.blind is not None else None
        if number is None:
            continue
        try:
            decided = _apply(work, vault, case, known[number])
        except ServiceError:
            continue
        _decide(work, case, Decision.FOUND_LATER, decided)
        applied += 1
    return applied


def _decide(work: UnitOfWork, case: Case, decision: Decision, child_id: str) -> None:
    row = {
        "tenant": work.tenant,
        "case_id": case.id,
        "decision": int(decision),
        "child_id": child_id,
        "decided_at": work.at,
        "decided_by": work.caller.subject,
    }
    storage.decide(work.connection, row)


def clear(work: UnitOfWork, vault: Vault) -> None:
    """Destroy the keys of rows that were decided: what was held of them is nobody's business."""
    decided = storage.uncleared(work.connection, work.tenant)
    for case_id in decided:
        vault.destroy(work.tenant, case_id)
    if decided:
        storage.clear(work.connection, work.tenant, decided)


def _apply(work: UnitOfWork, vault: Vault, case: Case, child: Child | None) -> str:
    """Apply what waits to a child, or to a new one; return the child's id."""
    waiting = opened(work, vault, case)
    if isinstance(waiting, ChildRow):
        return _apply_child(work, vault, waiting, child)
    if child is None:
        raise MatchDecisionInvalid(
            "marks make no child: import the child, and they are recorded by themselves",
            field="decision",
            match_id=case.id,
        )
    _apply_marks(work, vault, case, waiting=waiting, child=child)
    return child.id


def opened(work: UnitOfWork, vault: Vault, case: Case) -> ChildRow | RegisterRows:
    """Return what waits.

    Raises:
        MatchNotFound: What waited was destroyed after it was decided (MATCH_NOT_FOUND).
    """
    key = vault.keys(work.tenant, [case.id]).get(case.id)
    if key is None:
        raise MatchNotFound(case.id)
    query = select(MATCH_CASE.c.sealed).where(
        MATCH_CASE.c.tenant == work.tenant, MATCH_CASE.c.id == case.id
    )
    sealed = bytes(work.connection.execute(query).scalar_one())
    return storage.waiting_of(case.kind, unseal(key, sealed, work.tenant, "match_case", case.id))


def _apply_child(work: UnitOfWork, vault: Vault, row: ChildRow, child: Child | None) -> str:
    identifiers = row.person.identifiers()
    blinds = {vault.blind(work.tenant, one): one for one in identifiers}
    owner = queries.find(work.connection, work.tenant, list(blinds))
    mine = child.number if child else None
    others = {blinds[blind] for blind, number in owner.items() if number != mine}
    placement = Placement(row.person.without(others), row.enrolment, mine)
    placed = placing.place_children(work, vault, [placement])
    if placed.overlapping:
        raise AlreadyOnRoll("the child is on this roll in that time already", field="child_id")
    rolls.correct_last_days(work, placed.corrections)
    return children.ids(work.connection, work.tenant, placed.numbers)[placed.numbers[0]]


def _apply_marks(
    work: UnitOfWork, vault: Vault, case: Case, *, waiting: RegisterRows, child: Child
) -> None:
    """Record marks that waited, and give the child the identifier that it was unknown by."""
    marks.record(work, vault, case, waiting=waiting, child_id=child.id)
    known_by = _person_of(waiting, case.urn)
    blinds = [vault.blind(work.tenant, one) for one in known_by.identifiers()]
    if blinds and not queries.find(work.connection, work.tenant, blinds):
        given = Placement(_beside(work, vault, child, known_by), None, child.number)
        placing.place_children(work, vault, [given])


def _person_of(waiting: RegisterRows, urn: str) -> Person:
    """Return a person of whom nothing is known but the identifier; a wrong number is left out."""
    value = waiting.identifier
    match waiting.scheme:
        case Scheme.UPN:
            return Person(upn=value if upn_is_valid(value) else "")
        case Scheme.AUTHORITY:
            return Person(authority_child_id=value)
        case Scheme.MIS:
            return Person(mis_ids=((urn, value),))
        case _:
            return Person()


def _beside(work: UnitOfWork, vault: Vault, child: Child, given: Person) -> Person:
    """Return the identifier so that it stands beside the child's own: a number as a former one."""
    facts = queries.persons(work.connection, vault, work.tenant, [child])
    known = facts.get(child.number, (0, None))[1] or Person()
    if given.upn and known.upn:
        return replace(given, upn="", former_upns=(given.upn,))
    return given
