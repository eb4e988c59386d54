"""Tables of pools and of the children in them; both only added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    insert,
    select,
)

from services.chassis.tables import UtcDateTime
from services.outcomes.cohorts.domain.rule import Rule, read, text_of
from services.outcomes.cohorts.population import Moment
from services.outcomes.errors.cohorts import PoolNotFound
from services.outcomes.storage.metadata import metadata

COMPARISON_POOL = Table(
    "comparison_pool",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("cohort_id", String(36), nullable=False),
    Column("body", Text, nullable=False),
    Column("off_roll", SmallInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("candidates", Integer, nullable=False),
    Column("candidates_sha256", String(64), nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("drawn_by", String(120), nullable=False),
    Index("comparison_pool_cohort", "tenant", "cohort_id", "id"),
)
POOL_CHILD = Table(
    "comparison_pool_child",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("pool_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("child_id", String(36), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a draw depends on, beside the facts as of its moment.

    Attributes:
        rule: Whom it may draw; members of the cohort and funded children never.
        size: How many; fewer where there are fewer.
        seed: 1 to 2^53.
    """

    cohort_id: str
    rule: Rule
    size: int
    seed: int
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool as it is kept."""

    id: str
    terms: Terms
    candidates: int
    candidates_sha256: str
    drawn: int
    drawn_at: datetime
    drawn_by: str


def add(connection: Connection, tenant: str, pool: Pool, child_ids: Sequence[str]) -> None:
    """Keep a pool and its children."""
    terms = pool.terms
    row = asdict(pool)
    del row["terms"]
    row |= {
        "tenant": tenant,
        "cohort_id": terms.cohort_id,
        "body": text_of(terms.rule),
        "off_roll": int(terms.moment.off_roll),
        "size": terms.size,
        "seed": terms.seed,
        "on_day": terms.moment.on.toordinal(),
        "as_of": terms.moment.as_of,
    }
    connection.execute(insert(COMPARISON_POOL), row)
    rows = [
        {"tenant": tenant, "pool_id": pool.id, "number": number, "child_id": child_id}
        for number, child_id in enumerate(child_ids, start=1)
    ]
    if rows:
        connection.execute(insert(POOL_CHILD), rows)


def find(connection: Connection, tenant: str, cohort_id: str, pool_id: str) -> Pool:
    """Return a pool of a cohort.

    Raises:
        PoolNotFound: No such pool of the cohort (COMPARISON_POOL_NOT_FOUND).
    """
    table = COMPARISON_POOL.c
    query = select(COMPARISON_POOL).where(
        table.tenant == tenant, table.id == pool_id, table.cohort_id == cohort_id
    )
    row = connection.execute(query).first()
    if row is None:
        raise PoolNotFound(pool_id)
    return _pool(row)


def of_cohort(
    connection: Connection,
    tenant: str,
    cohort_id: str,
    *,
    as_of: datetime | None = None,
) -> list[Pool]:
    """Return the pools of a cohort that were drawn by a moment, oldest first; there are few."""
    table = COMPARISON_POOL.c
    query = select(COMPARISON_POOL).where(table.tenant == tenant, table.cohort_id == cohort_id)
    if as_of is not None:
        query = query.where(table.drawn_at <= as_of)
    return [_pool(row) for row in connection.execute(query.order_by(table.id))]


def child_ids(connection: Connection, tenant: str, pool_id: str) -> list[str]:
    """Return the children of a pool in the order they were drawn."""
    table = POOL_CHILD.c
    query = select(table.child_id).where(table.tenant == tenant, table.pool_id == pool_id)
    return list(connection.execute(query.order_by(table.number)).scalars())


def newest_pool(
    connection: Connection, tenant: str, cohort_id: str, *, as_of: datetime
) -> frozenset[str] | None:
    """Return the children of the pool drawn last by a moment; None when there was none."""
    held = of_cohort(connection, tenant, cohort_id, as_of=as_of)
    return frozenset(child_ids(connection, tenant, held[-1].id)) if held else None


def _pool(row: Any) -> Pool:
    rule = read(row.body)
    if rule is None:
        raise ValueError("a pool has a rule")
    moment = Moment(on=date.fromordinal(row.on_day), as_of=row.as_of, off_roll=bool(row.off_roll))
    return Pool(
        id=row.id,
        terms=Terms(
            cohort_id=row.cohort_id, rule=rule, size=row.size, seed=row.seed, moment=moment
        ),
        candidates=row.candidates,
        candidates_sha256=row.candidates_sha256,
        drawn=row.drawn,
        drawn_at=row.drawn_at,
        drawn_by=row.drawn_by,
    )
