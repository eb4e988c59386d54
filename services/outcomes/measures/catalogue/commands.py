"""Writes of the catalogue: a version is made, and from then on it is only ever read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from services.chassis.auth import Resource, require
from services.chassis.errors import AlreadyExists
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.access import ACTIONS
from services.outcomes.errors.measures import (
    FrameworkExists,
    FrameworkInvalid,
    InstrumentExists,
    MeasureExists,
    MeasureInvalid,
    VersionStale,
)
from services.outcomes.measures.builtin import DEFINITIONS
from services.outcomes.measures.catalogue import queries, storage
from services.outcomes.measures.catalogue.domain.entries import Framework, Instrument, Measure
from services.outcomes.measures.catalogue.domain.values import Ref
from services.outcomes.measures.catalogue.queries import Catalogue
from services.outcomes.measures.catalogue.storage import Kept, Kind, T
from services.outcomes.storage.named_locks import hold

_EXISTS: dict[str, Callable[..., AlreadyExists]] = {
    "measure": MeasureExists,
    "instrument": InstrumentExists,
    "framework": FrameworkExists,
}


def create(work: UnitOfWork, kind: Kind[T], entry: T) -> Kept[T]:
    """Keep version 1 of a new id.

    Raises:
        PermissionDenied: The caller may not edit the catalogue (ACTION_NOT_ALLOWED).
        MeasureInvalid, InstrumentInvalid, FrameworkInvalid: It cannot be.
        MeasureExists, InstrumentExists, FrameworkExists: There is one of that id.
    """
    _check(work, entry)
    hold(work.connection, work.tenant, f"catalogue|{kind.name}")
    if storage.versions(work.connection, kind, work.tenant, entry.id):
        raise _EXISTS[kind.name](
            f"there is a {kind.name} {entry.id}; make a version of it",
            field=f"{kind.name}.id",
            **{f"{kind.name}_id": entry.id},
        )
    return _keep(work, kind, replace(entry, version=1))


def make_version(work: UnitOfWork, kind: Kind[T], entry: T, *, expected: int) -> Kept[T]:
    """Keep the next version of a known id; the versions before it stay as they are.

    Args:
        work: The unit of work.
        kind: Which.
        entry: The whole of it; its own version number is not looked at.
        expected: The newest version that the caller has seen.

    Raises:
        PermissionDenied: The caller may not edit the catalogue (ACTION_NOT_ALLOWED).
        MeasureNotFound, InstrumentNotFound, FrameworkNotFound: There is no such id.
        MeasureInvalid, InstrumentInvalid, FrameworkInvalid: It cannot be.
        VersionStale: Somebody made a version first (VERSION_STALE).
    """
    _check(work, entry)
    hold(work.connection, work.tenant, f"catalogue|{kind.name}")
    newest = queries.find(work.connection, kind, work.tenant, entry.id).entry
    if newest.version != expected:
        raise VersionStale(
            f"the newest version is {newest.version}, not {expected}",
            field="expected_version",
            expected_version=expected,
            version=newest.version,
        )
    if isinstance(newest, Measure) and isinstance(entry, Measure):
        _same_kind(newest, entry)
    return _keep(work, kind, replace(entry, version=newest.version + 1))


def _keep(work: UnitOfWork, kind: Kind[T], entry: T) -> Kept[T]:
    kept = Kept(entry, work.caller.subject, work.at)
    storage.add(work.connection, kind, work.tenant, kept)
    return kept


def _check(work: UnitOfWork, entry: Measure | Instrument | Framework) -> None:
    require(ACTIONS, work.caller, "catalogue.edit", Resource(work.tenant))
    entry.check()
    if isinstance(entry, Framework):
        _check_framework(work.connection, work.tenant, entry)
    elif isinstance(entry, Measure):
        _check_measure(work.connection, work.tenant, entry)


def _check_framework(connection: Connection, tenant: str, framework: Framework) -> None:
    known = Catalogue(connection, tenant).measures
    for place, domain in enumerate(framework.domains):
        missing = next((ref for ref in domain.measures if ref not in known), None)
        if missing is not None:
            raise FrameworkInvalid(
                f"there is no measure {missing}",
                field=f"framework.domains[{place}].measures",
                measure=str(missing),
            )


def _check_measure(connection: Connection, tenant: str, measure: Measure) -> None:
    if measure.formula is not None:
        built = DEFINITIONS[measure.formula]
        if (measure.unit, measure.direction) != built:
            raise MeasureInvalid(
                f"{measure.formula.value} is a {built[0].value}, better {built[1].value}",
                field="measure.unit",
                formula=measure.formula.value,
            )
    if measure.instrument is not None:
        _check_instrument(connection, tenant, measure, measure.instrument)


def _check_instrument(connection: Connection, tenant: str, measure: Measure, ref: Ref) -> None:
    found = queries.find(connection, storage.INSTRUMENTS, tenant, ref.id, version=ref.version).entry
    strangers = set(measure.informants) - set(found.informants)
    if strangers:
        raise MeasureInvalid(
            f"{ref} is not made for {', '.join(sorted(strangers))}",
            field="measure.informants",
            instrument=str(ref),
        )


def _same_kind(before: Measure, after: Measure) -> None:
    if before.formula is not after.formula:
        raise MeasureInvalid(
            "a version is computed as the versions before it are; another formula is another "
            "measure",
            field="measure.formula",
            measure=str(before.ref),
        )
