"""What happened to the children of a run beside attendance: suspensions, other support, leavers.

A child who was permanently excluded or moved to home education is no improvement, whatever its
marks say: registers stop, or hold the marks of other provision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from services.outcomes.analysis.happened import Happened
from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.intervals import Counts
from services.outcomes.analysis.rows import HEADLINE, Panel
from services.outcomes.child_events import measures
from services.outcomes.child_events.domain import Kind
from services.outcomes.child_events.measures import Columns
from services.outcomes.children.domain import Child
from services.outcomes.episodes.measuring import Roll
from services.outcomes.episodes.windows import SPANS, WindowKind
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import DayKind, Days
from services.outcomes.support import storage as support
from services.outcomes.support.domain import between

_FAR = 1 << 20
"""Past every day: the window of who has left has no last day of its own."""


def with_events(
    connection: Connection, tenant: str, panel: Panel, *, roll: Roll, as_of: datetime
) -> Panel:
    """Return a panel with what happened to its children, as it was recorded up to a moment."""
    children = [roll.children[row.child_id] for row in panel.rows]
    numbers = np.array([child.number for child in children], np.int64)
    columns = measures.columns_of(connection, tenant, numbers.tolist(), as_of=as_of)
    spells, sessions = {}, {}
    for kind in HEADLINE:
        window = panel.windows[kind]
        first, last = window.start_day.astype(np.int64), window.end_day.astype(np.int64)
        spells[kind], sessions[kind] = columns.begun(
            Kind.SUSPENSION, numbers, first=first, last=last
        )
    happened = Happened(
        spells=spells,
        sessions=sessions,
        off_roll=_off_roll(connection, tenant, panel, children),
        excluded=_began(columns, Kind.PERMANENT_EXCLUSION, panel, numbers),
        home_educated=_began(columns, Kind.HOME_EDUCATION, panel, numbers),
    )
    told = replace(panel, happened=happened)
    return with_support(connection, tenant, told, roll=roll, as_of=as_of)


def with_support(
    connection: Connection, tenant: str, panel: Panel, *, roll: Roll, as_of: datetime
) -> Panel:
    """Return a panel with support that the fund did not pay for, as recorded up to a moment.

    It counts for a child who had it on any day from the request to the end of follow-up 1.
    """
    numbers = [roll.children[row.child_id].number for row in panel.rows]
    held = support.of_children(connection, tenant, numbers, as_of=as_of)
    ends = panel.windows[WindowKind.FOLLOW_UP_1].end_day.tolist()
    rows = [
        replace(row, others=between(held.get(number, ()), row.requested_day, end))
        for row, number, end in zip(panel.rows, numbers, ends, strict=True)
    ]
    return replace(panel, rows=tuple(rows))


def _began(columns: Columns, kind: Kind, panel: Panel, numbers: Counts) -> Flags:
    """Return to whom it happened between the request and the end of follow-up 1."""
    follow = panel.windows[WindowKind.FOLLOW_UP_1]
    first = np.array([row.requested_day for row in panel.rows], np.int64)
    last = np.where(follow.truncated, _FAR, follow.end_day).astype(np.int64)
    began, _ = columns.begun(kind, numbers, first=first, last=last)
    return np.asarray(began > 0)


def _off_roll(
    connection: Connection, tenant: str, panel: Panel, children: Sequence[Child]
) -> Counts:
    """Return sessions of follow-up 1 that each child's last school held without it."""
    gone = np.flatnonzero(panel.left).tolist()
    urns = {urn for place in gone for urn in children[place].urns()}
    calendars = reference.calendars(connection, tenant, urns)
    found = np.zeros(len(children), np.int64)
    for place in gone:
        first = panel.rows[place].index_day + 1
        last = _nominal_end(calendars, children[place], first)
        if last > first > 1:
            found[place] = measures.sessions_off_roll(
                children[place],
                calendars,
                date.fromordinal(first),
                last=date.fromordinal(last),
            )
    return found


def _nominal_end(calendars: Mapping[str, Days], child: Child, first: int) -> int:
    """Return the last of the school days that follow-up 1 would have had; 0 when not known."""
    days = calendars[child.urns()[0]]
    opened = np.flatnonzero((days.kinds == DayKind.OPEN).any(axis=1)) + days.start
    after = opened[opened >= first][: SPANS[WindowKind.FOLLOW_UP_1][1]]
    return int(after[-1]) if len(after) else 0
