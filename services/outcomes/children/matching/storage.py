"""Tables of the matching queue: cases as they came, and what was decided of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children.domain import Enrolment, EnrolmentStatus, Person, Scheme
from services.outcomes.children.matching.domain import (
    Candidate,
    Case,
    CaseKind,
    ChildRow,
    Decision,
    Reason,
    RegisterRows,
)
from services.outcomes.children.queries import person_from, person_plain
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

MATCH_CASE = Table(
    "match_case",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    Column("urn", String(6), nullable=False),
    Column("blind", LargeBinary(16)),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("candidates", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("source", String(200), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
    Index("match_case_fingerprint", "tenant", "fingerprint"),
)
MATCH_DECISION = Table(
    "match_decision",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("decision", SmallInteger, nullable=False),
    Column("child_id", String(36), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("cleared", SmallInteger, nullable=False),
    Index("match_decision_cleared", "tenant", "cleared"),
)


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert cases."""
    if rows:
        connection.execute(insert(MATCH_CASE), list(rows))


def fingerprints(connection: Connection, tenant: str, asked: Collection[bytes]) -> set[bytes]:
    """Return which rows wait already, or were rejected: a feed sends them every night."""
    table, found = MATCH_CASE.c, set[bytes]()
    if not asked:
        return found
    query = select(table.fingerprint, MATCH_DECISION.c.decision).outerjoin(
        MATCH_DECISION,
        (MATCH_DECISION.c.tenant == table.tenant) & (MATCH_DECISION.c.case_id == table.id),
    )
    query = query.where(table.tenant == tenant, one_of(connection, table.fingerprint, asked))
    for fingerprint, decision in connection.execute(query):
        if decision in {None, Decision.REJECTED}:
            found.add(bytes(fingerprint))
    return found


def cases(tenant: str) -> Select[Any]:
    """Return the query for cases with what was decided."""
    made = MATCH_DECISION.c
    return (
        select(MATCH_CASE, made.decision, made.child_id, made.decided_at, made.decided_by)
        .outerjoin(
            MATCH_DECISION,
            (made.tenant == MATCH_CASE.c.tenant) & (made.case_id == MATCH_CASE.c.id),
        )
        .where(MATCH_CASE.c.tenant == tenant)
    )


def case_of(row: Any) -> Case:
    """Return a row of `cases` as a value."""
    return Case(
        id=row.id,
        kind=CaseKind(row.kind),
        reason=Reason(row.reason),
        urn=row.urn,
        blind=bytes(row.blind) if row.blind is not None else None,
        candidates=tuple(
            Candidate(one["child_id"], tuple(one["why"])) for one in json.loads(row.candidates)
        ),
        source=row.source,
        rows=row.rows,
        created_at=row.created_at,
        created_by=row.created_by,
        decision=Decision(row.decision or 0),
        child_id=row.child_id or "",
        decided_at=row.decided_at,
        decided_by=row.decided_by or "",
    )


def candidates_text(candidates: Iterable[Candidate]) -> str:
    """Return candidates as they are stored: ids and the names of likenesses, nothing personal."""
    return json.dumps([{"child_id": one.child_id, "why": list(one.why)} for one in candidates])


def decide(connection: Connection, row: Row) -> None:
    """Insert what was decided of a case."""
    connection.execute(insert(MATCH_DECISION), {**row, "cleared": 0})


def uncleared(connection: Connection, tenant: str) -> list[str]:
    """Return decided cases whose key may still be there."""
    table = MATCH_DECISION.c
    query = select(table.case_id).where(table.tenant == tenant, table.cleared == 0)
    return list(connection.execute(query).scalars())


def clear(connection: Connection, tenant: str, case_ids: Sequence[str]) -> None:
    """Note that the keys of cases are destroyed."""
    table = MATCH_DECISION.c
    connection.execute(
        update(MATCH_DECISION)
        .where(table.tenant == tenant, one_of(connection, table.case_id, case_ids))
        .values(cleared=1)
    )


def plain_of(waiting: ChildRow | RegisterRows) -> bytes:
    """Return what waits as the bytes that are sealed."""
    if isinstance(waiting, RegisterRows):
        marks = [list(mark) for mark in waiting.marks]
        content: dict[str, Any] = {
            "scheme": waiting.scheme,
            "identifier": waiting.identifier,
            "marks": marks,
        }
    else:
        one = waiting.enrolment
        content = {
            "person": person_plain(waiting.person),
            "enrolment": one
            and {
                "urn": one.urn,
                "first": one.first.isoformat(),
                "last": one.last.isoformat() if one.last else "",
                "status": int(one.status),
            },
        }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def waiting_of(kind: CaseKind, plain: bytes) -> ChildRow | RegisterRows:
    """Return what `plain_of` wrote."""
    content: dict[str, Any] = json.loads(plain)
    if kind is CaseKind.REGISTER:
        marks = tuple((day, session, code) for day, session, code in content["marks"])
        return RegisterRows(Scheme(content["scheme"]), content["identifier"], marks)
    one = content["enrolment"]
    enrolment = one and Enrolment(
        urn=one["urn"],
        first=date.fromisoformat(one["first"]),
        last=date.fromisoformat(one["last"]) if one["last"] else None,
        status=EnrolmentStatus(one["status"]),
    )
    person: Person = person_from(json.dumps(content["person"]).encode())
    return ChildRow(person, enrolment or None)
