"""Writes of children: imported and enrolled many at a time, and taken off rolls."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import placing, queries, rolls, storage
from services.outcomes.children.domain import Child, Enrolment, Person, upn_is_valid
from services.outcomes.children.files import ChildFile
from services.outcomes.children.matching import holding, resolving
from services.outcomes.children.placing import Placement
from services.outcomes.children.vault import Vault
from services.outcomes.errors import (
    AlreadyOnRoll,
    ChildUnnamed,
    EnrolmentDatesInvalid,
    IdentifiersDisagree,
    UpnInvalid,
)
from services.outcomes.incoming_rows.findings import Rule
from services.outcomes.reference import queries as reference
from services.outcomes.reference import storage as schools


@dataclass(frozen=True, slots=True)
class ChildrenImported:
    """What an import of children did.

    Attributes:
        rows: Read.
        added: Children that were new.
        matched: Rows of children already known, or named before in the same input.
        enrolments_added: Enrolments that were new.
        enrolments_corrected: Enrolments whose last day was not known, or was another.
        child_ids: In the order of the rows; empty for one that waits.
        held: Rows that wait for a person to decide.
    """

    rows: int
    added: int
    matched: int
    enrolments_added: int
    enrolments_corrected: int
    child_ids: tuple[str, ...]
    held: int = 0


def import_children(work: UnitOfWork, vault: Vault, file: ChildFile) -> ChildrenImported:
    """Add children and enrolments: every row or none, but for those that a person must decide.

    Raises:
        PermissionDenied: A school is another's (ACTION_NOT_ALLOWED).
        RowsRefused: A row is wrong; nothing was written (ROWS_REFUSED).
    """
    file = replace(file, findings=file.findings.copy())
    check_children(work.connection, work.caller, file)
    file.findings.raise_if_any()
    doubtful = holding.doubts(work.connection, work.tenant, vault, file.placements)
    sure = [place for place in range(len(file.placements)) if place not in doubtful]
    placed = placing.place_children(work, vault, [file.placements[place] for place in sure])
    file.refuse(Rule.IDENTIFIERS_DISAGREE, [sure[place] for place in placed.disagreeing])
    file.refuse(Rule.ALREADY_ON_ROLL, [sure[place] for place in placed.overlapping])
    file.findings.raise_if_any()
    rolls.correct_last_days(work, placed.corrections)
    held = [holding.held_row(file.placements[place], doubtful[place]) for place in doubtful]
    holding.hold(work, vault, held, source="children")
    resolving.apply_found(work, vault)
    ids = storage.ids(work.connection, work.tenant, set(placed.numbers))
    number_of = dict(zip(sure, placed.numbers, strict=True))
    return ChildrenImported(
        rows=len(file.placements),
        added=placed.added,
        matched=len(sure) - placed.added,
        enrolments_added=placed.enrolments_added,
        enrolments_corrected=len(placed.corrections),
        child_ids=tuple(
            ids[number_of[place]] if place in number_of else ""
            for place in range(len(file.placements))
        ),
        held=len(doubtful),
    )


def check_children(connection: Connection, who: Principal, file: ChildFile) -> None:
    """Find rows of schools that are not known.

    Raises:
        PermissionDenied: A school is another's (ACTION_NOT_ALLOWED).
    """
    known = schools.schools(connection, who.tenant, set(file.urns))
    for urn in known:
        access.require_school(who, "child.edit", urn)
    file.refuse(
        Rule.UNKNOWN_SCHOOL,
        np.flatnonzero([bool(urn) and urn not in known for urn in file.urns]).tolist(),
    )


@dataclass(frozen=True, slots=True)
class Joining:
    """A child who joins a roll.

    Attributes:
        enrolment: The roll and the days.
        child_id: A known child; empty to match or make one by the identifiers.
        moves: Whether every other open roll ends the day before: the child has moved here.
    """

    enrolment: Enrolment
    child_id: str = ""
    moves: bool = False


def enrol(work: UnitOfWork, vault: Vault, person: Person, joining: Joining) -> Child:
    """Put a child, new or known, on the roll of a school.

    Returns:
        The child without personal facts: answers are stored, and these are sealed.

    Raises:
        UpnInvalid: The unique pupil number's check letter is wrong (UPN_INVALID).
        EnrolmentDatesInvalid: It ends before it begins.
        ChildUnnamed: There is neither an id nor an identifier (CHILD_UNNAMED).
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        IdentifiersDisagree: The identifiers belong to two children.
        AlreadyOnRoll: The child is on this roll in that time already.
        PermissionDenied: It is another's school, or a move ends another school's roll.
    """
    enrolment, child_id = joining.enrolment, joining.child_id
    _check_given(person, enrolment, child_id)
    reference.require_schools(work.connection, work.caller, "child.edit", {enrolment.urn})
    known = queries.known_child(work.connection, work.tenant, child_id) if child_id else None
    given = Placement(person, enrolment, known.number if known else None)
    placed = placing.place_children(work, vault, [given])
    if placed.disagreeing:
        raise IdentifiersDisagree("the identifiers belong to two children: a person must decide")
    if placed.overlapping:
        raise AlreadyOnRoll(
            f"the child is on the roll of {enrolment.urn} in that time already",
            field="first_date",
            urn=enrolment.urn,
        )
    rolls.correct_last_days(work, placed.corrections)
    number = placed.numbers[0]
    if joining.moves:
        rolls.end_others(work, number, enrolment)
    resolving.apply_found(work, vault)
    return storage.children(work.connection, work.tenant, [number])[number]


def _check_given(person: Person, enrolment: Enrolment, child_id: str) -> None:
    if person.upn and not upn_is_valid(person.upn):
        raise UpnInvalid("the unique pupil number's letter does not fit the rest", field="upn")
    if enrolment.last is not None and enrolment.last < enrolment.first:
        raise EnrolmentDatesInvalid(
            "an enrolment ends on its first day or later",
            field="last_date",
            first_date=enrolment.first.isoformat(),
            last_date=enrolment.last.isoformat(),
        )
    if not child_id and not person.identifiers():
        raise ChildUnnamed("give a child_id or an identifier: a name may be two children's")
