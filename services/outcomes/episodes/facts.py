"""The fund's events as facts: bytes on the way in, values on the way to the domain."""

from __future__ import annotations

from datetime import date
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from localresponse.fund.v1 import fund_events_pb2 as pb
from localresponse.fund.v1 import fund_types_pb2, money_events_pb2, purchase_types_pb2
from localresponse.options.v1 import options_pb2

from services.chassis.events import event_type_of
from services.chassis.wire import timestamp_from_proto
from services.outcomes.episodes.domain.purchase import Fact, SourceCost

_GIVEN_UP = {
    purchase_types_pb2.PURCHASE_STATE_DECLINED,
    purchase_types_pb2.PURCHASE_STATE_WITHDRAWN,
    purchase_types_pb2.PURCHASE_STATE_CANCELLED,
    purchase_types_pb2.PURCHASE_STATE_EXPIRED,
}


def _purchase_events() -> dict[str, type[Message]]:
    files = (pb.DESCRIPTOR, money_events_pb2.DESCRIPTOR)
    messages = [each for file in files for each in file.message_types_by_name.values()]
    return {
        event_type_of(each): GetMessageClass(each)
        for each in messages
        if each.GetOptions().Extensions[options_pb2.event_type].startswith("purchase.")
    }


PURCHASE_EVENTS = _purchase_events()
"""Event type -> message, for every event of a purchase that the fund's contract knows."""


def fact_of(event_type: str, data: bytes, sequence: int) -> Fact:
    """Return what an event says about its purchase.

    Raises:
        KeyError: The type is not an event of a purchase.
        google.protobuf.message.DecodeError: The bytes are not its message.
    """
    message: Any = PURCHASE_EVENTS[event_type].FromString(data)
    purchase = message.purchase
    return Fact(
        purchase_id=purchase.purchase_id,
        sequence=sequence,
        school_urn=purchase.school_urn,
        child_ids=tuple(purchase.child_ids),
        category=purchase.category,
        supplier_id=purchase.supplier_id,
        submitted_at=timestamp_from_proto(purchase.submit_time),
        approved_at=(
            timestamp_from_proto(purchase.approve_time)
            if purchase.HasField("approve_time")
            else None
        ),
        given_up=purchase.state in _GIVEN_UP,
        delivered_on=_delivered(message),
        costs=_costs(purchase),
    )


def _delivered(message: Any) -> tuple[date, ...]:
    days = []
    if message.purchase.HasField("first_delivered_date"):
        days.append(message.purchase.first_delivered_date)
    if isinstance(message, pb.PurchaseDelivered) and message.HasField("delivered_date"):
        days.append(message.delivered_date)
    return tuple(sorted({date(day.year, day.month, day.day) for day in days}))


def _costs(purchase: pb.PurchaseSnapshot) -> tuple[SourceCost, ...]:
    """Return what each source bears: delivered, handed out, charged, or lost.

    Money that is only promised is no cost yet, and a refund agreed is a cost no longer.
    """
    costs: dict[tuple[str, str], int] = {}
    for money in purchase.sources:
        key = money.source_id, source_kind(money.source_kind)
        borne = (
            money.received_minor + money.issued_minor + money.spent_minor + money.written_off_minor
        )
        costs[key] = costs.get(key, 0) + borne
    return tuple(SourceCost(*key, minor) for key, minor in sorted(costs.items()) if minor)


def source_kind(kind: fund_types_pb2.SourceKind.ValueType) -> str:
    """Return a source kind in lower case without its prefix, such as `council`."""
    name: str = fund_types_pb2.SourceKind.Name(kind)
    return name.removeprefix("SOURCE_KIND_").lower()
