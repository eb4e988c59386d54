"""Messages of children to domain values and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from localresponse.outcomes.v1 import children_service_pb2 as pb
from localresponse.outcomes.v1 import register_service_pb2 as register_pb

from services.chassis.wire import date_from_proto, date_to_proto
from services.outcomes.children import files
from services.outcomes.children.commands import ChildrenImported
from services.outcomes.children.domain import Child, Enrolment, EnrolmentStatus, Person
from services.outcomes.children.files import ChildFile
from services.outcomes.children.rolls import Correction
from services.outcomes.incoming_rows.findings import SHOWN_MAX, Finding


def file_in(request: pb.ImportChildrenRequest) -> ChildFile:
    """Read the file or the columns of an import."""
    if request.WhichOneof("input") == "csv":
        return files.read_csv(request.csv, urn=request.urn)
    given = request.columns
    columns = {
        "urn": given.urns,
        "upn": given.upns,
        "former_upn": given.former_upns,
        "authority_child_id": given.authority_child_ids,
        "mis_id": given.mis_ids,
        "forename": given.forenames,
        "surname": given.surnames,
        "date_of_birth": given.dates_of_birth,
        "first_date": given.first_dates,
        "last_date": given.last_dates,
        "status": given.statuses,
    }
    return files.read_columns(columns, urn=request.urn)


def imported_out(done: ChildrenImported) -> pb.ImportChildrenResponse:
    """Write what an import did."""
    return pb.ImportChildrenResponse(
        rows=done.rows,
        added=done.added,
        matched=done.matched,
        enrolments_added=done.enrolments_added,
        enrolments_corrected=done.enrolments_corrected,
        child_ids=done.child_ids,
        rows_held=done.held,
    )


def checked_out(file: ChildFile) -> pb.ImportChildrenResponse:
    """Write what a dry run found."""
    errors = findings_out(file.findings.errors)
    return pb.ImportChildrenResponse(rows=len(file.placements), errors=errors)


def findings_out(findings: Iterable[Finding]) -> list[register_pb.RowError]:
    """Write findings, the first of them by row."""
    ordered = sorted(findings, key=lambda finding: finding.row)[:SHOWN_MAX]
    return [
        register_pb.RowError(
            row=finding.row,
            column=finding.column,
            value=finding.value,
            reason=finding.rule,
            remedy=finding.remedy,
        )
        for finding in ordered
    ]


def enrolment_in(request: pb.EnrolChildRequest) -> Enrolment:
    """Read the enrolment asked for.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    ends = request.HasField("last_date")
    return Enrolment(
        urn=request.urn,
        first=date_from_proto(request.first_date, "first_date"),
        last=date_from_proto(request.last_date, "last_date") if ends else None,
        status=EnrolmentStatus(request.status or EnrolmentStatus.SOLE),
    )


def correction_in(request: pb.CorrectEnrolmentRequest) -> Correction:
    """Read how an enrolment should read.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """

    def day(field: Literal["corrected_first_date", "last_date"]) -> date | None:
        return date_from_proto(getattr(request, field), field) if request.HasField(field) else None

    return Correction(
        urn=request.urn,
        first=date_from_proto(request.first_date, "first_date"),
        corrected_first=day("corrected_first_date"),
        last=day("last_date"),
        status=EnrolmentStatus(request.status) if request.status else None,
        never=request.never_on_roll,
    )


def person_in(request: pb.EnrolChildRequest) -> Person:
    """Read the personal facts given.

    Raises:
        DateInvalid: The date of birth does not exist (DATE_INVALID).
    """
    born = request.HasField("date_of_birth")
    return Person(
        forename=request.forename.strip(),
        surname=request.surname.strip(),
        date_of_birth=date_from_proto(request.date_of_birth, "date_of_birth") if born else None,
        upn=request.upn.strip(),
        authority_child_id=request.authority_child_id.strip(),
        mis_ids=((request.urn, request.mis_id.strip()),) if request.mis_id.strip() else (),
    )


def child_out(child: Child, on: date) -> pb.Child:
    """Write a child, with personal facts if they are there."""
    message = pb.Child(
        id=child.id,
        year_group=child.year_group(on),
        enrolments=[_enrolment_out(one) for one in child.enrolments],
    )
    person = child.person
    if person is None:
        return message
    message.forename, message.surname, message.upn = person.forename, person.surname, person.upn
    message.authority_child_id = person.authority_child_id
    message.former_upns.extend(person.former_upns)
    mis_ids = dict(person.mis_ids)
    message.mis_id = next((mis_ids[urn] for urn in child.urns() if urn in mis_ids), "")
    if person.date_of_birth is not None:
        message.date_of_birth.CopyFrom(date_to_proto(person.date_of_birth))
    return message


def _enrolment_out(one: Enrolment) -> pb.Enrolment:
    message = pb.Enrolment(
        urn=one.urn,
        first_date=date_to_proto(one.first),
        status=pb.EnrolmentStatus.ValueType(one.status),
    )
    if one.last is not None:
        message.last_date.CopyFrom(date_to_proto(one.last))
    return message
