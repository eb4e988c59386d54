"""Rows are held: of children who may be known already, and of identifiers nobody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.ids import new_id
from services.chassis.sealing import seal
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children import queries
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Identifier, Person, Scheme
from services.outcomes.children.matching import likeness, storage
from services.outcomes.children.matching.domain import (
    Candidate,
    CaseKind,
    ChildRow,
    Reason,
    RegisterRows,
    is_candidate,
)
from services.outcomes.children.placing import Placement
from services.outcomes.children.vault import Vault


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row waits, and for whom it may be."""

    reason: Reason
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What waits, before it is a case.

    Attributes:
        waiting: The row, or the marks.
        doubt: Why.
        urn: The school.
        identifier: What would find the child; None for nothing.
    """

    waiting: ChildRow | RegisterRows
    doubt: Doubt
    urn: str
    identifier: Identifier | None


def doubts(
    connection: Connection, tenant: str, vault: Vault, given: Sequence[Placement]
) -> dict[int, Doubt]:
    """Return which placements a person must decide, by their place.

    One whose identifiers belong to two children, and one that no identifier finds while a child
    with the same name and birthday is known.
    """
    blinds = [[vault.blind(tenant, one) for one in p.person.identifiers()] for p in given]
    owner = queries.find(connection, tenant, [blind for some in blinds for blind in some])
    owners = [{owner[blind] for blind in mine if blind in owner} for mine in blinds]
    unknown = [place for place, found in enumerate(owners) if not found]
    people = [given[place].person for place in unknown]
    close = likeness.alike(connection, tenant, vault, people)
    numbers = {number for found in owners if len(found) > 1 for number in found}
    numbers.update(number for found in close for number in found)
    known = children.children(connection, tenant, numbers)
    facts = queries.persons(connection, vault, tenant, known.values())
    doubtful = {}
    for place, found in enumerate(owners):
        if len(found) > 1:
            listed = tuple(Candidate(known[one].id, ("identifier",)) for one in sorted(found))
            doubtful[place] = Doubt(Reason.IDENTIFIERS_DISAGREE, listed)
    for place, found_alike in zip(unknown, close, strict=True):
        listed = tuple(
            Candidate(known[number].id, tuple(sorted(why)))
            for number, why in sorted(found_alike.items(), key=_closest)
            if _may_be(given[place].person, facts.get(number), dict.fromkeys(why))
        )
        if listed:
            doubtful[place] = Doubt(Reason.LIKE_A_KNOWN_CHILD, listed)
    return doubtful


def _closest(found: tuple[int, set[str]]) -> tuple[int, int]:
    return -len(found[1]), found[0]


def _may_be(
    given: Person, known: tuple[int, Person | None] | None, why: Mapping[str, object]
) -> bool:
    person = known[1] if known else None
    return person is not None and is_candidate(given, person, why)


def held_row(placement: Placement, doubt: Doubt) -> Held:
    """Return a row of children as something that waits."""
    identifiers = placement.person.identifiers()
    enrolment = placement.enrolment
    return Held(
        ChildRow(placement.person, enrolment),
        doubt,
        enrolment.urn if enrolment else "",
        identifiers[0] if identifiers else None,
    )


def hold(work: UnitOfWork, vault: Vault, given: Sequence[Held], *, source: str) -> int:
    """Put rows in the queue, sealed; return how many wait that did not wait before."""
    plain = [storage.plain_of(one.waiting) for one in given]
    texts = [f"{one.urn}|{text.decode()}" for one, text in zip(given, plain, strict=True)]
    prints = vault.blinds(work.tenant, Scheme.ROW, texts)
    known = storage.fingerprints(work.connection, work.tenant, prints)
    new: dict[bytes, int] = {}
    for place, fingerprint in enumerate(prints):
        if fingerprint not in known:
            new.setdefault(fingerprint, place)
    ids = {place: new_id() for place in new.values()}
    keys = vault.make(work.tenant, list(ids.values()))
    rows = []
    for fingerprint, place in new.items():
        one, case_id = given[place], ids[place]
        register = isinstance(one.waiting, RegisterRows)
        rows.append(
            {
                "tenant": work.tenant,
                "id": case_id,
                "kind": int(CaseKind.REGISTER if register else CaseKind.CHILD),
                "reason": int(one.doubt.reason),
                "urn": one.urn,
                "blind": vault.blind(work.tenant, one.identifier) if one.identifier else None,
                "fingerprint": fingerprint,
                "candidates": storage.candidates_text(one.doubt.candidates),
                "sealed": seal(keys[case_id], plain[place], work.tenant, "match_case", case_id),
                "source": source,
                "rows": len(one.waiting.marks) if isinstance(one.waiting, RegisterRows) else 1,
                "created_at": work.at,
                "created_by": work.caller.subject,
            }
        )
    storage.add(work.connection, rows)
    return len(rows)
