"""An authority's publications as corrections, one import for each publication.

A correction sends the sessions that it changes and no others, as a school's own system does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
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
from services.outcomes.imports.dfe_weekly.published import Codes, Row
from services.outcomes.imports.replaying.doors import Doors
from services.outcomes.imports.replaying.made_up_schools import PHASES, SCHOOL_SIZE, urn_of

PER_WEEK = 10
"""Sessions of a child in a week."""

LETTERS = ("/", "\\", "L", "B", "I", "E", "C2", "C", "O", "#")
"""The codes of a replay. A session that a later publication leaves out becomes #."""

_EPOCH = date(1970, 1, 1)
_CLOSED, _AFTERNOON, _UNKNOWN = LETTERS.index("#"), LETTERS.index("\\"), 255
_AT = time(9, 30, tzinfo=UTC)
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
    """What a publication changes in a phase's week.

    Attributes:
        phase: The phase.
        monday: The week.
        at: Places of the sessions that change.
        codes: What they become, places in `LETTERS`.
    """

    phase: str
    monday: date
    at: NDArray[np.intp]
    codes: Sessions


def settled(before: Sessions, codes: Codes) -> Sessions:
    """Return the sessions that hold the codes, changed from `before` in as few as can be.

    Sessions of a code that there are now fewer of become one that there are more of, as a school
    gives a reason to a mark that had none; those that are no longer counted are closed.
    """
    counts = np.zeros(len(LETTERS), np.intp)
    for letter, count in codes:
        counts[LETTERS.index(letter or "/")] = count
    total = int(counts.sum())
    counts[_CLOSED] = max(0, len(before) - total)
    after = np.full(max(total, len(before)), _UNKNOWN, np.uint8)
    after[: len(before)] = np.where(before == _AFTERNOON, 0, before)
    missing = counts - np.bincount(after, minlength=_UNKNOWN + 1)[: len(LETTERS)]
    for code in np.flatnonzero(missing < 0).tolist():
        after[np.flatnonzero(after == code)[missing[code] :]] = _UNKNOWN
    after[after == _UNKNOWN] = np.repeat(np.arange(len(LETTERS)), np.maximum(missing, 0))
    after[1::2][after[1::2] == 0] = _AFTERNOON
    return after


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
        self._rolls: dict[str, list[str]] = {}

    async def open(self, rows: Sequence[Row]) -> None:
        """Open the weeks that rows are about, and schools with as many children as they need."""
        schools_of = {
            phase: -(-max(_children(row) for row in rows if row.phase == phase) // SCHOOL_SIZE)
            for phase in sorted({row.phase for row in rows})
        }
        opened = [
            schools.School(urn=urn_of(phase, number), name="Published counts", phase=PHASES[phase])
            for phase, count in schools_of.items()
            for number in range(count)
        ]
        spans = [span for monday in sorted({row.monday for row in rows}) for span in _week(monday)]
        sizes = {school.urn: SCHOOL_SIZE for school in opened}
        with acting_as(self._who):
            await self._doors.schools.ImportSchools(
                schools.ImportSchoolsRequest(request_id=new_id(), schools=opened), None
            )
            await self._doors.schools.SetCalendar(
                schools.SetCalendarRequest(request_id=new_id(), spans=spans), None
            )
            self._rolls = await self._doors.commands.apply(
                self._who, lambda work: places.enrol_places(work, sizes, first=_FIRST)
            )

    async def publish(self, day: date, rows: Sequence[Row]) -> int:
        """Record what a publication says, as of its day, and return the marks sent."""
        self._clock.day = day
        changes = [self._change(row) for row in rows]
        parts = [_chunk(one, self._rolls) for one in changes if len(one.at)]
        if not parts:
            return 0
        with acting_as(self._who):
            done = await self._doors.registers.ImportRegister(_stream(day, parts), None)
        return int(done.marks)

    def _change(self, row: Row) -> Change:
        codes = row.codes()
        assert codes is not None
        before = self._held.get((row.phase, row.monday), np.zeros(0, np.uint8))
        after = settled(before, codes)
        known = np.full(len(after), _UNKNOWN, np.uint8)
        known[: len(before)] = before
        self._held[row.phase, row.monday] = after
        at = np.flatnonzero(after != known)
        return Change(row.phase, row.monday, at, after[at])


def _children(row: Row) -> int:
    assert row.counts is not None
    return -(-row.counts["possible"] // PER_WEEK)


def _week(monday: date) -> list[schools.CalendarSpan]:
    """Open every weekday, also bank holidays: which days a week's figures are of is not said."""
    days = [monday + timedelta(days=step) for step in range(PER_WEEK // 2)]
    dates = [Date(year=day.year, month=day.month, day=day.day) for day in days]
    return [
        schools.CalendarSpan(first_date=day, last_date=day, kind=schools.DAY_KIND_OPEN)
        for day in dates
    ]


def _chunk(change: Change, rolls: Mapping[str, Sequence[str]]) -> register.RegisterChunk:
    """Return the marks of the children whom the change touches, and of no others."""
    every, child = np.unique(change.at // PER_WEEK, return_inverse=True)
    numbers, school = np.unique(every // SCHOOL_SIZE, return_inverse=True)
    urns = [urn_of(change.phase, number) for number in numbers.tolist()]
    seats = zip(school.tolist(), (every % SCHOOL_SIZE).tolist(), strict=True)
    position = change.at % PER_WEEK
    monday = (change.monday - _EPOCH).days
    return register.RegisterChunk(
        urns=urns,
        children=[rolls[urns[place]][seat] for place, seat in seats],
        codes=LETTERS,
        urn_index=school[child].astype("<u2").tobytes(),
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
