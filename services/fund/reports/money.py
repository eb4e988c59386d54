"""Budget monitoring, and what became of each source's money to the penny."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.fund.domain.csv_cells import pounds
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage.sources import TERMS_IN_FORCE
from services.fund.storage.tables import budgets, pots, source_terms, sources
from services.fund.storage.tables.columns import BUCKETS


def _monitoring(connection: Connection, asked: Asked) -> Iterator[Row]:
    query = (
        select(
            budgets.c.name,
            budgets.c.scope,
            budgets.c.starts_on,
            budgets.c.ends_on,
            sources.c.name.label("source"),
            pots,
        )
        .join(budgets, budgets.c.id == pots.c.budget_id)
        .join(sources, sources.c.id == pots.c.source_id)
        .where(pots.c.tenant == asked.tenant)
        .order_by(budgets.c.starts_on, budgets.c.path, sources.c.name)
    )
    for row in read(connection, query):
        promised = row.allocated - row.available
        percent = 100 * promised // row.allocated if row.allocated else 0
        figures = (pounds(getattr(row, name)) for name in BUCKETS)
        yield (
            *(row.name, row.scope, row.starts_on, row.ends_on, row.source),
            *(pounds(row.allocated), *figures, percent),
        )


def _funder(connection: Connection, asked: Asked) -> Iterator[Row]:
    """Yield where every penny of a source is: the amounts add up to what it banked."""
    query = (
        select(sources, source_terms.c.reporting_label)
        .join(source_terms, TERMS_IN_FORCE)
        .where(sources.c.tenant == asked.tenant)
        .order_by(sources.c.name)
    )
    if asked.source_id:
        query = query.where(sources.c.id == asked.source_id)
    for source in connection.execute(query).all():
        head = (source.name, source.reporting_label, source.funder, source.kind)
        yield (*head, "", "unallocated", pounds(source.unallocated))
        yield (*head, "", "returned", pounds(source.returned))
        inside = (
            select(budgets.c.name, pots)
            .join(budgets, budgets.c.id == pots.c.budget_id)
            .where(pots.c.source_id == source.id)
            .order_by(budgets.c.path)
        )
        for pot in connection.execute(inside):
            for bucket in BUCKETS:
                if getattr(pot, bucket):
                    yield (*head, pot.name, bucket, pounds(getattr(pot, bucket)))


MONITORING = Report(
    "budget_monitoring",
    (
        *("budget", "scope", "starts_on", "ends_on", "source", "allocated"),
        *(*BUCKETS, "promised_percent"),
    ),
    _monitoring,
)
FUNDER = Report(
    "funder",
    ("source", "reporting_label", "funder", "source_kind", "budget", "state", "amount"),
    _funder,
)
