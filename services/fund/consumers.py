"""What the fund reads of the outcomes service: who is above a line of absence, and no more.

An officer who decides sees how many of a request's children are; the fund never learns a rate.
"""

from __future__ import annotations

from localresponse.outcomes.v1 import outcomes_events_pb2 as outcomes

from services.chassis.consumers import Consumer
from services.chassis.events import Event, event_type_of
from services.chassis.unit_of_work import UnitOfWork
from services.fund.storage import absence

CONSUMER = "fund-outcomes"
_LINES = {
    outcomes.ABSENCE_THRESHOLD_PERSISTENT: "persistent",
    outcomes.ABSENCE_THRESHOLD_SEVERE: "severe",
}


def absence_lines() -> Consumer:
    """Return the consumer that keeps which children are above a line."""
    crossed = event_type_of(outcomes.ThresholdCrossed.DESCRIPTOR)
    return Consumer(
        name=CONSUMER,
        subjects=("lr.*.outcomes.threshold.*",),
        handlers={crossed: keep},
    )


def keep(work: UnitOfWork, event: Event) -> None:
    """Keep on which side of a line a child is; a line that is not known here is left out."""
    message = outcomes.ThresholdCrossed.FromString(event.data)
    line = _LINES.get(message.threshold)
    if line is None:
        return
    above = message.direction == outcomes.THRESHOLD_DIRECTION_REACHED
    child = (message.child_id, message.academic_year)
    absence.set_line(work.connection, work.tenant, child, line=line, above=above)
