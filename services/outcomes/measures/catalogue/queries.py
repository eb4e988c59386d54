"""Reads of the catalogue, for rpcs and for the rest of this service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from services.chassis.errors import NotFound
from services.outcomes.errors.measures import (
    FrameworkNotFound,
    InstrumentNotFound,
    MeasureNotFound,
)
from services.outcomes.measures.catalogue import storage
from services.outcomes.measures.catalogue.domain.entries import Instrument, Measure, in_force
from services.outcomes.measures.catalogue.domain.values import Ref, Scale
from services.outcomes.measures.catalogue.storage import Kept, Kind, T

_MISSING: dict[str, Callable[[str], NotFound]] = {
    "measure": MeasureNotFound,
    "instrument": InstrumentNotFound,
    "framework": FrameworkNotFound,
}


def find(
    connection: Connection, kind: Kind[T], tenant: str, entry_id: str, *, version: int = 0
) -> Kept[T]:
    """Return one version, or the newest when it is 0.

    Raises:
        MeasureNotFound, InstrumentNotFound, FrameworkNotFound: There is none in the authority.
    """
    found = storage.versions(connection, kind, tenant, entry_id)
    for kept in reversed(found):
        if version in {0, kept.entry.version}:
            return kept
    raise _MISSING[kind.name](f"{entry_id}@{version}" if version else entry_id)


def page(
    connection: Connection, kind: Kind[T], tenant: str, *, entry_id: str, on: date | None
) -> list[Kept[T]]:
    """Return every version of an id, or else the newest of each id that is in force on a day."""
    found = storage.versions(connection, kind, tenant, entry_id)
    if on is not None:
        found = [kept for kept in found if in_force(kept.entry, on)]
    if entry_id:
        return found
    newest = {kept.entry.id: kept for kept in found}
    return [newest[each] for each in sorted(newest)]


class Catalogue:
    """An authority's measures and instruments, read once for many look-ups.

    Args:
        connection: A reader's or a writer's.
        tenant: The authority.
    """

    def __init__(self, connection: Connection, tenant: str) -> None:
        measures = storage.versions(connection, storage.MEASURES, tenant)
        instruments = storage.versions(connection, storage.INSTRUMENTS, tenant)
        self.measures: dict[Ref, Measure] = {kept.entry.ref: kept.entry for kept in measures}
        self.instruments: dict[Ref, Instrument] = {
            Ref(kept.entry.id, kept.entry.version): kept.entry for kept in instruments
        }

    def measure(self, ref: Ref, *, field: str = "measure") -> Measure:
        """Return a version of a measure.

        Raises:
            MeasureNotFound: The authority has none (MEASURE_NOT_FOUND).
        """
        found = self.measures.get(ref)
        if found is None:
            raise MeasureNotFound(str(ref), field=field)
        return found

    def named(self, text: str, on: date) -> Measure | None:
        """Return what `id@version` names, or by `id` alone the newest in force on a day."""
        ref = Ref.read(text)
        if ref is not None:
            return self.measures.get(ref)
        held = [each for each in self.measures.values() if each.id == text and in_force(each, on)]
        return max(held, key=lambda each: each.version, default=None)

    def instrument_of(self, measure: Measure) -> Instrument | None:
        """Return what a measure is recorded with; None for a scale of its own."""
        return self.instruments[measure.instrument] if measure.instrument else None

    def scale_of(self, measure: Measure) -> Scale | None:
        """Return the answers of a measure; None for a computed one."""
        instrument = self.instrument_of(measure)
        return instrument.scale if instrument else measure.scale
