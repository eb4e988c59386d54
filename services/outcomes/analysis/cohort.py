"""The children of a run: whom the fund supported, and who met the same trigger without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection, select

from services.outcomes.analysis.drawing import drawn
from services.outcomes.analysis.events import with_events, with_support
from services.outcomes.analysis.method.resampling import generator
from services.outcomes.analysis.progress import report
from services.outcomes.analysis.rows import Panel, Row, panel_of, together
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.children.merged import survivor_ids
from services.outcomes.children.storage import CHILD
from services.outcomes.cohorts import queries as cohorts
from services.outcomes.cohorts.pools import storage as pools
from services.outcomes.episodes import queries as episodes
from services.outcomes.episodes.domain.episode import Episode, EpisodeState
from services.outcomes.episodes.measuring import Roll, roll_of, school_day_windows
from services.outcomes.episodes.windows import SchoolDayWindows
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import HalfTerm

_CHUNK = 4_000
"""Candidates whose registers are held at once: bounds memory in a large authority."""

NO_HALF_TERM = (0, 0)


@dataclass(frozen=True, slots=True)
class Cohort:
    """What a run reads.

    Attributes:
        panel: Supported children first, then the comparison.
        episodes: The episodes of the supported children, by id.
        never_delivered: Children approved for support of which nothing has come.
        unknown: Children of episodes whom the authority's rolls do not know.
        roll: Of the supported children.
        later: Supported children at dates of others who were asked for before them, while
            nothing was yet done for themselves; None when there are none.
    """

    panel: Panel | None
    episodes: dict[str, Episode]
    never_delivered: int
    unknown: int
    roll: Roll
    later: Panel | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whom a frozen cohort narrows a run to.

    Attributes:
        members: Those who were in it; None for a run that names no cohort.
        pool: Of whom its comparison is drawn; None for everybody.
    """

    members: frozenset[str] | None = None
    pool: frozenset[str] | None = None

    def holds(self, child_id: str) -> bool:
        """Return whether a child may be among the supported."""
        return self.members is None or child_id in self.members


def _scope_of(connection: Connection, tenant: str, rule: CohortRule, *, as_of: datetime) -> _Scope:
    if not rule.cohort_id:
        return _Scope()
    return _Scope(
        cohorts.members_at(connection, tenant, rule.cohort_id, as_of=as_of),
        pools.newest_pool(connection, tenant, rule.cohort_id, as_of=as_of),
    )


def cohort_of(
    connection: Connection, tenant: str, rule: CohortRule, *, as_of: datetime, seed: int | None
) -> Cohort:
    """Read the supported children that a rule names, and draw their comparison.

    Args:
        connection: A reader's.
        tenant: The authority.
        rule: Which episodes.
        as_of: Registers and costs as they were recorded then.
        seed: Of the draws; the same seed and moment give the same children. None draws no
            comparison, which takes most of the time.
    """
    versions = episodes.all_versions(connection, tenant, as_of=as_of)
    live = [each.episode for each in versions if each.episode is not None]
    child_ids = sorted({each.child_id for each in versions})
    roll = roll_of(connection, tenant, child_ids, as_of=as_of)
    scope = _scope_of(connection, tenant, rule, as_of=as_of)
    chosen = [each for each in live if rule.holds(each, roll) and scope.holds(each.child_id)]
    begun = {each.child_id for each in live if each.state is EpisodeState.OPEN}
    waiting = {each.child_id for each in versions if scope.holds(each.child_id)} - begun
    waiting -= survivor_ids(connection, tenant, as_of=as_of).keys()
    known = [each for each in chosen if each.child_id in roll.children]
    terms = _half_terms(connection, tenant, known)
    rows = _supported(known, roll, terms)
    panel, later = None, None
    if rows:
        report("reading registers", 10)
        read = school_day_windows(
            connection, tenant, [row.child_id for row in rows], roll=roll, as_of=as_of
        )
        supported = with_events(connection, tenant, panel_of(rows, read), roll=roll, as_of=as_of)
        barred = {each.child_id for each in versions} | (scope.members or frozenset())
        others: Sequence[Panel] = ()
        if seed is not None:
            others = _comparison(
                connection, tenant, supported, among=(barred, scope.pool), when=(as_of, seed)
            )
            later = _not_yet_funded(supported, read, live, (roll, seed))
            if later is not None:
                later = with_support(connection, tenant, later, roll=roll, as_of=as_of)
        panel = together([supported, *others])
    unknown = {each.child_id for each in chosen} - {each.child_id for each in known}
    return Cohort(panel, {each.id: each for each in known}, len(waiting), len(unknown), roll, later)


def _not_yet_funded(
    supported: Panel,
    read: SchoolDayWindows,
    live: Iterable[Episode],
    known: tuple[Roll, int],
) -> Panel | None:
    """Return supported children as comparisons of those whose support began long before theirs.

    Source: reference 2.2, item 8: with staggered starts, who was not yet treated is a control.
    """
    roll, seed = known
    models = supported.where(supported.triggered & supported.measured).rows
    asked: dict[str, int] = {}
    for each in live:
        day = each.requested_on.toordinal()
        asked[each.child_id] = min(day, asked.get(each.child_id, day))
    part = [row.child_id for row in supported.rows]
    until = np.array([asked[child_id] for child_id in part], np.int32)
    rows, kept = drawn(part, read, (models, roll), generator(seed), until=until)
    return panel_of(rows, read.where(kept)) if rows else None


def _half_terms(
    connection: Connection, tenant: str, known: Iterable[Episode]
) -> dict[str, list[HalfTerm]]:
    urns = {each.school_urn for each in known}
    calendars = reference.calendars(connection, tenant, urns)
    return {urn: days.half_terms() for urn, days in calendars.items()}


def _supported(known: Sequence[Episode], roll: Roll, terms: dict[str, list[HalfTerm]]) -> list[Row]:
    """Return one row a child, at its first episode, with the cost of all of them."""
    of_child: dict[str, list[Episode]] = {}
    for episode in sorted(known, key=lambda each: (each.requested_on, each.id)):
        of_child.setdefault(episode.child_id, []).append(episode)
    rows = []
    for child_id, held in sorted(of_child.items()):
        first = held[0]
        rows.append(
            Row(
                child_id=child_id,
                supported=True,
                requested_day=first.requested_on.toordinal(),
                index_day=first.index_on.toordinal() if first.index_on else 0,
                urn=first.school_urn,
                phase=roll.phase(first.school_urn),
                year_group=roll.year_group(child_id, first.requested_on),
                half_term=_half_term(terms[first.school_urn], first.requested_on),
                episode_ids=tuple(each.id for each in held),
                cost_minor=sum(each.cost_minor for each in held),
            )
        )
    return rows


def _half_term(terms: Sequence[HalfTerm], day: date) -> tuple[int, int]:
    found = next((term for term in terms if day <= term.last), None)
    return (found.academic_year, found.number) if found else NO_HALF_TERM


def _comparison(
    connection: Connection,
    tenant: str,
    supported: Panel,
    *,
    among: tuple[set[str], frozenset[str] | None],
    when: tuple[datetime, int],
) -> list[Panel]:
    """Return children who were never funded and met the trigger, in panels of a chunk each.

    Args:
        connection: A reader's.
        tenant: The authority.
        supported: Whose dates they are given.
        among: Who may not be drawn, and who alone may, where a pool was drawn.
        when: As of when, and the seed.
    """
    (barred, pool), (as_of, seed) = among, when
    models = supported.where(supported.triggered & supported.measured).rows
    if not models:
        return []
    everyone = connection.execute(
        select(CHILD.c.id)
        .where(CHILD.c.tenant == tenant, CHILD.c.recorded_at <= as_of)
        .order_by(CHILD.c.number)
    ).scalars()
    candidates = [
        child_id
        for child_id in everyone
        if child_id not in barred and (pool is None or child_id in pool)
    ]
    rng = generator(seed)
    panels = []
    for start in range(0, len(candidates), _CHUNK):
        part = candidates[start : start + _CHUNK]
        report("looking for children like them", 15 + 40 * start // len(candidates))
        roll = roll_of(connection, tenant, part, as_of=as_of)
        read = school_day_windows(connection, tenant, part, roll=roll, as_of=as_of)
        rows, kept = drawn(part, read, (models, roll), rng)
        if rows:
            found = panel_of(rows, read.where(kept))
            panels.append(with_events(connection, tenant, found, roll=roll, as_of=as_of))
    return panels
