"""Messages of unfunded support to domain values and back."""

from __future__ import annotations

from localresponse.outcomes.v1 import support_service_pb2 as pb

from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.support.domain import Details, Giver, Kind
from services.outcomes.support.queries import Held


def details_in(message: pb.SupportDetails) -> Details:
    """Read what is known of support.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    open_ended = not message.HasField("last_date")
    return Details(
        kind=Kind(message.kind),
        giver=Giver(message.given_by),
        first=date_from_proto(message.first_date, "details.first_date"),
        last=None if open_ended else date_from_proto(message.last_date, "details.last_date"),
    )


def support_out(held: Held) -> pb.UnfundedSupport:
    """Write support."""
    support, details = held.support, held.support.details
    return pb.UnfundedSupport(
        id=support.id,
        child_id=held.child_id,
        details=pb.SupportDetails(
            kind=pb.SupportKind.ValueType(details.kind),
            given_by=pb.SupportGiver.ValueType(details.giver),
            first_date=date_to_proto(details.first),
            last_date=date_to_proto(details.last) if details.last else None,
        ),
        withdrawn=support.withdrawn,
        etag=str(support.version),
        record_time=timestamp_to_proto(support.recorded_at),
        recorded_by=support.recorded_by,
    )
