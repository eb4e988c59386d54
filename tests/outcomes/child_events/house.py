"""What tests of events do most, over the small authority."""

from __future__ import annotations

from datetime import date
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb

from services.chassis.auth import Principal
from services.outcomes.child_events.servicer import ChildEvents
from tests.outcomes.authority import MONDAY, PRACTITIONER, TENANT, URN, Authority, on, rid, upn

GOVERNANCE = Principal(TENANT, "governance", "information_governance")
TUESDAY, WEDNESDAY = date(2024, 9, 10), date(2024, 9, 11)
SUSPENSION = pb.CHILD_EVENT_KIND_SUSPENSION
EXCLUSION = pb.CHILD_EVENT_KIND_PERMANENT_EXCLUSION
SOCIAL_WORKER = pb.CHILD_EVENT_KIND_SOCIAL_WORKER


def servicer(authority: Authority) -> ChildEvents:
    every = (one.implementation for one in authority.service.servicers)
    return next(one for one in every if isinstance(one, ChildEvents))


async def child(authority: Authority, serial: int = 9) -> str:
    request = children_pb.EnrolChildRequest(
        request_id=rid(),
        urn=URN,
        first_date=on(MONDAY),
        upn=upn(serial),
        date_of_birth=on(date(2012, 3, 10)),
    )
    made = await authority.call(PRACTITIONER, authority.children.EnrolChild, request)
    return str(made.id)


def details(first: date = TUESDAY, last: date | None = None, **fields: Any) -> pb.EventDetails:
    message = pb.EventDetails(first_date=on(first), **fields)
    if last is not None:
        message.last_date.CopyFrom(on(last))
    return message


def lost(sessions: int = 3, first: date = TUESDAY, *reasons: str) -> pb.EventDetails:
    return details(first, sessions=sessions, reasons=reasons or ("PP",))


async def record(
    authority: Authority,
    child_id: str,
    given: pb.EventDetails,
    kind: pb.ChildEventKind.ValueType = SUSPENSION,
    **fields: Any,
) -> pb.ChildEvent:
    who = fields.pop("who", PRACTITIONER)
    values = {"urn": URN, "request_id": rid(), **fields}
    request = pb.RecordChildEventRequest(child_id=child_id, kind=kind, details=given, **values)
    made: pb.ChildEvent = await authority.call(who, servicer(authority).RecordChildEvent, request)
    return made


async def decide(
    authority: Authority, event: pb.ChildEvent, status: pb.ExclusionStatus.ValueType, day: date
) -> pb.ChildEvent:
    request = pb.DecideExclusionRequest(
        request_id=rid(),
        child_event_id=event.id,
        etag=event.etag,
        status=status,
        status_date=on(day),
    )
    made: pb.ChildEvent = await authority.call(
        PRACTITIONER, servicer(authority).DecideExclusion, request
    )
    return made


async def get(authority: Authority, event_id: str, as_of: Any = None) -> pb.ChildEvent:
    request = pb.GetChildEventRequest(child_event_id=event_id, as_of_time=as_of)
    found: pb.ChildEvent = await authority.call(
        PRACTITIONER, servicer(authority).GetChildEvent, request
    )
    return found


async def listed(authority: Authority, who: Principal = PRACTITIONER, **fields: Any) -> Any:
    request = pb.ListChildEventsRequest(**fields)
    return await authority.call(who, servicer(authority).ListChildEvents, request)


async def measured(authority: Authority, child_id: str, **fields: Any) -> Any:
    span = {"first_date": on(MONDAY), "last_date": on(date(2024, 9, 20)), **fields}
    request = pb.GetChildEventMeasuresRequest(child_id=child_id, **span)
    return await authority.call(PRACTITIONER, servicer(authority).GetChildEventMeasures, request)


async def school(authority: Authority, **fields: Any) -> Any:
    span = {"first_date": on(MONDAY), "last_date": on(date(2024, 9, 20)), **fields}
    request = pb.GetSchoolEventMeasuresRequest(urn=URN, **span)
    return await authority.call(PRACTITIONER, servicer(authority).GetSchoolEventMeasures, request)


async def load(authority: Authority, content: bytes, **fields: Any) -> Any:
    who = fields.pop("who", PRACTITIONER)
    values = {"urn": URN, "request_id": rid(), **fields}
    request = pb.ImportChildEventsRequest(content=content, **values)
    return await authority.call(who, servicer(authority).ImportChildEvents, request)


def moment(authority: Authority) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(authority.clock.now())
    return stamp
