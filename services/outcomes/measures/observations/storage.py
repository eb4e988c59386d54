"""The table of observations: a correction points at what it supersedes, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    exists,
    insert,
    select,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.measures.catalogue.domain.values import Informant, Ref
from services.outcomes.measures.observations.domain import Answer, Method, Observation
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

_IN_MAX = 5_000

OBSERVATION = Table(
    "observation",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("child_id", String(36), nullable=False),
    Column("measure_id", String(60), nullable=False),
    Column("measure_version", Integer, nullable=False),
    Column("answer", String(20), nullable=False),
    Column("informant", String(20), nullable=False),
    Column("method", String(20), nullable=False),
    Column("observed_day", Integer, nullable=False),
    Column("value", BigInteger),
    Column("given", BigInteger),
    Column("items_answered", SmallInteger, nullable=False),
    Column("instrument", String(70), nullable=False),
    Column("source", String(64), nullable=False),
    Column("supersedes", String(36)),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Index("observation_child", "tenant", "child_id", "measure_id"),
    Index("observation_measure", "tenant", "measure_id", "observed_day"),
    Index("observation_supersedes", "tenant", "supersedes", unique=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which observations are read; empty fields ask for any.

    Attributes:
        child_ids: Of these children; None for any.
        first, last: Observed on these days or between.
        as_of: As was known then; as is known now when None.
        every: What was superseded or withdrawn too.
    """

    child_ids: frozenset[str] | None = None
    measure_id: str = ""
    informant: Informant | None = None
    first: date | None = None
    last: date | None = None
    as_of: datetime | None = None
    every: bool = False


def add(connection: Connection, tenant: str, new: Sequence[Observation]) -> None:
    """Keep observations."""
    if new:
        connection.execute(insert(OBSERVATION), [_row(tenant, one) for one in new])


def find(connection: Connection, tenant: str, observation_id: str) -> Observation | None:
    """Return one observation, current or not."""
    table = OBSERVATION.c
    query = select(OBSERVATION).where(table.tenant == tenant, table.id == observation_id)
    row = connection.execute(query).first()
    return _observation(row) if row else None


def superseded_by(connection: Connection, tenant: str, observation_id: str) -> str:
    """Return the observation that corrects one; empty when there is none."""
    table = OBSERVATION.c
    query = select(table.id).where(table.tenant == tenant, table.supersedes == observation_id)
    return connection.execute(query).scalar_one_or_none() or ""


def read(connection: Connection, tenant: str, wanted: Wanted) -> Iterator[Observation]:
    """Yield the observations wanted, in the order they were recorded."""
    if wanted.child_ids is None:
        yield from _observations(connection, _query(tenant, wanted))
        return
    ids = sorted(wanted.child_ids)
    for start in range(0, len(ids), _IN_MAX):
        part = one_of(connection, OBSERVATION.c.child_id, ids[start : start + _IN_MAX])
        yield from _observations(connection, _query(tenant, wanted).where(part))


def page(
    connection: Connection,
    tenant: str,
    wanted: Wanted,
    *,
    after: str,
    limit: int,
) -> list[Observation]:
    """Return a page of the observations wanted, after an id in the order they were recorded."""
    query = _query(tenant, wanted).where(OBSERVATION.c.id > after)
    if wanted.child_ids is not None:
        query = query.where(one_of(connection, OBSERVATION.c.child_id, wanted.child_ids))
    return list(_observations(connection, query.limit(limit)))


def _query(tenant: str, wanted: Wanted) -> Select[Any]:
    table, newer = OBSERVATION.c, OBSERVATION.alias("newer")
    query = select(OBSERVATION).where(table.tenant == tenant)
    conditions: Iterable[tuple[object, Any]] = (
        (wanted.measure_id, table.measure_id == wanted.measure_id),
        (wanted.informant, table.informant == (wanted.informant or "")),
        (wanted.first, table.observed_day >= (wanted.first or date.min).toordinal()),
        (wanted.last, table.observed_day <= (wanted.last or date.max).toordinal()),
    )
    query = query.where(*(condition for asked, condition in conditions if asked))
    later: Select[Any] = select(newer.c.id).where(
        newer.c.tenant == table.tenant, newer.c.supersedes == table.id
    )
    if wanted.as_of is not None:
        query = query.where(table.recorded_at <= wanted.as_of)
        later = later.where(newer.c.recorded_at <= wanted.as_of)
    if not wanted.every:
        query = query.where(~exists(later), table.answer != Answer.WITHDRAWN.value)
    return query.order_by(table.id)


def _observations(connection: Connection, query: Select[Any]) -> Iterator[Observation]:
    for row in connection.execute(query):
        yield _observation(row)


def _row(tenant: str, one: Observation) -> Row:
    return {
        "tenant": tenant,
        "id": one.id,
        "child_id": one.child_id,
        "measure_id": one.measure.id,
        "measure_version": one.measure.version,
        "answer": one.answer.value,
        "informant": one.informant.value,
        "method": one.method.value,
        "observed_day": one.observed_on.toordinal(),
        "value": one.value,
        "given": one.given,
        "items_answered": one.items_answered,
        "instrument": str(one.instrument) if one.instrument else "",
        "source": one.source,
        "supersedes": one.supersedes or None,
        "reason": one.reason,
        "recorded_at": one.recorded_at,
        "recorded_by": one.recorded_by,
    }


def _observation(row: Any) -> Observation:
    return Observation(
        id=row.id,
        child_id=row.child_id,
        measure=Ref(row.measure_id, row.measure_version),
        answer=Answer(row.answer),
        informant=Informant(row.informant),
        method=Method(row.method),
        observed_on=date.fromordinal(row.observed_day),
        value=row.value,
        given=row.given,
        items_answered=row.items_answered,
        instrument=Ref.read(row.instrument),
        source=row.source,
        supersedes=row.supersedes or "",
        reason=row.reason,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
