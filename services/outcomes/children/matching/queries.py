"""Reads of the matching queue: what waits, and for whom it may be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.chassis.sealing import unseal
from services.outcomes import access
from services.outcomes.children import queries
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Child
from services.outcomes.children.matching import storage
from services.outcomes.children.matching.domain import Case, CaseKind, ChildRow, RegisterRows
from services.outcomes.children.matching.storage import MATCH_CASE, MATCH_DECISION
from services.outcomes.children.vault import Vault
from services.outcomes.errors.children import MatchNotFound


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list is narrowed to.

    Attributes:
        urn: Of this school; empty for any.
        kind: Of this kind; None for any.
        decided: Those that are decided too.
    """

    urn: str = ""
    kind: CaseKind | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a reader sees it.

    Attributes:
        case: The case.
        row: What waits; None for a reader who may not see it, and once it is decided.
        candidates: By id, with personal facts where the reader may see them.
    """

    case: Case
    row: ChildRow | RegisterRows | None
    candidates: dict[str, Child]


def get_match(connection: Connection, vault: Vault, who: Principal, match_id: str) -> Shown:
    """Return one case with what it says and the children it may be about.

    Raises:
        MatchNotFound: There is none of that id in the authority (MATCH_NOT_FOUND).
        PermissionDenied: It is another school's (ACTION_NOT_ALLOWED).
    """
    query = storage.cases(who.tenant).where(MATCH_CASE.c.id == match_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise MatchNotFound(match_id)
    case = storage.case_of(found)
    access.require_school(who, "child.match", case.urn or None)
    ids = children.by_id(connection, who.tenant, [one.child_id for one in case.candidates])
    known = children.children(connection, who.tenant, ids.values())
    shown = queries.opened(connection, vault, who, list(known.values()))
    by_number = {child.number: child for child in shown}
    return Shown(
        case,
        _row(connection, vault, who, case),
        {child_id: by_number[number] for child_id, number in ids.items()},
    )


def _row(
    connection: Connection, vault: Vault, who: Principal, case: Case
) -> ChildRow | RegisterRows | None:
    if not access.allowed_at(who, "child.identify", case.urn or None) or case.decision:
        return None
    key = vault.keys(who.tenant, [case.id]).get(case.id)
    if key is None:
        return None
    query = select(MATCH_CASE.c.sealed).where(
        MATCH_CASE.c.tenant == who.tenant, MATCH_CASE.c.id == case.id
    )
    sealed = bytes(connection.execute(query).scalar_one())
    return storage.waiting_of(case.kind, unseal(key, sealed, who.tenant, "match_case", case.id))


def list_matches(
    connection: Connection, who: Principal, wanted: Wanted, *, after: str, limit: int
) -> list[Case]:
    """Return cases after one, the oldest first, of the caller's schools alone.

    Raises:
        PermissionDenied: The school asked for is another's (ACTION_NOT_ALLOWED).
    """
    seen = access.schools_seen(who, "child.match")
    if seen is not None and wanted.urn:
        access.require_school(who, "child.match", wanted.urn)
    table = MATCH_CASE.c
    query = storage.cases(who.tenant).where(table.id > after)
    schools = {wanted.urn} if wanted.urn else seen
    if schools is not None:
        query = query.where(table.urn.in_(sorted(schools)))
    if wanted.kind is not None:
        query = query.where(table.kind == int(wanted.kind))
    if not wanted.decided:
        query = query.where(MATCH_DECISION.c.decision.is_(None))
    rows = connection.execute(query.order_by(table.id).limit(limit))
    return [storage.case_of(row) for row in rows]
