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


_ENDED = (Matter("decision", Move.CLOSE), Matter("answer", Move.CLOSE))

MATTERS: Mapping[str, tuple[Matter, ...]] = {
    "localresponse.fund.purchase.submitted.v1": (Matter("decision", Move.OPEN),),
    "localresponse.fund.purchase.queried.v1": (
        Matter("decision", Move.PAUSE),
        Matter("answer", Move.OPEN),
    ),
    "localresponse.fund.purchase.answered.v1": (
        Matter("answer", Move.CLOSE),
        Matter("decision", Move.RESUME),
    ),
    "localresponse.fund.purchase.approved.v1": _ENDED,
    "localresponse.fund.purchase.declined.v1": _ENDED,
    "localresponse.fund.purchase.withdrawn.v1": _ENDED,
    "localresponse.fund.purchase.cancelled.v1": _ENDED,
}

ANSWER_DAYS = 3
"""Working days that a requester has to answer."""

DECISION_DAYS: Mapping[fund.Urgency.ValueType, int] = {
    fund.URGENCY_SAME_DAY: 0,
    fund.URGENCY_THREE_DAYS: 3,
    fund.URGENCY_TEN_DAYS: 10,
}
"""Working days in which a request is to be decided; the fund's own promise to schools."""
