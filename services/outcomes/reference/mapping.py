"""Messages of schools and calendars to domain values and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import schools_service_pb2 as pb

from services.chassis.wire import date_from_proto, date_to_proto
from services.outcomes.reference import codes
from services.outcomes.reference.calendars import DayKind, Days, HalfTerm, SessionsOfDay, Span
from services.outcomes.reference.domain import Phase, School
from services.outcomes.reference.lineage import Link
from services.outcomes.reference.neighbours import LICENCE, SOURCE, Neighbours
from services.outcomes.reference.suspensions import SuspensionReason


def school_in(message: pb.School) -> School:
    """Read a school."""
    return School(
        urn=message.urn,
        name=message.name.strip(),
        phase=Phase(message.phase),
        laestab=message.laestab,
        cluster=message.cluster.strip(),
        predecessor_urn=message.predecessor_urn,
        other_predecessor_urns=tuple(message.other_predecessor_urns),
        opened=optional_date(message, "open_date"),
        closed=optional_date(message, "close_date"),
    )


def school_out(school: School) -> pb.School:
    """Write a school."""
    message = pb.School(
        urn=school.urn,
        name=school.name,
        phase=pb.Phase.ValueType(school.phase),
        laestab=school.laestab,
        cluster=school.cluster,
        predecessor_urn=school.predecessor_urn,
        other_predecessor_urns=school.other_predecessor_urns,
    )
    if school.opened is not None:
        message.open_date.CopyFrom(date_to_proto(school.opened))
    if school.closed is not None:
        message.close_date.CopyFrom(date_to_proto(school.closed))
    return message


def spans_in(messages: Iterable[pb.CalendarSpan]) -> list[Span]:
    """Read spans.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    return [
        Span(
            date_from_proto(message.first_date, f"spans[{place}].first_date"),
            date_from_proto(message.last_date, f"spans[{place}].last_date"),
            DayKind(message.kind),
            SessionsOfDay(message.sessions),
        )
        for place, message in enumerate(messages)
    ]


def optional_date(message: Message, field: str) -> date | None:
    """Read a date field, None when it is absent."""
    value: Date = getattr(message, field)
    return date_from_proto(value, field) if message.HasField(field) else None


def calendar_out(
    urn: str, days: Days, first: date | None = None, last: date | None = None
) -> pb.Calendar:
    """Write a calendar between two dates, with the half-terms that touch them."""
    return pb.Calendar(
        urn=urn,
        spans=[_span_out(span) for span in days.spans(first, last)],
        half_terms=[
            half_term_out(term)
            for term in days.half_terms()
            if (first is None or term.last >= first) and (last is None or term.first <= last)
        ],
    )


def half_term_out(term: HalfTerm) -> pb.HalfTerm:
    """Write a half-term."""
    return pb.HalfTerm(
        academic_year=term.academic_year,
        number=term.number,
        first_date=date_to_proto(term.first),
        last_date=date_to_proto(term.last),
        sessions=term.sessions,
    )


def code_out(code: codes.RegisterCode) -> pb.RegisterCode:
    """Write a register code."""
    message = pb.RegisterCode(
        code=code.code,
        code_class=pb.CodeClass.ValueType(code.code_class),
        description=code.description,
        first_date=date_to_proto(code.first),
    )
    if code.last is not None:
        message.last_date.CopyFrom(date_to_proto(code.last))
    return message


def links_out(links: Sequence[Link]) -> pb.ListSchoolLinksResponse:
    """Write how schools follow one another."""
    return pb.ListSchoolLinksResponse(
        links=[
            pb.SchoolLink(
                urn=one.urn, steps=one.steps, school=school_out(one.school) if one.school else None
            )
            for one in links
        ]
    )


def reason_out(reason: SuspensionReason) -> pb.SuspensionReason:
    """Write a reason for a suspension."""
    message = pb.SuspensionReason(
        code=reason.code,
        description=reason.description,
        first_date=date_to_proto(reason.first),
    )
    if reason.last is not None:
        message.last_date.CopyFrom(date_to_proto(reason.last))
    return message


def neighbours_out(found: Neighbours) -> pb.ListNeighboursResponse:
    """Write an authority's neighbours with where they come from."""
    return pb.ListNeighboursResponse(
        neighbours=[
            pb.StatisticalNeighbour(
                rank=one.rank,
                ons_code=one.authority.ons_code,
                number=one.authority.number,
                name=one.authority.name,
                closeness=one.closeness,
            )
            for one in found.neighbours
        ],
        edition=found.edition.name,
        edition_first_date=date_to_proto(found.edition.first),
        source=SOURCE,
        licence=LICENCE,
    )


def _span_out(span: Span) -> pb.CalendarSpan:
    return pb.CalendarSpan(
        first_date=date_to_proto(span.first),
        last_date=date_to_proto(span.last),
        kind=pb.DayKind.ValueType(span.kind),
        sessions=pb.SessionsOfDay.ValueType(span.sessions),
    )
