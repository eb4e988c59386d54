"""Writes of providers' figures, and of the decisions about what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.access import ACTIONS
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.measures import (
    MappingInvalid,
    ObservationInvalid,
    ProviderMeasureNotFound,
    VersionStale,
)
from services.outcomes.measures.catalogue.domain.values import MICRO, Informant, Ref
from services.outcomes.measures.catalogue.queries import Catalogue
from services.outcomes.measures.observations.commands import known_children
from services.outcomes.measures.providers import storage
from services.outcomes.measures.providers.domain import Mapping, ProviderFigure
from services.outcomes.measures.providers.storage import Wanted
from services.outcomes.storage.named_locks import hold


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did.

    Attributes:
        new: Records that were not known.
        changed: Records of which a new version is kept beside the old one.
        unchanged: Records that were known just so.
    """

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides about a provider's measure.

    Attributes:
        measure: None says that it is none of the catalogue's.
        expected: The newest decision that the person has seen; 0 for none.
    """

    measure: Ref | None
    informant: Informant | None
    reason: str
    multiplier: int = MICRO
    first: date | None = None
    expected: int = 0


def record(work: UnitOfWork, given: Sequence[ProviderFigure]) -> Recorded:
    """Keep a provider's figures as they came: every one or none.

    Raises:
        ChildNotFound: No such child, or an erased one (CHILD_NOT_FOUND).
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
        ObservationInvalid: A day has not come, or a reference stands twice.
    """
    hold(work.connection, work.tenant, f"provider|{given[0].provider}")
    known = known_children(work, {one.child_id for one in given})
    seen = set[str]()
    for place, one in enumerate(given):
        field = f"figures[{place}]"
        child = known.get(one.child_id)
        if child is None:
            raise ChildNotFound(one.child_id, field=f"{field}.child_id")
        access.require_any_school(work.caller, "observation.import", child.urns())
        if one.observed_on > london_date(work.at):
            raise ObservationInvalid("it has not come yet", field=f"{field}.observed_date")
        if one.reference in seen:
            raise ObservationInvalid("it stands twice", field=f"{field}.reference")
        seen.add(one.reference)
    before = storage.known(work.connection, work.tenant, given[0].provider, seen)
    new = [one for one in given if one.reference not in before]
    changed = [
        replace(one, version=before[one.reference].version + 1)
        for one in given
        if one.reference in before and before[one.reference].said != one.said
    ]
    kept = [
        replace(one, recorded_at=work.at, recorded_by=work.caller.subject)
        for one in (*new, *changed)
    ]
    storage.add(work.connection, work.tenant, kept)
    return Recorded(len(new), len(changed), len(given) - len(kept))


def decide(work: UnitOfWork, provider: str, code: str, decision: Decision) -> Mapping:
    """Keep what a person decided about a provider's measure; no figure is touched.

    Raises:
        PermissionDenied: The caller may not map measures (ACTION_NOT_ALLOWED).
        ProviderMeasureNotFound: The provider has sent none of that code.
        MeasureNotFound: The authority has no such measure (MEASURE_NOT_FOUND).
        MappingInvalid: It is computed, or not asked of that informant (MAPPING_INVALID).
        VersionStale: Somebody decided first (VERSION_STALE).
    """
    require(ACTIONS, work.caller, "measure.map", Resource(work.tenant))
    hold(work.connection, work.tenant, f"provider|{provider}")
    if not storage.figures(work.connection, work.tenant, Wanted(provider=provider, code=code)):
        raise ProviderMeasureNotFound(provider, code)
    if decision.measure is not None:
        _check(Catalogue(work.connection, work.tenant), decision, decision.measure)
    before = storage.mappings(work.connection, work.tenant, of=(provider, code))
    newest = before[-1].version if before else 0
    if newest != decision.expected:
        raise VersionStale(
            f"the newest decision is {newest}, not {decision.expected}",
            field="expected_version",
            expected_version=decision.expected,
            version=newest,
        )
    mapping = Mapping(
        provider=provider,
        code=code,
        version=newest + 1,
        measure=decision.measure,
        informant=decision.informant if decision.measure else None,
        multiplier=decision.multiplier,
        first=decision.first,
        reason=decision.reason,
        decided_at=work.at,
        decided_by=work.caller.subject,
    )
    storage.add_mapping(work.connection, work.tenant, mapping)
    return mapping


def _check(catalogue: Catalogue, decision: Decision, ref: Ref) -> None:
    measure = catalogue.measure(ref)
    if measure.formula is not None:
        raise MappingInvalid(
            f"{ref} is computed from registers and events", field="measure", measure=str(ref)
        )
    if decision.informant not in measure.informants:
        raise MappingInvalid(
            f"say who was asked: {', '.join(measure.informants)}",
            field="informant",
            measure=str(ref),
        )
