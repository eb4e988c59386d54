"""Messages of the matching queue to domain values and back."""

from __future__ import annotations

from datetime import date

from localresponse.outcomes.v1 import matching_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.outcomes.children.domain import Child, Person, Scheme
from services.outcomes.children.matching.domain import (
    Candidate,
    Case,
    CaseKind,
    ChildRow,
    RegisterRows,
)
from services.outcomes.children.matching.queries import Shown, Wanted
from services.outcomes.children.merging.commands import Merge
from services.outcomes.incoming_rows.findings import SHOWN_MAX


def wanted_in(request: pb.ListMatchesRequest) -> Wanted:
    """Read what a list is narrowed to."""
    kind = CaseKind(request.kind) if request.kind else None
    return Wanted(request.urn, kind, request.with_decided)


def case_out(case: Case) -> pb.Match:
    """Write a case without anything personal."""
    message = pb.Match(
        id=case.id,
        kind=pb.MatchKind.ValueType(case.kind),
        reason=pb.MatchReason.ValueType(case.reason),
        urn=case.urn,
        source=case.source,
        rows=case.rows,
        create_time=timestamp_to_proto(case.created_at),
        created_by=case.created_by,
        decision=pb.MatchDecision.ValueType(case.decision),
        child_id=case.child_id,
        decided_by=case.decided_by,
        candidates=[
            pb.MatchCandidate(child_id=one.child_id, why=one.why) for one in case.candidates
        ],
    )
    if case.decided_at is not None:
        message.decide_time.CopyFrom(timestamp_to_proto(case.decided_at))
    return message


def shown_out(shown: Shown) -> pb.Match:
    """Write a case with what its reader may see."""
    message = case_out(shown.case)
    del message.candidates[:]
    for one in shown.case.candidates:
        message.candidates.append(_candidate(one, shown.candidates.get(one.child_id)))
    match shown.row:
        case ChildRow():
            message.row.CopyFrom(_child_row(shown.row))
        case RegisterRows():
            message.row.CopyFrom(_register_rows(shown.row))
        case None:
            pass
    return message


def _candidate(one: Candidate, child: Child | None) -> pb.MatchCandidate:
    message = pb.MatchCandidate(child_id=one.child_id, why=one.why)
    if child is None:
        return message
    message.urns.extend(child.urns())
    person = child.person
    if person is not None:
        message.forename, message.surname, message.upn = (
            person.forename,
            person.surname,
            person.upn,
        )
        if person.date_of_birth is not None:
            message.date_of_birth.CopyFrom(date_to_proto(person.date_of_birth))
    return message


def _child_row(row: ChildRow) -> pb.MatchRow:
    message = _person(row.person)
    if row.enrolment is not None:
        message.first_date.CopyFrom(date_to_proto(row.enrolment.first))
        if row.enrolment.last is not None:
            message.last_date.CopyFrom(date_to_proto(row.enrolment.last))
    return message


def _register_rows(rows: RegisterRows) -> pb.MatchRow:
    days = [day for day, _, _ in rows.marks]
    named = {
        Scheme.UPN: Person(upn=rows.identifier),
        Scheme.AUTHORITY: Person(authority_child_id=rows.identifier),
        Scheme.MIS: Person(mis_ids=(("", rows.identifier),)),
    }
    message = _person(named.get(rows.scheme, Person()))
    message.first_date.CopyFrom(date_to_proto(date.fromordinal(min(days))))
    message.last_date.CopyFrom(date_to_proto(date.fromordinal(max(days))))
    return message


def _person(person: Person) -> pb.MatchRow:
    message = pb.MatchRow(
        forename=person.forename,
        surname=person.surname,
        upn=person.upn,
        authority_child_id=person.authority_child_id,
        mis_id=person.mis_ids[0][1] if person.mis_ids else "",
    )
    if person.date_of_birth is not None:
        message.date_of_birth.CopyFrom(date_to_proto(person.date_of_birth))
    return message


def merge_out(merge: Merge) -> pb.ChildMerge:
    """Write a merge."""
    message = pb.ChildMerge(
        id=merge.id,
        child_id=merge.survivor_id,
        merged_child_id=merge.merged_id,
        conflicts=[
            pb.MarkConflict(
                urn=one.urn,
                date=date_to_proto(date.fromordinal(one.day)),
                session=one.session,
                kept_code=one.kept,
                dropped_code=one.dropped,
            )
            for one in merge.conflicts[:SHOWN_MAX]
        ],
        conflicts_total=len(merge.conflicts),
        merged_by=merge.merged_by,
        unmerged_by=merge.unmerged_by,
    )
    if merge.merged_at is not None:
        message.merge_time.CopyFrom(timestamp_to_proto(merge.merged_at))
    if merge.unmerged_at is not None:
        message.unmerge_time.CopyFrom(timestamp_to_proto(merge.unmerged_at))
    return message
