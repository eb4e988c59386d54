"""Tables of runs: a run is never changed once it is completed; its results and members never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    insert,
    or_,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.analysis.rule import CohortRule, rule_from_text, rule_to_text
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first

ANALYSIS_RUN = Table(
    "analysis_run",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("rule", Text, nullable=False),
    Column("method_version", String(20), nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("failure", Text, nullable=False),
    Column("results_sha256", String(64), nullable=False),
    Column("step", String(80), nullable=False),
    Column("progress_percent", Integer, nullable=False),
    Index("analysis_run_state", "state", "created_at"),
)
ANALYSIS_RESULT = Table(
    "analysis_result",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("analysis_run_id", String(36), primary_key=True),
    Column("body", Text, nullable=False),
)
ANALYSIS_MEMBER = Table(
    "analysis_member",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("analysis_run_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("child_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
)


ABANDONED_AFTER = timedelta(minutes=10)
"""A run of which nothing was heard for so long was being computed by a process that died."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run; with method version, rule, as_of and seed it gives the same figures bit for bit."""

    id: str
    tenant: str
    state: RunState
    rule: CohortRule
    method_version: str
    as_of: datetime
    seed: int
    created_at: datetime
    completed_at: datetime | None = None
    failure: str = ""
    results_sha256: str = ""
    step: str = ""
    progress_percent: int = 0


def add_run(connection: Connection, run: Run) -> None:
    """Queue a run."""
    row = {
        "tenant": run.tenant,
        "id": run.id,
        "state": run.state.value,
        "rule": rule_to_text(run.rule),
        "method_version": run.method_version,
        "as_of": run.as_of,
        "seed": run.seed,
        "created_at": run.created_at,
        "failure": "",
        "results_sha256": "",
        "step": "",
        "progress_percent": 0,
    }
    connection.execute(insert(ANALYSIS_RUN), row)


def find_run(connection: Connection, tenant: str, run_id: str) -> Run | None:
    """Return one run of an authority."""
    table = ANALYSIS_RUN.c
    query = select(ANALYSIS_RUN).where(table.tenant == tenant, table.id == run_id)
    row = connection.execute(query).first()
    return _run(row) if row else None


def latest_completed(connection: Connection, tenant: str) -> Run | None:
    """Return the run of an authority that was completed last."""
    table = ANALYSIS_RUN.c
    query = (
        select(ANALYSIS_RUN)
        .where(table.tenant == tenant, table.state == RunState.COMPLETED.value)
        .order_by(table.completed_at.desc(), table.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _run(row) if row else None


def runs_page(
    connection: Connection, tenant: str, *, state: RunState | None, before: str, limit: int
) -> list[Run]:
    """Return runs, latest first, after the run `before` in that order; empty is the start."""
    table = ANALYSIS_RUN.c
    query = select(ANALYSIS_RUN).where(table.tenant == tenant)
    if state is not None:
        query = query.where(table.state == state.value)
    rows = connection.execute(latest_first(query, table.id, before=before, limit=limit))
    return [_run(row) for row in rows]


def next_waiting(connection: Connection, now: datetime) -> Run | None:
    """Return the run that waits longest, of any authority, or one that was abandoned."""
    table = ANALYSIS_RUN.c
    query = select(ANALYSIS_RUN).where(_waiting(now)).order_by(table.created_at, table.id).limit(1)
    row = connection.execute(query).first()
    return _run(row) if row else None


def claim(connection: Connection, run: Run, now: datetime) -> bool:
    """Take a run to compute it; False when another process was faster."""
    return _changed(
        connection, run, _waiting(now), {"state": RunState.RUNNING.value, "claimed_at": now}
    )


def advance(connection: Connection, run: Run, *, step: str, percent: int, now: datetime) -> bool:
    """Say how far a run is; False when it is no longer to be computed."""
    values = {"step": step, "progress_percent": percent, "claimed_at": now}
    return _changed(connection, run, _in(RunState.RUNNING), values)


def cancel(connection: Connection, run: Run, now: datetime) -> bool:
    """Cancel a run that waits or is being computed; False when it has ended."""
    values = {"state": RunState.CANCELLED.value, "completed_at": now}
    return _changed(connection, run, _in(RunState.QUEUED, RunState.RUNNING), values)


def finish(connection: Connection, run: Run, values: Row) -> bool:
    """Set the end of a running run; False when another process has ended it."""
    return _changed(connection, run, _in(RunState.RUNNING), values)


def add_results(connection: Connection, run: Run, body: str, members: Sequence[Row]) -> None:
    """Keep the figures of a run and the children behind them."""
    key = {"tenant": run.tenant, "analysis_run_id": run.id}
    connection.execute(insert(ANALYSIS_RESULT), {**key, "body": body})
    if members:
        connection.execute(insert(ANALYSIS_MEMBER), [{**key, **member} for member in members])


def results_body(connection: Connection, run: Run) -> str | None:
    """Return the stored figures of a run."""
    table = ANALYSIS_RESULT.c
    query = select(table.body).where(table.tenant == run.tenant, table.analysis_run_id == run.id)
    return connection.execute(query).scalar_one_or_none()


def members_page(
    connection: Connection, run: Run, *, after: int, limit: int
) -> list[tuple[int, str, str]]:
    """Return number, child and body of the children behind a run, in order."""
    table = ANALYSIS_MEMBER.c
    query = (
        select(table.number, table.child_id, table.body)
        .where(
            table.tenant == run.tenant,
            table.analysis_run_id == run.id,
            table.number > after,
        )
        .order_by(table.number)
        .limit(limit)
    )
    return [(row.number, row.child_id, row.body) for row in connection.execute(query)]


def _changed(connection: Connection, run: Run, condition: ColumnElement[bool], values: Row) -> bool:
    """Change a run while a condition holds; False when it holds no more."""
    table = ANALYSIS_RUN.c
    done = connection.execute(
        update(ANALYSIS_RUN)
        .where(table.tenant == run.tenant, table.id == run.id, condition)
        .values(**values)
    )
    return done.rowcount == 1


def _in(*states: RunState) -> ColumnElement[bool]:
    return ANALYSIS_RUN.c.state.in_([state.value for state in states])


def _waiting(now: datetime) -> ColumnElement[bool]:
    table = ANALYSIS_RUN.c
    abandoned = and_(
        table.state == RunState.RUNNING.value, table.claimed_at < now - ABANDONED_AFTER
    )
    return or_(table.state == RunState.QUEUED.value, abandoned)


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        tenant=row.tenant,
        state=RunState(row.state),
        rule=rule_from_text(row.rule),
        method_version=row.method_version,
        as_of=row.as_of,
        seed=row.seed,
        created_at=row.created_at,
        completed_at=row.completed_at,
        failure=row.failure,
        results_sha256=row.results_sha256,
        step=row.step,
        progress_percent=row.progress_percent,
    )
