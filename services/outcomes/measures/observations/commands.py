"""Writes of observations: recorded all together or not at all, and corrected by adding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from services.chassis.clock import london_date
from services.chassis.ids import new_id, new_ids
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.child_events.storage import lock_children
from services.outcomes.children import storage as child_storage
from services.outcomes.children.domain import Child
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.measures import (
    MeasureNotFound,
    ObservationExists,
    ObservationNotFound,
    ObservationSuperseded,
)
from services.outcomes.feeds import facts
from services.outcomes.measures.catalogue.queries import Catalogue
from services.outcomes.measures.observations import storage
from services.outcomes.measures.observations.domain import (
    Against,
    Answer,
    Given,
    Observation,
    scored,
)
from services.outcomes.measures.observations.storage import Wanted

BY_RPC = "rpc"
_RECORD = "observation.record"


@dataclass(frozen=True, slots=True)
class Made:
    """When, by whom and by what an observation comes to be kept."""

    at: datetime
    by: str
    source: str = BY_RPC


@dataclass(frozen=True, slots=True)
class Correction:
    """How an observation should read; the child and the measure stay.

    Attributes:
        given: None when it was recorded in error and counts nowhere.
        reason: Why, for whoever compares the two.
    """

    given: Given | None
    reason: str


def record(work: UnitOfWork, given: Sequence[Given], *, batch: bool) -> list[Observation]:
    """Keep observations: every one or none.

    Args:
        work: The unit of work.
        given: One or more.
        batch: Whether refusals name the place of the one that is wrong.

    Raises:
        ChildNotFound: No such child, or an erased one (CHILD_NOT_FOUND).
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
        MeasureNotFound: The authority measures nothing of that name (MEASURE_NOT_FOUND).
        ObservationInvalid: The field says what does not fit (OBSERVATION_INVALID).
        ObservationExists: The child has an answer of that day already (OBSERVATION_EXISTS).
    """
    known = known_children(work, {one.child_id for one in given})
    catalogue = Catalogue(work.connection, work.tenant)
    today, made = london_date(work.at), list[Observation]()
    kept = Made(work.at, work.caller.subject)
    for place, one in enumerate(given):
        field = f"observations[{place}]" if batch else "observation"
        child = known.get(one.child_id)
        if child is None:
            raise ChildNotFound(one.child_id, field=f"{field}.child_id")
        access.require_any_school(work.caller, _RECORD, child.urns())
        against = held_against(catalogue, one, today, field=field)
        made.append(made_of(one, against, kept, field=field))
    _refuse_twice(work, made, batch=batch)
    new = numbered(made)
    storage.add(work.connection, work.tenant, new)
    return new


def correct(work: UnitOfWork, observation_id: str, correction: Correction) -> Observation:
    """Supersede an observation and return the new one.

    Raises:
        ObservationNotFound: No such observation (OBSERVATION_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
        ObservationSuperseded: A correction is there already (OBSERVATION_SUPERSEDED).
        ObservationInvalid: The field says what does not fit (OBSERVATION_INVALID).
        ObservationExists: The child has an answer of that day already (OBSERVATION_EXISTS).
    """
    before = storage.find(work.connection, work.tenant, observation_id)
    known = known_children(work, {before.child_id} if before else ())
    if before is None or before.child_id not in known:
        raise ObservationNotFound(observation_id)
    access.require_any_school(work.caller, "observation.correct", known[before.child_id].urns())
    newer = storage.superseded_by(work.connection, work.tenant, observation_id)
    if newer:
        raise ObservationSuperseded(
            f"it was corrected by {newer}; correct that one",
            field="observation_id",
            observation_id=observation_id,
            superseded_by=newer,
        )
    made = _corrected(work, before, correction)
    if made.answer is not Answer.WITHDRAWN and made.key != before.key:
        _refuse_twice(work, [made], batch=False)
    storage.add(work.connection, work.tenant, [made])
    return made


def _corrected(work: UnitOfWork, before: Observation, correction: Correction) -> Observation:
    given, kept = correction.given, Made(work.at, work.caller.subject)
    if given is None:
        made = replace(before, answer=Answer.WITHDRAWN, value=None, given=None, items_answered=0)
    else:
        given = replace(given, child_id=before.child_id, measure=str(before.measure))
        catalogue = Catalogue(work.connection, work.tenant)
        against = held_against(catalogue, given, london_date(work.at), field="observation")
        made = made_of(given, against, kept, field="observation")
    return replace(
        made,
        id=new_id(),
        supersedes=before.id,
        reason=correction.reason,
        source=kept.source,
        recorded_at=kept.at,
        recorded_by=kept.by,
    )


def known_children(work: UnitOfWork, ids: Iterable[str]) -> dict[str, Child]:
    """Return children by id, held until the commit; unknown and erased ones are left out.

    Two replicas then write to a child in turn, and neither misses what the other has written.
    """
    gone = facts.erased(work.connection, work.tenant)
    wanted = [each for each in ids if each not in gone]
    numbers = child_storage.by_id(work.connection, work.tenant, wanted)
    lock_children(work.connection, work.tenant, numbers.values())
    known = child_storage.children(work.connection, work.tenant, numbers.values())
    return {child.id: child for child in known.values()}


def held_against(catalogue: Catalogue, given: Given, today: date, *, field: str) -> Against:
    """Return what an answer is held against.

    Raises:
        MeasureNotFound: The authority measures nothing of that name (MEASURE_NOT_FOUND).
    """
    measure = catalogue.named(given.measure, given.observed_on)
    if measure is None:
        raise MeasureNotFound(given.measure, field=f"{field}.measure")
    return Against(measure, catalogue.instrument_of(measure), catalogue.scale_of(measure), today)


def made_of(given: Given, against: Against, made: Made, *, field: str) -> Observation:
    """Return the observation that an answer is, without an id.

    Raises:
        ObservationInvalid: The field says what does not fit (OBSERVATION_INVALID).
    """
    value = scored(given, against, field=field)
    return Observation(
        id="",
        child_id=given.child_id,
        measure=against.measure.ref,
        answer=given.answer,
        informant=given.informant,
        method=given.method,
        observed_on=given.observed_on,
        value=value,
        given=given.value if given.value != value else None,
        items_answered=given.items_answered,
        instrument=against.measure.instrument,
        source=made.source,
        supersedes="",
        reason="",
        recorded_at=made.at,
        recorded_by=made.by,
    )


def numbered(made: Sequence[Observation]) -> list[Observation]:
    """Return observations with ids that follow their order."""
    return [
        replace(one, id=each) for one, each in zip(made, sorted(new_ids(len(made))), strict=True)
    ]


def known_answers(
    connection: Connection, tenant: str, made: Iterable[Observation]
) -> dict[tuple[object, ...], Observation]:
    """Return the current observations of the same children by what there is one of."""
    wanted = Wanted(child_ids=frozenset(one.child_id for one in made))
    return {one.key: one for one in storage.read(connection, tenant, wanted)}


def _refuse_twice(work: UnitOfWork, made: Sequence[Observation], *, batch: bool) -> None:
    known = known_answers(work.connection, work.tenant, made)
    for place, one in enumerate(made):
        before = known.get(one.key)
        if before is not None:
            where = f"observations[{place}]" if batch else "observation"
            raise ObservationExists(
                f"{one.informant.value} has answered {one.measure.id} of {one.observed_on}: "
                "correct that one",
                field=where,
                observation_id=before.id,
            )
        known[one.key] = one
