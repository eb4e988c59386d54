"""Tells when a follow-up window has closed: its last day has a register, or the child has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection, insert, select

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.ids import derived_id
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes.episodes import queries
from services.outcomes.episodes.domain.episode import EpisodeState
from services.outcomes.episodes.marks import Marks, marks_of
from services.outcomes.episodes.storage.tables import EPISODE_WINDOW_CLOSED
from services.outcomes.episodes.views import FOLLOW_UPS, View, views_of
from services.outcomes.episodes.windows import WindowKind, WindowStatus

LOOK_EVERY_S = 30.0
_AT_ONCE = 200
_KINDS = {
    WindowKind.FOLLOW_UP_1: events.WINDOW_KIND_FOLLOW_UP_1,
    WindowKind.FOLLOW_UP_2: events.WINDOW_KIND_FOLLOW_UP_2,
    WindowKind.YEAR: events.WINDOW_KIND_YEAR,
}


@dataclass(frozen=True, slots=True)
class Closed:
    """A window that has come to its end.

    Attributes:
        end_day: `date.toordinal()` of its last school day.
        insufficient: Whether it holds too few possible sessions.
    """

    episode_id: str
    child_id: str
    kind: WindowKind
    end_day: int
    insufficient: bool


class WindowCloser:
    """The scheduled job that announces closed windows, each once.

    Args:
        database: Read for every authority in it.
        commands: Announces as the system.
        clock: Says as of when registers are read.
    """

    def __init__(self, database: Database, commands: Commands, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._clock = clock
        self._seen: dict[str, Marks] = {}

    @property
    def job(self) -> Job:
        """Return the job that the runtime repeats."""
        return Job(name="close-windows", every_s=LOOK_EVERY_S, run=self.look)

    async def look(self) -> None:
        """Announce what has closed in each authority whose facts have changed."""
        marks = await self._database.read(marks_of)
        for authority, mark in marks.items():
            if self._seen.get(authority) != mark:
                await self.close(authority)
                self._seen[authority] = mark

    async def close(self, authority: str) -> None:
        """Announce every window of an authority that closed and was not announced."""
        now, system = self._clock.now(), Principal.system(authority)
        closed = await self._database.read(
            lambda connection: newly_closed(connection, authority, now)
        )
        for start in range(0, len(closed), _AT_ONCE):
            part = closed[start : start + _AT_ONCE]
            await self._commands.apply(system, partial(announce, closed=part))


def newly_closed(connection: Connection, tenant: str, now: datetime) -> list[Closed]:
    """Return follow-up windows that have ended and were not announced yet."""
    live = [
        each for each in queries.all_versions(connection, tenant) if each.state is EpisodeState.OPEN
    ]
    told = _told(connection, tenant)
    views = views_of(connection, tenant, live, with_windows=True, as_of=now)
    found = [closed for view in views for closed in _closed(view)]
    return [each for each in found if (each.episode_id, each.kind) not in told]


def announce(work: UnitOfWork, closed: Sequence[Closed]) -> None:
    """Announce windows, unless another process was faster."""
    told = _told(work.connection, work.tenant)
    for each in closed:
        if (each.episode_id, each.kind) in told:
            continue
        row = {
            "tenant": work.tenant,
            "episode_id": each.episode_id,
            "kind": int(each.kind),
            "end_day": each.end_day,
            "insufficient": int(each.insufficient),
            "closed_at": work.at,
        }
        work.connection.execute(insert(EPISODE_WINDOW_CLOSED), row)
        window_id = derived_id("window", each.episode_id, str(int(each.kind)))
        message = events.WindowClosed(
            window_id=window_id,
            episode_id=each.episode_id,
            child_id=each.child_id,
            window=_KINDS[each.kind],
            end_date=date_to_proto(date.fromordinal(each.end_day)),
            insufficient=each.insufficient,
        )
        work.emit(message, resource=window_id, sequence=1)


def _closed(view: View) -> list[Closed]:
    if view.row is None:
        return []
    found = []
    for kind in FOLLOW_UPS:
        windows = view.windows[kind]
        status, end_day = windows.status[view.row], int(windows.end_day[view.row])
        if status != WindowStatus.RUNNING and end_day:
            short = bool(status == WindowStatus.INSUFFICIENT)
            version = view.version
            found.append(Closed(version.id, version.child_id, kind, end_day, short))
    return found


def _told(connection: Connection, tenant: str) -> set[tuple[str, int]]:
    table = EPISODE_WINDOW_CLOSED.c
    query = select(table.episode_id, table.kind).where(table.tenant == tenant)
    return {(row.episode_id, row.kind) for row in connection.execute(query)}
