"""One measure over many children and a span of days: who answered what, and the figure if any.

Non-answers are counted by what they are and stand in no mean. Figures of providers count where
they are mapped; the rest are left out and counted. Of fewer than ten children there is no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from services.outcomes.child_events.measures import columns_of, span_of
from services.outcomes.children.domain import Child
from services.outcomes.cohorts import queries as cohorts
from services.outcomes.cohorts.population import Moment, population_of
from services.outcomes.disclosure.rules import Rules
from services.outcomes.errors.measures import ObservationInvalid
from services.outcomes.measures.builtin import Occurrences, value_of
from services.outcomes.measures.catalogue.domain.entries import Measure
from services.outcomes.measures.catalogue.domain.values import (
    MICRO,
    Formula,
    Informant,
    Scale,
    Unit,
)
from services.outcomes.measures.observations import storage as observations
from services.outcomes.measures.observations.domain import Answer
from services.outcomes.measures.periods import counts_between
from services.outcomes.measures.providers import storage as providers
from services.outcomes.measures.providers.domain import mapped_value, newest
from services.outcomes.measures.rates import Attendance
from services.outcomes.reference import queries as reference

FEWEST = Rules().group


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is summed up.

    Attributes:
        measure: The version.
        scale: Of what is recorded; None for what is computed.
        informant: Whose answers; None where the measure asks one alone, or is computed.
        cohort_id: Only its members; every child on a roll when empty.
    """

    measure: Measure
    scale: Scale | None
    informant: Informant | None
    first: date
    last: date
    as_of: datetime
    cohort_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is known of a measure.

    Attributes:
        children: Asked of, or on roll where the measure is computed.
        measured: With a value.
        answers: Children by what came of asking, where there is no value.
        insufficient: Children with too few possible sessions to say.
        figure: Mean of scores, share of yes, rate over all sessions, or sum; None when withheld.
        mapped: Children whose value came from a provider.
        unmapped: Figures of providers in the span that are in no comparison.
        unreadable: Mapped figures that are no answer on the scale.
        other_versions: Observations of other versions of the measure, which are not compared.
    """

    children: int
    measured: int
    answers: dict[Answer, int]
    insufficient: int = 0
    figure: float | None = None
    mapped: int = 0
    unmapped: int = 0
    unreadable: int = 0
    other_versions: int = 0


def summary_of(connection: Connection, tenant: str, asked: Asked) -> Summary:
    """Return what is known of a measure in a span.

    Raises:
        CohortNotFound: No cohort was frozen under that id (COHORT_NOT_FOUND).
        ObservationInvalid: The measure asks several informants and none is named.
    """
    moment = Moment(on=asked.last, as_of=asked.as_of, off_roll=True)
    population = population_of(connection, tenant, moment)
    inside = None
    if asked.cohort_id:
        inside = cohorts.members_at(connection, tenant, asked.cohort_id, as_of=asked.as_of)
    children = [each for each in population.children if inside is None or each.id in inside]
    if asked.scale is None:
        on_roll = [each for each in children if _on_roll(each, asked)]
        return _computed(connection, tenant, asked, on_roll)
    ids = {each.id for each in children}
    return _recorded(connection, tenant, asked, scale=asked.scale, ids=ids)


def _on_roll(child: Child, asked: Asked) -> bool:
    """Return whether a child counts: on a roll in the span, or off it where that is measured."""
    gone = asked.measure.formula is Formula.OFF_ROLL_SESSIONS
    return any(
        one.first <= asked.last and (gone or one.last is None or one.last >= asked.first)
        for one in child.enrolments
    )


def _computed(
    connection: Connection, tenant: str, asked: Asked, children: Sequence[Child]
) -> Summary:
    span = (asked.first.toordinal(), asked.last.toordinal())
    urns = sorted({urn for child in children for urn in child.urns()})
    read = counts_between(connection, tenant, dict.fromkeys(urns, span), as_of=asked.as_of)
    numbers = np.array([child.number for child in children], np.int64)
    attendance = [Attendance.of(row) for row in read.of(numbers)]
    happened = _occurrences(connection, tenant, asked, children)
    values = [
        value_of(asked.measure, held, event)
        for held, event in zip(attendance, happened, strict=True)
    ]
    kept = [
        (value, held.possible)
        for value, held in zip(values, attendance, strict=True)
        if value is not None
    ]
    return Summary(
        children=len(children),
        measured=len(kept),
        answers={},
        insufficient=len(children) - len(kept),
        figure=_figure(asked.measure.unit, kept) if len(kept) >= FEWEST else None,
    )


def _figure(unit: Unit, kept: Iterable[tuple[float, int]]) -> float:
    values = np.array(list(kept), np.float64)
    if unit is Unit.RATIO:
        return float((values[:, 0] * values[:, 1]).sum() / values[:, 1].sum())
    total = float(values[:, 0].sum())
    return total / len(values) if unit in {Unit.YES_NO, Unit.SCORE} else total


def _occurrences(
    connection: Connection, tenant: str, asked: Asked, children: Sequence[Child]
) -> list[Occurrences]:
    numbers = [child.number for child in children]
    columns = columns_of(connection, tenant, numbers, as_of=asked.as_of)
    urns = {urn for child in children for urn in child.urns()}
    calendars = reference.calendars(connection, tenant, urns, as_of=asked.as_of)
    span = span_of(columns, children, calendars, first=asked.first, last=asked.last)
    return [
        Occurrences(
            suspension_spells=int(spells),
            suspension_sessions=int(sessions),
            permanent_exclusions=int(excluded),
            off_roll_sessions=int(away),
        )
        for spells, sessions, excluded, away in zip(
            span.spells, span.sessions, span.excluded, span.off_roll, strict=True
        )
    ]


def _recorded(
    connection: Connection, tenant: str, asked: Asked, *, scale: Scale, ids: set[str]
) -> Summary:
    informant = _informant(asked)
    wanted = observations.Wanted(
        measure_id=asked.measure.id,
        informant=informant,
        first=asked.first,
        last=asked.last,
        as_of=asked.as_of,
    )
    held = [one for one in observations.read(connection, tenant, wanted) if one.child_id in ids]
    ours = [one for one in held if one.measure == asked.measure.ref]
    said = {
        one.child_id: (one.observed_on, one.answer, one.value)
        for one in sorted(ours, key=lambda one: (one.observed_on, one.id))
    }
    mapped = 0
    theirs = _from_providers(connection, tenant, asked, scale=scale, ids=ids)
    for child_id, (day, value) in theirs.values.items():
        before = said.get(child_id)
        if before is None or before[0] < day or before[1] is not Answer.VALUE:
            said[child_id] = (day, Answer.VALUE, value)
            mapped += 1
    values = [(value / MICRO, 1) for _, _, value in said.values() if value is not None]
    return Summary(
        children=len(said),
        measured=len(values),
        answers=dict(Counter(answer for _, answer, value in said.values() if value is None)),
        figure=_figure(asked.measure.unit, values) if len(values) >= FEWEST else None,
        mapped=mapped,
        unmapped=theirs.unmapped,
        unreadable=theirs.unreadable,
        other_versions=len(held) - len(ours),
    )


def _informant(asked: Asked) -> Informant:
    """Return whose answers are summed: what a parent says is never added to what a child says."""
    informants = asked.measure.informants
    if asked.informant in informants:
        return informants[informants.index(asked.informant)]
    if asked.informant is None and len(informants) == 1:
        return informants[0]
    raise ObservationInvalid(
        f"{asked.measure.ref} asks {', '.join(informants)}: say which", field="informant"
    )


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What providers say, by child: the latest day and value; and what is left out."""

    values: dict[str, tuple[date, int]]
    unmapped: int
    unreadable: int


def _from_providers(
    connection: Connection, tenant: str, asked: Asked, *, scale: Scale, ids: set[str]
) -> _Theirs:
    decided = newest(providers.mappings(connection, tenant, as_of=asked.as_of))
    wanted = providers.Wanted(first=asked.first, last=asked.last, as_of=asked.as_of)
    figures = [one for one in providers.figures(connection, tenant, wanted) if one.child_id in ids]
    values: dict[str, tuple[date, int]] = {}
    unmapped = unreadable = 0
    informant = _informant(asked)
    for figure in sorted(figures, key=lambda one: (one.observed_on, one.reference)):
        mapping = decided.get((figure.provider, figure.code))
        if mapping is None or not mapping.covers(figure):
            unmapped += 1
            continue
        if (mapping.measure, mapping.informant) != (asked.measure.ref, informant):
            continue
        value = mapped_value(figure, mapping, scale)
        if value is None:
            unreadable += 1
        else:
            values[figure.child_id] = (figure.observed_on, value)
    return _Theirs(values, unmapped, unreadable)
