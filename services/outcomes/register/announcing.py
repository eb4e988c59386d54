"""What an import of marks announces: that it happened, and what it corrected at each school."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from localresponse.outcomes.v1 import outcomes_events_pb2 as events

from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes.register.imported import Imported
from services.outcomes.register.storage import Written

_EVENT_SCHOOLS_MAX = 500


def announce(work: UnitOfWork, done: Imported, written: Sequence[Written]) -> None:
    """Put the events of an import in the outbox with its commit."""
    message = events.RegisterImported(
        import_id=done.id,
        marks_read=done.marks,
        marks_added=done.added,
        marks_corrected=done.changed,
        school_urns=done.urns[:_EVENT_SCHOOLS_MAX],
    )
    if done.first and done.last:
        message.first_date.CopyFrom(date_to_proto(done.first))
        message.last_date.CopyFrom(date_to_proto(done.last))
    work.emit(message, resource=done.id, sequence=1)
    corrected: dict[str, list[Written]] = {}
    for one in written:
        if one.merged.changed:
            corrected.setdefault(one.urn, []).append(one)
    for place, (urn, some) in enumerate(sorted(corrected.items()), start=2):
        work.emit(_corrected(done.id, urn, some), resource=done.id, sequence=place)


def _corrected(import_id: str, urn: str, some: Sequence[Written]) -> events.RegisterCorrected:
    days = [
        one.week * 7 + 1 + int(position) // 2
        for one in some
        for position in np.flatnonzero(one.merged.overlay.codes.any(axis=0))
    ]
    return events.RegisterCorrected(
        import_id=import_id,
        school_urn=urn,
        first_date=date_to_proto(date.fromordinal(min(days))),
        last_date=date_to_proto(date.fromordinal(max(days))),
        marks_corrected=sum(one.merged.changed for one in some),
    )
