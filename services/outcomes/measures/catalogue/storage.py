"""The table of an authority's own versions; what comes with the product is in code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Integer, String, Table, Text, insert, select

from services.chassis.tables import UtcDateTime
from services.outcomes.measures.catalogue import shipped
from services.outcomes.measures.catalogue.domain.entries import (
    Domain,
    Framework,
    Instrument,
    Measure,
)
from services.outcomes.measures.catalogue.domain.values import (
    Direction,
    Formula,
    Informant,
    Ref,
    Scale,
    Scoring,
    Unit,
)
from services.outcomes.storage.metadata import metadata

Json = dict[str, Any]
Entry = Measure | Instrument | Framework
T = TypeVar("T", Measure, Instrument, Framework)

CATALOGUE_VERSION = Table(
    "catalogue_version",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A version, and who made it when; nobody and None for what comes with the product."""

    entry: T
    created_by: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One of the three things that a catalogue holds."""

    name: str
    shipped: tuple[T, ...]
    read: Callable[[Json], T]


def _measure(held: Json) -> Measure:
    return Measure(
        **{
            **_dated(held),
            "unit": Unit(held["unit"]),
            "direction": Direction(held["direction"]),
            "formula": Formula(held["formula"]) if held["formula"] else None,
            "informants": tuple(Informant(each) for each in held["informants"]),
            "instrument": Ref(**held["instrument"]) if held["instrument"] else None,
            "scale": Scale(**held["scale"]) if held["scale"] else None,
        }
    )


def _instrument(held: Json) -> Instrument:
    return Instrument(
        **{
            **_dated(held),
            "scale": Scale(**held["scale"]),
            "scoring": Scoring(held["scoring"]),
            "informants": tuple(Informant(each) for each in held["informants"]),
        }
    )


def _framework(held: Json) -> Framework:
    domains = tuple(
        Domain(**{**each, "measures": tuple(Ref(**ref) for ref in each["measures"])})
        for each in held["domains"]
    )
    return Framework(**{**_dated(held), "domains": domains})


def _dated(held: Json) -> Json:
    days = {name: held[name] for name in ("valid_from", "valid_to")}
    return {
        **held,
        **{name: date.fromisoformat(day) if day else None for name, day in days.items()},
    }


MEASURES = Kind("measure", shipped.MEASURES, _measure)
INSTRUMENTS = Kind("instrument", shipped.INSTRUMENTS, _instrument)
FRAMEWORKS = Kind("framework", shipped.FRAMEWORKS, _framework)


def body_of(entry: Entry) -> str:
    """Return an entry as canonical JSON."""
    return json.dumps(
        asdict(entry), sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False
    )


def add(connection: Connection, kind: Kind[T], tenant: str, kept: Kept[T]) -> None:
    """Keep a version for ever."""
    entry = kept.entry
    connection.execute(
        insert(CATALOGUE_VERSION),
        {
            "tenant": tenant,
            "kind": kind.name,
            "id": entry.id,
            "version": entry.version,
            "body": body_of(entry),
            "created_at": kept.created_at,
            "created_by": kept.created_by,
        },
    )


def versions(
    connection: Connection, kind: Kind[T], tenant: str, entry_id: str = ""
) -> list[Kept[T]]:
    """Return every version of an id, or of all, in order; a catalogue is small."""
    table = CATALOGUE_VERSION.c
    query = select(CATALOGUE_VERSION).where(table.tenant == tenant, table.kind == kind.name)
    if entry_id:
        query = query.where(table.id == entry_id)
    known = [Kept(each) for each in kind.shipped if entry_id in {"", each.id}]
    known += [
        Kept(kind.read(json.loads(row.body)), row.created_by, row.created_at)
        for row in connection.execute(query)
    ]
    return sorted(known, key=lambda kept: (kept.entry.id, kept.entry.version))
