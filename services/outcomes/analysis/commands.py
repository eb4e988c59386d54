"""Writes of runs: asked for by people, worked off in the background."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from localresponse.outcomes.v1 import outcomes_events_pb2 as events

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import timestamp_to_proto
from services.outcomes.access import ACTIONS
from services.outcomes.analysis import storage
from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.method import VERSION
from services.outcomes.analysis.results import body_of, sha256_of
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.storage import Run, RunState
from services.outcomes.cohorts import queries as cohorts
from services.outcomes.errors import (
    AnalysisRunNotFound,
    AsOfInFuture,
    MethodVersionUnknown,
)
from services.outcomes.errors.analyses import AnalysisRunEnded


def run_analysis(
    work: UnitOfWork,
    rule: CohortRule,
    *,
    as_of: datetime | None,
    seed: int,
    method_version: str,
) -> Run:
    """Queue a run and return it.

    Raises:
        PermissionDenied: The caller may not run analyses (ACTION_NOT_ALLOWED).
        MethodVersionUnknown: No version of the method has that name (METHOD_VERSION_UNKNOWN).
        AsOfInFuture: The moment has not come (AS_OF_IN_FUTURE).
        CohortNotFound: No cohort was frozen under that id by then (COHORT_NOT_FOUND).
    """
    require(ACTIONS, work.caller, "analysis.run", Resource(work.tenant))
    if method_version not in {"", VERSION}:
        raise MethodVersionUnknown(
            f"method_version: there is no {method_version}; the current one is {VERSION}",
            field="method_version",
            method_version=method_version,
        )
    if as_of is not None and as_of > work.at:
        raise AsOfInFuture(
            f"as_of_time: {as_of.isoformat()} has not come yet",
            field="as_of_time",
            as_of_time=as_of.isoformat(),
        )
    if rule.cohort_id:
        cohorts.members_at(work.connection, work.tenant, rule.cohort_id, as_of=as_of or work.at)
    run_id = new_id()
    run = Run(
        id=run_id,
        tenant=work.tenant,
        state=RunState.QUEUED,
        rule=rule,
        method_version=VERSION,
        as_of=as_of or work.at,
        seed=seed or _seed_of(run_id),
        created_at=work.at,
    )
    storage.add_run(work.connection, run)
    return run


def complete(work: UnitOfWork, run: Run, figures: Figures, members: list[Row]) -> None:
    """Keep a run's figures and tell of it, unless another process already has."""
    body = body_of(figures)
    done = storage.finish(
        work.connection,
        run,
        {
            "state": RunState.COMPLETED.value,
            "completed_at": work.at,
            "results_sha256": sha256_of(body),
            "step": "",
            "progress_percent": 100,
        },
    )
    if not done:
        return
    storage.add_results(work.connection, run, body, members)
    completed = events.AnalysisCompleted(
        analysis_run_id=run.id,
        method_version=run.method_version,
        children=figures.counts.measured,
        as_of_time=timestamp_to_proto(run.as_of),
    )
    work.emit(completed, resource=run.id, sequence=1)


def cancel_run(work: UnitOfWork, run_id: str) -> Run:
    """Cancel a run that has not ended and return it; one that was cancelled stays as it is.

    Raises:
        PermissionDenied: The caller may not run analyses (ACTION_NOT_ALLOWED).
        AnalysisRunNotFound: No such run in the authority (ANALYSIS_RUN_NOT_FOUND).
        AnalysisRunEnded: It was completed or failed (ANALYSIS_RUN_ENDED).
    """
    require(ACTIONS, work.caller, "analysis.run", Resource(work.tenant))
    run = storage.find_run(work.connection, work.tenant, run_id)
    if run is None:
        raise AnalysisRunNotFound(run_id)
    if run.state is RunState.CANCELLED:
        return run
    if not storage.cancel(work.connection, run, work.at):
        raise AnalysisRunEnded(run.id, run.state.value)
    return replace(run, state=RunState.CANCELLED, completed_at=work.at)


def fail(work: UnitOfWork, run: Run, failure: str) -> None:
    """End a run that could not be computed."""
    values = {"state": RunState.FAILED.value, "completed_at": work.at, "failure": failure}
    storage.finish(work.connection, run, values)


def _seed_of(run_id: str) -> int:
    digest = hashlib.sha256(run_id.encode()).digest()
    return int.from_bytes(digest[:6], "big") + 1
