"""What this service knows of a population, condition by condition: each is read once if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from services.outcomes.child_events.domain import EXCLUSIONS, STANDING, Kind
from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.children.characteristics.queries import facts_on
from services.outcomes.cohorts.domain.judging import Flags, Verdict
from services.outcomes.cohorts.domain.rule import (
    Absent,
    AtSchool,
    Funded,
    Happened,
    InPhase,
    InYear,
    Known,
    Leaf,
    Span,
)
from services.outcomes.cohorts.population import Population
from services.outcomes.episodes import queries as episodes
from services.outcomes.measures.counts import Counter
from services.outcomes.measures.periods import counts_between
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import DayKind, academic_year
from services.outcomes.storage.value_lists import one_of

_IN_MAX = 5_000
_YEAR_STARTS = 8
"""The academic year turns on 1 August; no school is open before September."""

_EXCLUSIONS = {int(kind) for kind in EXCLUSIONS}
_STANDING = {int(status) for status in STANDING}


class StoredFacts:
    """The facts of one population.

    Args:
        connection: A reader's.
        tenant: The authority.
        population: The children.
    """

    def __init__(self, connection: Connection, tenant: str, population: Population) -> None:
        self._connection = connection
        self._tenant = tenant
        self._population = population
        self._characteristics: dict[int, dict[str, str]] | None = None
        self._judges: dict[type[Leaf], Callable[[Any], Verdict]] = {
            AtSchool: self._at_school,
            InPhase: lambda leaf: self._schools(lambda urn: self._phase(urn) in leaf.phases),
            InYear: self._in_year,
            Absent: self._absent,
            Funded: self._funded,
            Known: self._known,
            Happened: self._happened,
        }

    def __len__(self) -> int:
        """Return how many children there are."""
        return len(self._population.children)

    def judge(self, leaf: Leaf) -> Verdict:
        """Return what is known of one condition."""
        return self._judges[type(leaf)](leaf)

    def _at_school(self, leaf: AtSchool) -> Verdict:
        clusters = {
            urn
            for urn, school in self._population.schools.items()
            if school.cluster and school.cluster in leaf.clusters
        }
        wanted = clusters | set(leaf.urns)
        return self._schools(wanted.__contains__)

    def _phase(self, urn: str) -> str:
        school = self._population.schools.get(urn)
        return school.phase.name.lower() if school else ""

    def _schools(self, holds: Callable[[str], bool]) -> Verdict:
        held = self._population
        return Verdict.of(self._flags(any(map(holds, held.urns(each))) for each in held.children))

    def _in_year(self, leaf: InYear) -> Verdict:
        on = self._population.moment.on
        found = [child.year_group(on) for child in self._population.children]
        known = self._flags(each is not None for each in found)
        return Verdict.where_known(self._flags(each in leaf.years for each in found), known)

    def _absent(self, leaf: Absent) -> Verdict:
        moment = self._population.moment
        spans = self._spans(leaf.span)
        read = counts_between(self._connection, self._tenant, spans, as_of=moment.as_of)
        counts = read.of(self._population.numbers)
        possible = counts[:, Counter.POSSIBLE]
        missed = 100 * (counts[:, Counter.AUTHORISED] + counts[:, Counter.UNAUTHORISED])
        yes = missed >= leaf.from_percent * possible
        if leaf.below_percent:
            yes &= missed < leaf.below_percent * possible
        return Verdict.where_known(yes, possible >= max(leaf.minimum_possible, 1))

    def _spans(self, span: Span) -> dict[str, tuple[int, int]]:
        """Return the days of a span at each school, none of them on the day of evaluation."""
        moment, urns = self._population.moment, list(self._population.schools)
        before = (moment.on - timedelta(days=1)).toordinal()
        if not span.school_days:
            first = span.first or date(academic_year(moment.on), _YEAR_STARTS, 1)
            last = span.last.toordinal() if span.last else before
            return dict.fromkeys(urns, (first.toordinal(), min(last, before)))
        calendars = reference.calendars(self._connection, self._tenant, urns, as_of=moment.as_of)
        found, known = {}, dict[int, tuple[int, int]]()
        for urn, days in calendars.items():
            if id(days) not in known:
                opened = np.flatnonzero((days.kinds == DayKind.OPEN).any(axis=1)) + days.start
                past = opened[opened <= before][-span.school_days :]
                known[id(days)] = (int(past[0]), int(past[-1])) if len(past) else (1, 0)
            found[urn] = known[id(days)]
        return found

    def _funded(self, leaf: Funded) -> Verdict:
        moment, yes = self._population.moment, set[str]()
        first, last = leaf.first or date.min, min(leaf.last or moment.on, moment.on)
        for version in episodes.all_versions(self._connection, self._tenant, as_of=moment.as_of):
            parts = version.episode.parts if version.episode else ()
            if any(
                first <= part.approved_on <= last
                and (not leaf.categories or part.category in leaf.categories)
                for part in parts
            ):
                yes.add(version.child_id)
        return Verdict.of(self._flags(child.id in yes for child in self._population.children))

    def _known(self, leaf: Known) -> Verdict:
        moment = self._population.moment
        if self._characteristics is None:
            numbers = self._population.numbers.tolist()
            self._characteristics = facts_on(
                self._connection, self._tenant, numbers, on=moment.on, as_of=moment.as_of
            )
        held = self._characteristics
        found = [
            held.get(child.number, {}).get(leaf.name, "") for child in self._population.children
        ]
        known = self._flags(bool(each) for each in found)
        return Verdict.where_known(self._flags(each in leaf.values for each in found), known)

    def _happened(self, leaf: Happened) -> Verdict:
        on = self._population.moment.on
        start = on.toordinal() - leaf.within_days
        kinds = {int(Kind[kind.upper()]) for kind in leaf.kinds}
        times: dict[int, int] = {}
        for row in self._events(kinds):
            begun = start <= row["first_day"] <= on.toordinal()
            lasts = row["first_day"] <= on.toordinal() <= row["last_day"]
            if begun if leaf.within_days else lasts:
                times[row["number"]] = times.get(row["number"], 0) + 1
        enough = (
            times.get(child.number, 0) >= leaf.at_least for child in self._population.children
        )
        return Verdict.of(self._flags(enough))

    def _events(self, kinds: set[int]) -> list[Any]:
        """Return the newest version, as known at the moment, of each event that stands."""
        table, latest = CHILD_EVENT.c, dict[str, Any]()
        numbers = self._population.numbers.tolist()
        for start in range(0, len(numbers), _IN_MAX):
            query = (
                select(CHILD_EVENT)
                .where(
                    table.tenant == self._tenant,
                    table.recorded_at <= self._population.moment.as_of,
                    table.kind.in_(sorted(kinds)),
                    one_of(self._connection, table.number, numbers[start : start + _IN_MAX]),
                )
                .order_by(table.id, table.version)
            )
            latest.update((row["id"], row) for row in self._connection.execute(query).mappings())
        return [row for row in latest.values() if _stands(row)]

    def _flags(self, each: Iterable[bool]) -> Flags:
        return np.fromiter(each, np.bool_, len(self))


def _stands(row: Any) -> bool:
    standing = row["kind"] not in _EXCLUSIONS or row["status"] in _STANDING
    return standing and not row["withdrawn"]
