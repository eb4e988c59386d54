"""Messages of registers to domain values and back."""

from __future__ import annotations

import hashlib

from localresponse.outcomes.v1 import register_files_service_pb2 as files_pb
from localresponse.outcomes.v1 import register_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.outcomes.children.domain import Scheme
from services.outcomes.children.mapping import findings_out
from services.outcomes.measures.rates import Attendance
from services.outcomes.register.files import Mapping
from services.outcomes.register.imported import Imported
from services.outcomes.register.reports import AttendanceReport, TermAttendance, Week

_SCHEMES = {
    pb.IDENTIFIER_SCHEME_UNSPECIFIED: Scheme.UPN,
    pb.IDENTIFIER_SCHEME_UPN: Scheme.UPN,
    pb.IDENTIFIER_SCHEME_AUTHORITY: Scheme.AUTHORITY,
    pb.IDENTIFIER_SCHEME_MIS: Scheme.MIS,
    pb.IDENTIFIER_SCHEME_CHILD: Scheme.CHILD,
}


def scheme_in(value: pb.IdentifierScheme.ValueType) -> Scheme:
    """Read which identifier names the children; not said is the unique pupil number."""
    return _SCHEMES[value]


def mapping_in(message: pb.ColumnMapping) -> Mapping:
    """Read a mapping of columns; an empty name is the default."""
    usual = Mapping()
    return Mapping(
        child=message.child or usual.child,
        date=message.date or usual.date,
        session=message.session or usual.session,
        code=message.code or usual.code,
        am_code=message.am_code,
        pm_code=message.pm_code,
        urn=message.urn,
    )


def import_out(done: Imported) -> pb.RegisterImport:
    """Write what an import did or would do."""
    message = pb.RegisterImport(
        id=done.id,
        source=done.source,
        sha256=done.sha256,
        marks=done.marks,
        marks_added=done.added,
        marks_changed=done.changed,
        marks_unchanged=0 if done.errors else done.marks - done.added - done.changed,
        children=done.children,
        urns=done.urns,
        warnings=findings_out(done.warnings),
        errors=findings_out(done.errors),
        rows_refused=done.refused,
        rows_held=done.held,
        dry_run=not done.id,
        imported_by=done.imported_by,
    )
    if done.recorded_at is not None:
        message.record_time.CopyFrom(timestamp_to_proto(done.recorded_at))
    if done.first is not None and done.last is not None:
        message.first_date.CopyFrom(date_to_proto(done.first))
        message.last_date.CopyFrom(date_to_proto(done.last))
    return message


def rejected_out(done: Imported, content: bytes) -> files_pb.RejectedRows:
    """Write the file of the rows that an import refused."""
    return files_pb.RejectedRows(
        file_name=f"rejected-rows-{done.id}.csv",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=done.refused,
    )


def attendance_out(counted: Attendance) -> pb.Attendance:
    """Write counts and the rates they make."""
    return pb.Attendance(
        possible=counted.possible,
        attended=counted.attended,
        authorised=counted.authorised,
        unauthorised=counted.unauthorised,
        illness=counted.illness,
        late=counted.late,
        provisional=counted.provisional,
        not_possible=counted.not_possible,
        attendance_rate_percent=counted.percent(counted.attended),
        absence_rate_percent=counted.percent(counted.absent),
        authorised_rate_percent=counted.percent(counted.authorised),
        unauthorised_rate_percent=counted.percent(counted.unauthorised),
    )


def _term_out(term: TermAttendance) -> pb.HalfTermAttendance:
    return pb.HalfTermAttendance(
        academic_year=term.academic_year,
        half_term=term.half_term,
        attendance=attendance_out(term.attendance),
    )


def child_out(child_id: str, report: AttendanceReport) -> pb.ChildAttendance:
    """Write a child's attendance."""
    return pb.ChildAttendance(
        child_id=child_id,
        half_terms=[_term_out(term) for term in report.terms],
        total=attendance_out(report.total),
        persistent_absence=report.persistent > 0,
        severe_absence=report.severe > 0,
    )


def school_out(urn: str, report: AttendanceReport) -> pb.SchoolAttendance:
    """Write a school's attendance."""
    return pb.SchoolAttendance(
        urn=urn,
        half_terms=[_term_out(term) for term in report.terms],
        total=attendance_out(report.total),
        children=report.children,
        persistent_absence=report.persistent,
        severe_absence=report.severe,
    )


def week_out(urn: str, week: Week) -> pb.Register:
    """Write a week of a register."""
    rows = [pb.RegisterRow(child_id=child_id, codes=codes) for child_id, codes in week.rows]
    return pb.Register(urn=urn, monday=date_to_proto(week.monday), rows=rows)
