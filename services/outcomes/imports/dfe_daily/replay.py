"""An authority's published counts as marks of children in schools, sent as a school sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import register_service_pb2 as register
from localresponse.outcomes.v1 import schools_service_pb2 as schools
from numpy.typing import NDArray

from services.chassis.auth import Principal, acting_as
from services.chassis.ids import new_id
from services.outcomes.children import places
from services.outcomes.imports.dfe_daily.published import Row
from services.outcomes.imports.replaying.doors import Doors
from services.outcomes.imports.replaying.made_up_schools import PHASES, SCHOOL_SIZE, urn_of

_SCHOOLS_IN_CHUNK = 20
_EPOCH = date(1970, 1, 1)
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Day:
    """The marks of a phase on a day.

    Attributes:
        day: The day.
        sessions: The morning's and the afternoon's codes, one for each child in order.
    """

    day: date
    sessions: tuple[NDArray[np.uint8], NDArray[np.uint8]]

    @property
    def children(self) -> int:
        """How many children it takes to hold the marks."""
        return max(len(codes) for codes in self.sessions)


def dealt(row: Row, codes: Sequence[str]) -> Day:
    """Deal the published counts of a row out to mornings and afternoons.

    Present marks say their session; the others fill up so that both sessions are as even as can
    be. An odd total leaves one child with one mark.
    """
    assert row.marks is not None
    place = {code: index for index, code in enumerate(codes)}
    morning, afternoon = row.marks.get("/", 0), row.marks.get("\\", 0)
    rest = [(place[code], count) for code, count in row.marks.items() if code not in {"/", "\\"}]
    others = np.repeat(np.array([code for code, _ in rest], np.uint8), [count for _, count in rest])
    half = (morning + afternoon + len(others) + 1) // 2
    split = min(max(0, half - morning), len(others))
    return Day(
        row.day,
        (
            np.concatenate([np.full(morning, place["/"], np.uint8), others[:split]]),
            np.concatenate([np.full(afternoon, place["\\"], np.uint8), others[split:]]),
        ),
    )


async def replay(doors: Doors, tenant: str, rows: Sequence[Row]) -> int:
    """Record an authority's published counts, a phase at a time, and return the marks recorded."""
    who = Principal(tenant=tenant, subject="import-dfe-daily", role="administrator")
    codes = sorted({code for row in rows for code in row.marks or ()} | {"/", "\\"})
    marks = 0
    with acting_as(who):
        for phase in sorted({row.phase for row in rows}):
            days = [dealt(row, codes) for row in rows if row.phase == phase]
            rolls = await _prepare(doors, who, phase, days)
            stream = _stream(chunks(phase, days, codes=codes, rolls=rolls))
            done = await doors.registers.ImportRegister(stream, None)
            marks += int(done.marks)
    return marks


async def _prepare(
    doors: Doors, who: Principal, phase: str, days: Sequence[Day]
) -> dict[str, list[str]]:
    """Make the schools, the calendar and the children that the marks need; return the rolls."""
    children = max(day.children for day in days)
    wanted = {
        urn_of(phase, school): min(SCHOOL_SIZE, children - school * SCHOOL_SIZE)
        for school in range(-(-children // SCHOOL_SIZE))
    }
    every = [
        schools.School(urn=urn, name=f"Published counts {urn}", phase=PHASES[phase])
        for urn in wanted
    ]
    for start in range(0, len(every), _AT_ONCE):
        part = schools.ImportSchoolsRequest(
            request_id=new_id(), schools=every[start : start + _AT_ONCE]
        )
        await doors.schools.ImportSchools(part, None)
    days_open = sorted(day.day for day in days)
    spans = [_open(day) for day in days_open]
    await doors.schools.SetCalendar(
        schools.SetCalendarRequest(request_id=new_id(), spans=spans), None
    )
    return await doors.commands.apply(
        who, lambda work: places.enrol_places(work, wanted, first=days_open[0])
    )


def _open(day: date) -> schools.CalendarSpan:
    when = Date(year=day.year, month=day.month, day=day.day)
    return schools.CalendarSpan(first_date=when, last_date=when, kind=schools.DAY_KIND_OPEN)


async def _stream(
    parts: Iterator[register.RegisterChunk],
) -> AsyncIterator[register.ImportRegisterRequest]:
    yield register.ImportRegisterRequest(
        header=register.RegisterHeader(
            request_id=new_id(),
            source="DfE daily counts by register code",
            scheme=register.IDENTIFIER_SCHEME_CHILD,
        )
    )
    for chunk in parts:
        yield register.ImportRegisterRequest(chunk=chunk)


def chunks(
    phase: str, days: Sequence[Day], *, codes: Sequence[str], rolls: Mapping[str, list[str]]
) -> Iterator[register.RegisterChunk]:
    """Return the marks of a phase, twenty schools to a chunk."""
    width = SCHOOL_SIZE * _SCHOOLS_IN_CHUNK
    total = max(day.children for day in days)
    for start in range(0, total, width):
        urns = [
            urn_of(phase, school)
            for school in range(start // SCHOOL_SIZE, -(-min(start + width, total) // SCHOOL_SIZE))
        ]
        parts = [
            (index, day.day, codes_of[start : start + width])
            for day in days
            for index, codes_of in enumerate(day.sessions)
        ]
        child = np.concatenate([np.arange(len(held), dtype="<u4") for _, _, held in parts])
        counts = [len(held) for _, _, held in parts]
        ordinals = np.array([(day - _EPOCH).days for _, day, _ in parts], "<u4")
        yield register.RegisterChunk(
            urns=urns,
            children=[child_id for urn in urns for child_id in rolls[urn]],
            codes=codes,
            urn_index=(child // SCHOOL_SIZE).astype("<u2").tobytes(),
            child_index=child.tobytes(),
            day=np.repeat(ordinals, counts).tobytes(),
            session=np.repeat(np.array([part[0] for part in parts], "u1"), counts).tobytes(),
            code_index=np.concatenate([held for _, _, held in parts]).tobytes(),
        )
