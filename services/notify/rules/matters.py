"""What begins to wait, stands still or ends with an event of the fund: data for the ladders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from localresponse.fund.v1 import purchase_types_pb2 as fund


class Move(StrEnum):
    """What an event does to a matter."""

    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Matter:
    """What an event does to a ladder's matter of its purchase."""

    ladder: str
    move: Move


_LADDERS = ("decision", "overdue", "answer")
_ENDED = tuple(Matter(ladder, Move.CLOSE) for ladder in _LADDERS)

_OF_A_PURCHASE: Mapping[str, tuple[Matter, ...]] = {
    "submitted": (Matter("decision", Move.OPEN),),
    "amended": (*_ENDED, Matter("decision", Move.OPEN)),
    "queried": (
        Matter("decision", Move.PAUSE),
        Matter("overdue", Move.PAUSE),
        Matter("answer", Move.OPEN),
    ),
    "answered": (
        Matter("answer", Move.CLOSE),
        Matter("decision", Move.RESUME),
        Matter("overdue", Move.RESUME),
    ),
    "approved": _ENDED,
    "declined": _ENDED,
    "withdrawn": _ENDED,
    "cancelled": _ENDED,
    "expired": _ENDED,
}

MATTERS: Mapping[str, tuple[Matter, ...]] = {
    **{
        f"localresponse.fund.purchase.{verb}.v1": matters
        for verb, matters in _OF_A_PURCHASE.items()
    },
    "localresponse.fund.approval.overdue.v1": (Matter("overdue", Move.OPEN),),
    "localresponse.fund.source.expiring.v1": (Matter("source_expiry", Move.OPEN),),
    "localresponse.fund.source.returned.v1": (Matter("source_expiry", Move.CLOSE),),
}
"""The fund says itself when a decision is late; the ladder of reminders stops where that begins."""

ANSWER_DAYS = 3
"""Working days that a requester has to answer."""

DECISION_DAYS: Mapping[fund.Urgency.ValueType, int] = {
    fund.URGENCY_SAME_DAY: 0,
    fund.URGENCY_THREE_DAYS: 3,
    fund.URGENCY_TEN_DAYS: 10,
}
"""Working days in which a request is to be decided; the fund's own promise to schools."""
