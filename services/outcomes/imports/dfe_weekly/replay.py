"""An authority's publications as corrections, one import for each phase and publication."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import register_service_pb2 as register
from localresponse.outcomes.v1 import schools_service_pb2 as schools
from numpy.typing import NDArray

from services.chassis.auth import Principal, acting_as
from services.chassis.ids import new_id
from services.outcomes.children import places
from services.outcomes.imports.dfe_daily.replay import SCHOOL_SIZE, Doors, urn_of
from services.outcomes.imports.dfe_weekly.published import Codes, Row

PER_WEEK = 10
"""Sessions of a child in a week."""

LETTERS = ("/", "\\", "L", "B", "I", "E", "C2", "C", "O", "#")
"""The codes of a replay. A session that a later publication leaves out becomes #."""

_EPOCH = date(1970, 1, 1)
_CLOSED = LETTERS.index("#")
_AT = time(9, 30, tzinfo=UTC)
_PHASES = {
    "Primary": schools.PHASE_PRIMARY,
    "Secondary": schools.PHASE_SECONDARY,
    "Special": schools.PHASE_SPECIAL,
}
_FIRST = date(2020, 9, 1)

Sessions = NDArray[np.uint8]
"""A week's sessions of a phase, child by child: places in `LETTERS`."""


@dataclass(slots=True)
class PublicationClock:
    """Says that it is half past nine on the day of a publication."""

    day: date

    def now(self) -> datetime:
        """Return the moment of the publication."""
        return datetime.combine(self.day, _AT)


@dataclass(frozen=True, slots=True)
class Change:
    """What a publication changes in a week.

    Attributes:
        monday: The week.
        at: Places of the sessions that change.
        codes: What they become, places in `LETTERS`.
    """

    monday: date
    at: NDArray[np.intp]
    codes: Sessions


def laid_out(codes: Codes, length: int) -> Sessions:
    """Return the sessions in the order of the codes, closed from the last to `length`."""
    index = [LETTERS.index(letter or "/") for letter, _ in codes]
    found = np.repeat(np.array(index, np.uint8), [count for _, count in codes])
    present = (found == 0) & (np.arange(len(found)) % 2 == 1)
    found[present] = LETTERS.index("\\")
    return np.concatenate([found, np.full(max(0, length - len(found)), _CLOSED, np.uint8)])


class Replay:
    """One authority's register, as the publications made it.

    Args:
        doors: Where an authority's own files come in.
        clock: What the doors take for the time.
        tenant: The authority.
    """

    def __init__(self, doors: Doors, clock: PublicationClock, tenant: str) -> None:
        self._doors = doors
        self._clock = clock
        self._who = Principal(tenant=tenant, subject="import-dfe-weekly", role="administrator")
        self._held: dict[tuple[str, date], Sessions] = {}

    async def publish(self, day: date, rows: Sequence[Row]) -> int:
        """Record what a publication says, as of its day, and return the marks sent."""
        self._clock.day, marks = day, 0
        with acting_as(self._who):
            for phase in sorted({row.phase for row in rows}):
                changes = [self._change(row) for row in rows if row.phase == phase]
                marks += await self._send(phase, [one for one in changes if len(one.at)])
        return marks

    def _change(self, row: Row) -> Change:
        codes = row.codes()
        assert codes is not None
        before = self._held.get((row.phase, row.monday), np.zeros(0, np.uint8))
        after = laid_out(codes, len(before))
        known = np.full(len(after), 255, np.uint8)
        known[: len(before)] = before
        self._held[row.phase, row.monday] = after
        at = np.flatnonzero(after != known)
        return Change(row.monday, at, after[at])

    async def _send(self, phase: str, changes: Sequence[Change]) -> int:
        if not changes:
            return 0
        rolls = await self._prepare(phase, changes)
        stream = _stream(self._clock.day, [_chunk(phase, one, rolls) for one in changes])
        done = await self._doors.registers.ImportRegister(stream, None)
        return int(done.marks)

    async def _prepare(self, phase: str, changes: Sequence[Change]) -> dict[str, list[str]]:
        count = max(int(one.at[-1]) // PER_WEEK + 1 for one in changes)
        wanted = {
            urn_of(phase, school): min(SCHOOL_SIZE, count - school * SCHOOL_SIZE)
            for school in range(-(-count // SCHOOL_SIZE))
        }
        every = [
            schools.School(urn=urn, name=f"Published counts {urn}", phase=_PHASES[phase])
            for urn in wanted
        ]
        await self._doors.schools.ImportSchools(
            schools.ImportSchoolsRequest(request_id=new_id(), schools=every), None
        )
        spans = [span for one in changes for span in _week(one.monday)]
        await self._doors.schools.SetCalendar(
            schools.SetCalendarRequest(request_id=new_id(), spans=spans), None
        )
        return await self._doors.commands.apply(
            self._who, lambda work: places.enrol_places(work, wanted, first=_FIRST)
        )


def _week(monday: date) -> list[schools.CalendarSpan]:
    """Open every weekday, also bank holidays: which days a week's figures are of is not said."""
    days = [monday + timedelta(days=step) for step in range(PER_WEEK // 2)]
    dates = [Date(year=day.year, month=day.month, day=day.day) for day in days]
    return [
        schools.CalendarSpan(first_date=day, last_date=day, kind=schools.DAY_KIND_OPEN)
        for day in dates
    ]


def _chunk(phase: str, change: Change, rolls: dict[str, list[str]]) -> register.RegisterChunk:
    child, position = change.at // PER_WEEK, change.at % PER_WEEK
    urns = [urn_of(phase, school) for school in range(int(child[-1]) // SCHOOL_SIZE + 1)]
    monday = (change.monday - _EPOCH).days
    return register.RegisterChunk(
        urns=urns,
        children=[child_id for urn in urns for child_id in rolls[urn]],
        codes=LETTERS,
        urn_index=(child // SCHOOL_SIZE).astype("<u2").tobytes(),
        child_index=child.astype("<u4").tobytes(),
        day=(monday + position // 2).astype("<u4").tobytes(),
        session=(position % 2).astype("u1").tobytes(),
        code_index=change.codes.tobytes(),
    )


async def _stream(
    day: date, parts: Sequence[register.RegisterChunk]
) -> AsyncIterator[register.ImportRegisterRequest]:
    yield register.ImportRegisterRequest(
        header=register.RegisterHeader(
            request_id=new_id(),
            source=f"DfE weekly figures published on {day.isoformat()}",
            scheme=register.IDENTIFIER_SCHEME_CHILD,
        )
    )
    for chunk in parts:
        yield register.ImportRegisterRequest(chunk=chunk)
