"""What Prometheus is told of money and requests; every label is a closed set.

Counters count what this process committed, so the sum over replicas is the total. Gauges are
read from the database by every replica alike, so one of them, or the maximum, is the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Connection, event, func, select

from services.chassis.database import Database
from services.chassis.database.together import Asked, Result, Step
from services.chassis.service import Job
from services.chassis.tables import Row
from services.chassis.telemetry import REGISTRY, trace_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.purchase import Action, Purchase, State
from services.fund.storage.tables import budgets, pots, purchases

_HOUR = 3600
_YEAR = ["authority", "year_kind", "year"]
_GAUGES = {
    name: Gauge(f"lrf_fund_{name}_gbp", text, _YEAR, registry=REGISTRY)
    for name, text in {
        "allocated": "Pounds put into the budgets of a year.",
        "remaining": "Pounds that can still be promised.",
        "reserved": "Pounds held for requests that are not decided yet.",
        "committed": "Pounds approved or received, and not charged yet.",
        "spend": "Pounds charged to funders.",
    }.items()
}
_REQUESTS = Counter(
    "lrf_requests", "Steps of requests by outcome.", ["authority", "outcome"], registry=REGISTRY
)
_OPEN = Gauge(
    "lrf_requests_open",
    "Requests that are not finished, by stage.",
    ["authority", "stage"],
    registry=REGISTRY,
)
_OLDEST = Gauge(
    "lrf_request_oldest_open_sent_timestamp_seconds",
    "When the oldest undecided request was submitted, in Unix time; absent when there is none.",
    ["authority"],
    registry=REGISTRY,
)
_DECISION = Histogram(
    "lrf_request_decision_duration_seconds",
    "From submission to approval or refusal, queries included.",
    ["authority", "category"],
    buckets=[hours * _HOUR for hours in (1, 2, 4, 8, 24, 48, 72, 120, 240)],
    registry=REGISTRY,
)
_STAGES = (State.SUBMITTED, State.QUERIED, State.APPROVED, State.ORDERED, State.DELIVERED)
_UNDECIDED = {State.SUBMITTED, State.QUERIED}
_DECISIONS = {Action.APPROVED, Action.DECLINED}
_REFRESH_S = 5.0


def note(work: UnitOfWork, action: Action, purchase: Purchase) -> None:
    """Count a step with the commit of its batch."""
    decided = action in _DECISIONS
    work.transaction.later(
        _KEEPING,
        {
            "authority": purchase.tenant,
            "outcome": action.value,
            "category": purchase.category,
            "waited": work.at - purchase.submitted_at if decided else None,
            "trace_id": work.traceparent[3:35] or trace_id(),
        },
    )


class _Keeping:
    """Counts when the connection commits; a batch that is rolled back is forgotten with it."""

    def asks(self, _dialect: str, _rows: Sequence[Row]) -> Sequence[Asked]:
        """Return nothing: there is nothing to know."""
        return ()

    def writes(
        self, connection: Connection, rows: Sequence[Row], _known: Sequence[Result]
    ) -> Sequence[Step]:
        """Write nothing, and count once it is true."""
        event.listen(connection, "commit", lambda _: _count(rows), once=True)
        return ()


_KEEPING = _Keeping()


def _count(rows: Sequence[Row]) -> None:
    for row in rows:
        _REQUESTS.labels(row["authority"], row["outcome"]).inc()
        waited: timedelta | None = row["waited"]
        if waited is not None:
            exemplar = {"trace_id": row["trace_id"]} if row["trace_id"] else None
            seconds = max(0.0, waited.total_seconds())
            _DECISION.labels(row["authority"], row["category"]).observe(seconds, exemplar)


def refreshing(database: Database) -> Job:
    """Return the job that reads the gauges from the database."""

    async def run() -> None:
        await database.read(refresh)

    return Job(name="fund-metrics", every_s=_REFRESH_S, run=run)


def refresh(connection: Connection) -> None:
    """Read every gauge; a snapshot of a reader."""
    for row in connection.execute(_money()):
        year = Period(PeriodKind(row.period_kind), row.start_year)
        for name, gauge in _GAUGES.items():
            pounds = getattr(row, name) / 100
            gauge.labels(row.tenant, year.kind.value, _named(year)).set(pounds)
    _refresh_open(connection)


def _money() -> Any:
    columns = pots.c
    sums = {
        "allocated": columns.allocated,
        "remaining": columns.available,
        "reserved": columns.reserved,
        "committed": columns.committed + columns.received + columns.issued,
        "spend": columns.spent,
    }
    return (
        select(
            budgets.c.tenant,
            budgets.c.period_kind,
            budgets.c.start_year,
            *(func.sum(column).label(name) for name, column in sums.items()),
        )
        .join(budgets, budgets.c.id == columns.budget_id)
        .group_by(budgets.c.tenant, budgets.c.period_kind, budgets.c.start_year)
    )


def _refresh_open(connection: Connection) -> None:
    query = (
        select(
            purchases.c.tenant,
            purchases.c.state,
            func.count().label("number"),
            func.min(purchases.c.submitted_at).label("oldest"),
        )
        .where(purchases.c.state.in_(_STAGES))
        .group_by(purchases.c.tenant, purchases.c.state)
    )
    found = {(row.tenant, row.state): row for row in connection.execute(query)}
    for tenant in connection.execute(select(budgets.c.tenant).distinct()).scalars():
        for stage in _STAGES:
            row = found.get((tenant, stage))
            _OPEN.labels(tenant, stage.value).set(row.number if row else 0)
        waiting = [row.oldest for key, row in found.items() if key in _waiting(tenant)]
        if waiting:
            _OLDEST.labels(tenant).set(min(waiting).timestamp())
        else:
            with suppress(KeyError):
                _OLDEST.remove(tenant)


def _waiting(tenant: str) -> set[tuple[str, State]]:
    return {(tenant, stage) for stage in _UNDECIDED}


def _named(year: Period) -> str:
    """Return the year as people write it, such as `2026-27`."""
    return f"{year.start_year}-{(year.start_year + 1) % 100:02d}"
