"""Tables of providers' figures and of the decisions about them; both only added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    exists,
    func,
    insert,
    select,
)

from services.chassis.tables import UtcDateTime
from services.outcomes.measures.catalogue.domain.values import Informant, Ref
from services.outcomes.measures.providers.domain import Mapping, ProviderFigure
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

PROVIDER_FIGURE = Table(
    "provider_figure",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("provider", String(60), primary_key=True),
    Column("reference", String(80), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("child_id", String(36), nullable=False),
    Column("code", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("unit", String(60), nullable=False),
    Column("value", String(200), nullable=False),
    Column("observed_day", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Index("provider_figure_child", "tenant", "child_id"),
    Index("provider_figure_day", "tenant", "observed_day"),
)
MEASURE_MAPPING = Table(
    "measure_mapping",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("provider", String(60), primary_key=True),
    Column("code", String(80), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("measure", String(70), nullable=False),
    Column("informant", String(20), nullable=False),
    Column("multiplier", BigInteger, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("decided_by", String(120), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which figures are read; empty fields ask for any.

    Attributes:
        child_ids: Of these children; None for any.
        first, last: Observed on these days or between.
        as_of: The versions known then; those known now when None.
    """

    child_ids: frozenset[str] | None = None
    provider: str = ""
    code: str = ""
    first: date | None = None
    last: date | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One measure of a provider, with how much came of it."""

    provider: str
    code: str
    name: str
    unit: str
    figures: int


def add(connection: Connection, tenant: str, figures: Sequence[ProviderFigure]) -> None:
    """Keep figures as they came."""
    rows = []
    for figure in figures:
        row = asdict(figure)
        row["observed_day"] = row.pop("observed_on").toordinal()
        rows.append({"tenant": tenant, **row})
    if rows:
        connection.execute(insert(PROVIDER_FIGURE), rows)


def known(
    connection: Connection, tenant: str, provider: str, references: Iterable[str]
) -> dict[str, ProviderFigure]:
    """Return the newest version of a provider's records, by reference."""
    query = _newest(tenant, Wanted(provider=provider)).where(
        one_of(connection, PROVIDER_FIGURE.c.reference, sorted(set(references)))
    )
    return {row.reference: _figure(row) for row in connection.execute(query)}


def figures(connection: Connection, tenant: str, wanted: Wanted) -> list[ProviderFigure]:
    """Return the newest version of the figures wanted, by provider and reference."""
    query = _newest(tenant, wanted)
    if wanted.child_ids is not None:
        ids = sorted(wanted.child_ids)
        query = query.where(one_of(connection, PROVIDER_FIGURE.c.child_id, ids))
    table = PROVIDER_FIGURE.c
    ordered = query.order_by(table.provider, table.reference)
    return [_figure(row) for row in connection.execute(ordered)]


def sent(connection: Connection, tenant: str) -> list[Sent]:
    """Return every provider's measures with how much came of each, by provider and code."""
    newest = _newest(tenant, Wanted()).subquery()
    query = (
        select(
            newest.c.provider,
            newest.c.code,
            func.max(newest.c.name),
            func.max(newest.c.unit),
            func.count(),
        )
        .group_by(newest.c.provider, newest.c.code)
        .order_by(newest.c.provider, newest.c.code)
    )
    return [Sent(*row) for row in connection.execute(query)]


def add_mapping(connection: Connection, tenant: str, mapping: Mapping) -> None:
    """Keep a decision."""
    row = asdict(mapping)
    first = row.pop("first")
    row["first_day"] = first.toordinal() if first else 0
    row["measure"] = str(mapping.measure) if mapping.measure else ""
    row["informant"] = mapping.informant.value if mapping.informant else ""
    connection.execute(insert(MEASURE_MAPPING), {"tenant": tenant, **row})


def mappings(
    connection: Connection,
    tenant: str,
    *,
    of: tuple[str, str] | None = None,
    as_of: datetime | None = None,
) -> list[Mapping]:
    """Return every decision, or those on one provider's measure, oldest first."""
    table = MEASURE_MAPPING.c
    query = select(MEASURE_MAPPING).where(table.tenant == tenant)
    if of is not None:
        query = query.where(table.provider == of[0], table.code == of[1])
    if as_of is not None:
        query = query.where(table.decided_at <= as_of)
    ordered = query.order_by(table.provider, table.code, table.version)
    return [_mapping(row) for row in connection.execute(ordered)]


def _newest(tenant: str, wanted: Wanted) -> Select[Any]:
    table, newer = PROVIDER_FIGURE.c, PROVIDER_FIGURE.alias("newer")
    later: Select[Any] = select(newer.c.version).where(
        *(newer.c[name] == table[name] for name in ("tenant", "provider", "reference")),
        newer.c.version > table.version,
    )
    query = select(PROVIDER_FIGURE).where(table.tenant == tenant)
    if wanted.as_of is not None:
        query = query.where(table.recorded_at <= wanted.as_of)
        later = later.where(newer.c.recorded_at <= wanted.as_of)
    conditions: Iterable[tuple[object, Any]] = (
        (wanted.provider, table.provider == wanted.provider),
        (wanted.code, table.code == wanted.code),
        (wanted.first, table.observed_day >= (wanted.first or date.min).toordinal()),
        (wanted.last, table.observed_day <= (wanted.last or date.max).toordinal()),
    )
    asked = (condition for given, condition in conditions if given)
    return query.where(~exists(later), *asked)


def _figure(row: Any) -> ProviderFigure:
    return ProviderFigure(
        provider=row.provider,
        reference=row.reference,
        child_id=row.child_id,
        code=row.code,
        name=row.name,
        unit=row.unit,
        value=row.value,
        observed_on=date.fromordinal(row.observed_day),
        version=row.version,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _mapping(row: Any) -> Mapping:
    return Mapping(
        provider=row.provider,
        code=row.code,
        version=row.version,
        measure=Ref.read(row.measure),
        informant=Informant(row.informant) if row.informant else None,
        multiplier=row.multiplier,
        first=date.fromordinal(row.first_day) if row.first_day else None,
        reason=row.reason,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
