"""What a look at registers found, told once for each crossing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection

from services.chassis.ids import derived_id
from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Child
from services.outcomes.children.erased import erased_numbers
from services.outcomes.thresholds import storage, totals
from services.outcomes.thresholds.domain import crossings
from services.outcomes.thresholds.storage import Told

_NOBODY = Told(0, 0)


@dataclass(frozen=True, slots=True)
class Moved:
    """A child whose level is another than was told.

    Attributes:
        last_day: Ordinal of the last day of the register that shows it.
    """

    number: int
    level: int
    last_day: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found.

    Attributes:
        until: Up to when registers were recorded.
        year: Academic year.
        urns: The schools looked at.
        moved: Children to tell of.
    """

    until: datetime
    year: int
    urns: Sequence[str]
    moved: Sequence[Moved]


def look(connection: Connection, tenant: str, *, since: datetime | None, until: datetime) -> Look:
    """Look at the registers that changed after a moment; at all when None."""
    year = totals.latest_year(connection, tenant)
    urns = totals.changed_schools(connection, tenant, since)
    found = totals.year_totals(connection, tenant, urns, year=year)
    held = storage.told(connection, tenant, year, found.numbers.tolist())
    before = np.array([held.get(number, _NOBODY).level for number in found.numbers.tolist()])
    moved = [
        Moved(int(found.numbers[row]), int(found.levels[row]), int(found.last_days[row]))
        for row in np.flatnonzero(found.levels != before.astype(np.int8)).tolist()
    ]
    return Look(until, year, urns, moved)


def tell(work: UnitOfWork, found: Look, *, part: Sequence[Moved], new: set[str]) -> None:
    """Tell of some children, unless another process was faster; `new` are schools' first looks."""
    numbers = [each.number for each in part]
    storage.looked_at(work.connection, work.tenant, lock=True)
    held = storage.told(work.connection, work.tenant, found.year, numbers)
    gone = erased_numbers(work.connection, work.tenant, numbers)
    known = children.children(work.connection, work.tenant, numbers)
    rows: list[Row] = []
    for each in part:
        before = held.get(each.number, _NOBODY)
        if each.number in gone or each.level == before.level:
            continue
        count = _emit(work, found.year, known[each.number], change=(before, each), new=new)
        sequence = before.sequence + count
        row = {"number": each.number, "level": each.level, "sequence": sequence}
        rows.append({**row, "on_day": each.last_day})
    storage.replace(work.connection, work.tenant, found.year, rows)


def _emit(
    work: UnitOfWork, year: int, child: Child, *, change: tuple[Told, Moved], new: set[str]
) -> int:
    before, after = change
    urn = next((one.urn for one in reversed(child.enrolments) if one.last is None), "")
    crossed = crossings(before.level, after.level)
    for place, each in enumerate(crossed, start=1):
        message = events.ThresholdCrossed(
            child_id=child.id,
            threshold=events.AbsenceThreshold.ValueType(each.threshold),
            direction=events.ThresholdDirection.ValueType(each.direction),
            on_date=date_to_proto(date.fromordinal(after.last_day)) if after.last_day else None,
            school_urn=urn,
            academic_year=year,
            first_look=urn in new,
        )
        resource = resource_of(work.tenant, child.id, year)
        work.emit(message, resource=resource, sequence=before.sequence + place)
    return len(crossed)


def finish(work: UnitOfWork, found: Look) -> None:
    """Remember that the look was told of."""
    before = storage.schools_looked_at(work.connection, work.tenant, found.year)
    storage.add_schools(work.connection, work.tenant, found.year, set(found.urns) - before)
    storage.set_looked_at(work.connection, work.tenant, found.until)


def forget(work: UnitOfWork, child: Child) -> None:
    """Take an erased child off every line, and delete what was told of it."""
    for year, level, sequence in storage.above(work.connection, work.tenant, child.number):
        change = (Told(level, sequence), Moved(child.number, 0, 0))
        _emit(work, year, child, change=change, new=set())
    storage.forget(work.connection, work.tenant, child.number)


def resource_of(tenant: str, child_id: str, year: int) -> str:
    """Return the id of a child's absence in a year, whose events are in sequence."""
    return derived_id("absence", tenant, child_id, str(year))
