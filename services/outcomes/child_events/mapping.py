"""Messages of events to domain values and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import event_figures_pb2 as figures_pb

from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    timestamp_from_proto,
    timestamp_to_proto,
)
from services.outcomes.analysis.mapping import count_out
from services.outcomes.child_events.commands import Aim, Written
from services.outcomes.child_events.domain import Details, Event, Status
from services.outcomes.child_events.files import EventFile, read_csv
from services.outcomes.child_events.importing import EventsImported
from services.outcomes.child_events.measures import Span
from services.outcomes.child_events.queries import Shown, Wanted
from services.outcomes.child_events.reports import SchoolReport
from services.outcomes.children.mapping import findings_out
from services.outcomes.errors.child_events import EventDatesInvalid
from services.outcomes.register.mapping import scheme_in

_SPAN_DAYS_MAX = 1_000


def details_in(message: pb.EventDetails) -> Details:
    """Read what is known of an event.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    return Details(
        first=date_from_proto(message.first_date, "details.first_date"),
        last=_day_in(message, "last_date"),
        sessions=message.sessions,
        reasons=tuple(message.reasons),
        year_group=message.year_group if message.HasField("year_group") else None,
        status=Status(message.status),
        status_on=_day_in(message, "status_date"),
    )


def _day_in(message: Any, name: str) -> date | None:
    if not message.HasField(name):
        return None
    return date_from_proto(getattr(message, name), f"details.{name}")


def aim_in(request: Any) -> Aim:
    """Read which event a write is about."""
    return Aim(request.child_event_id, request.etag)


def file_in(request: pb.ImportChildEventsRequest) -> EventFile:
    """Read the file of an import."""
    return read_csv(request.content, scheme=scheme_in(request.scheme), urn=request.urn)


def wanted_in(request: pb.ListChildEventsRequest) -> Wanted:
    """Read which events are asked for."""
    return Wanted(
        child_id=request.child_id,
        urn=request.urn,
        kind=request.kind,
        as_of=as_of_in(request),
    )


def as_of_in(request: Any) -> Any:
    """Read the moment asked for; None is now."""
    return timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None


def span_in(request: Any) -> tuple[date, date]:
    """Read a span of days.

    Raises:
        EventDatesInvalid: It ends before it begins, or is too long (EVENT_DATES_INVALID).
    """
    first = date_from_proto(request.first_date, "first_date")
    last = date_from_proto(request.last_date, "last_date")
    if not 0 <= (last - first).days <= _SPAN_DAYS_MAX:
        raise EventDatesInvalid(
            f"last_date: a span has its last day 0 to {_SPAN_DAYS_MAX} days after its first",
            field="last_date",
            first_date=first.isoformat(),
            last_date=last.isoformat(),
        )
    return first, last


def event_out(event: Event, child_id: str) -> pb.ChildEvent:
    """Write an event."""
    details = event.details
    return pb.ChildEvent(
        id=event.id,
        child_id=child_id,
        kind=pb.ChildEventKind.ValueType(event.kind),
        urn=event.urn,
        details=pb.EventDetails(
            first_date=date_to_proto(details.first),
            last_date=date_to_proto(details.last) if details.last else None,
            sessions=details.sessions,
            reasons=details.reasons,
            year_group=details.year_group,
            status=pb.ExclusionStatus.ValueType(details.status),
            status_date=date_to_proto(details.status_on) if details.status_on else None,
        ),
        withdrawn=event.withdrawn,
        etag=str(event.version),
        record_time=timestamp_to_proto(event.recorded_at),
    )


def written_out(done: Written) -> pb.ChildEvent:
    """Write what a write answers."""
    message = event_out(done.event, done.child_id)
    message.warnings.extend(pb.EventWarning.ValueType(warned) for warned in done.warnings)
    return message


def shown_out(shown: Shown) -> pb.ChildEvent:
    """Write an event with its history."""
    message = event_out(shown.event, shown.child_id)
    message.history.extend(_version(event) for event in shown.versions)
    return message


def _version(event: Event) -> pb.EventVersion:
    since = event.details.status_on
    return pb.EventVersion(
        version=event.version,
        reason=pb.ChangeReason.ValueType(event.change),
        record_time=timestamp_to_proto(event.recorded_at),
        recorded_by=event.recorded_by,
        status=pb.ExclusionStatus.ValueType(event.details.status),
        status_date=date_to_proto(since) if since else None,
    )


def imported_out(
    done: EventsImported, file: EventFile | None = None
) -> pb.ImportChildEventsResponse:
    """Write what an import did; with the file, what a dry run found."""
    return pb.ImportChildEventsResponse(
        rows=done.rows,
        added=done.added,
        corrected=done.corrected,
        unchanged=done.unchanged,
        errors=findings_out(file.findings.errors) if file else [],
        children_above_limit=done.above_limit,
    )


def child_measures_out(span: Span) -> figures_pb.ChildEventMeasures:
    """Write the measures of one child."""
    return figures_pb.ChildEventMeasures(
        suspension_spells=int(span.spells[0]),
        suspension_sessions=int(span.sessions[0]),
        permanent_exclusions=int(span.excluded[0]),
        sessions_off_roll=int(span.off_roll[0]),
    )


def school_measures_out(report: SchoolReport) -> figures_pb.SchoolEventMeasures:
    """Write the measures of a school."""
    return figures_pb.SchoolEventMeasures(
        children=report.children,
        suspension_spells=report.spells,
        suspension_sessions=report.sessions,
        suspended=count_out(report.suspended, report.children),
        permanently_excluded=count_out(report.excluded, report.children),
        sessions_off_roll=report.sessions_off_roll,
        off_roll=count_out(report.off_roll, report.children),
    )
