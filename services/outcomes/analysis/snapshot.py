"""Takes the snapshots that /metrics shows, when something has changed and come to rest."""

from __future__ import annotations

import asyncio
from datetime import date

import numpy as np

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.service import Job
from services.chassis.telemetry import REGISTRY
from services.outcomes.analysis.cohort import Cohort, cohort_of
from services.outcomes.analysis.gauges import Cell, OutcomeGauges
from services.outcomes.analysis.method.adjusted import adjusted, naive
from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.rows import EMPTY_PANEL, Panel
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.episodes.marks import Marks, marks_of
from services.outcomes.reference.calendars import academic_year

GAUGES = OutcomeGauges(REGISTRY)
"""One for the process: two collectors of the same names would be shown twice."""

ALL = "all"
"""The category label of every purchase together."""

LOOK_EVERY_S = 3.0
REST_FOR_EACH_SECOND = 10
"""A snapshot that takes a second is followed by this many seconds without one."""

_SEED = 1


class Snapshots:
    """The scheduled job behind the gauges.

    Args:
        database: Read for every authority in it.
        clock: Says when a snapshot was taken.
        gauges: Where it is shown.
    """

    def __init__(self, database: Database, clock: Clock, gauges: OutcomeGauges = GAUGES) -> None:
        self._database = database
        self._clock = clock
        self._gauges = gauges
        self._seen: dict[str, Marks] = {}
        self._taken: dict[str, Marks] = {}
        self._rest_until_s = 0.0

    @property
    def job(self) -> Job:
        """Return the job that the runtime repeats."""
        return Job(name="outcome-snapshots", every_s=LOOK_EVERY_S, run=self.look)

    async def look(self) -> None:
        """Take a snapshot of each authority whose facts changed and then stood still."""
        if asyncio.get_running_loop().time() < self._rest_until_s:
            return
        marks = await self._database.read(marks_of)
        for authority, mark in marks.items():
            settled = self._seen.get(authority) == mark
            if settled and self._taken.get(authority) != mark:
                await self.take(authority)
                self._taken[authority] = mark
        self._seen = marks

    async def take(self, authority: str) -> None:
        """Take a snapshot of one authority now."""
        loop, now = asyncio.get_running_loop(), self._clock.now()
        began_s = loop.time()
        cells = await self._database.read(
            lambda connection: cells_of(
                cohort_of(connection, authority, CohortRule(), as_of=now, seed=_SEED)
            )
        )
        self._gauges.replace(authority, cells, at=now)
        ended_s = loop.time()
        self._rest_until_s = ended_s + REST_FOR_EACH_SECOND * (ended_s - began_s)


def cells_of(cohort: Cohort) -> dict[tuple[str, str], Cell]:
    """Return a cell for each academic year of support, all categories together and each apart."""
    panel = cohort.panel or EMPTY_PANEL
    years = [_academic_year(row.index_day) for row in panel.rows]
    categories = [_categories(cohort, row.episode_ids) for row in panel.rows]
    cells = {}
    supported = panel.supported
    for year in sorted({each for each, ours in zip(years, supported, strict=True) if ours}):
        in_year = np.array([each == year for each in years], dtype=np.bool_)
        known = sorted({each for held in categories for each in held})
        for category in (ALL, *known):
            chosen = np.array([category == ALL or category in held for held in categories])
            mine = in_year & supported & chosen
            if mine.any():
                cells[year, category] = _cell(panel, mine, in_year)
    return cells


def _cell(panel: Panel, mine: Flags, in_year: Flags) -> Cell:
    """Return the figures of some supported children, beside the comparison of their half-terms."""
    terms = {row.half_term for row, keep in zip(panel.rows, mine, strict=True) if keep}
    same_term = np.array([row.half_term in terms for row in panel.rows], dtype=np.bool_)
    headline = panel.where(mine | (~panel.supported & same_term & in_year)).headline()
    alone = panel.where(mine)
    sample = headline.sample()
    estimate = adjusted(sample, _SEED)
    possible = int(sample.follow_up_possible[sample.supported].sum())
    gain = estimate.estimate_pp
    return Cell(
        adjusted=estimate,
        naive=naive(alone.where(alone.before_and_after & ~alone.gone).sample()),
        extra_sessions=None if gain is None else gain / 100 * possible,
        spend_minor=sum(row.cost_minor for row in headline.rows),
    )


def _academic_year(index_day: int) -> str:
    if not index_day:
        return ""
    first = academic_year(date.fromordinal(index_day))
    return f"{first}/{(first + 1) % 100:02d}"


def _categories(cohort: Cohort, episode_ids: tuple[str, ...]) -> frozenset[str]:
    held = (cohort.episodes[each] for each in episode_ids)
    return frozenset(part.category for episode in held for part in episode.parts)
