"""Reads of runs, their figures, and the children behind a figure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from services.chassis.auth import Principal, Resource, require
from services.outcomes.access import ACTIONS
from services.outcomes.analysis import storage
from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.results import figures_in
from services.outcomes.analysis.storage import Run, RunState
from services.outcomes.episodes.storage.tables import FUND_FACT
from services.outcomes.errors import AnalysisNotCompleted, AnalysisRunNotFound

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Input:
    """One child behind a figure.

    Attributes:
        number: Its place in the run.
        body: As it was stored with the run.
        fund_event_ids: The fund's events from which its cost was copied.
    """

    number: int
    child_id: str
    body: dict[str, Any]
    fund_event_ids: tuple[str, ...]


def get_run(connection: Connection, who: Principal, run_id: str) -> Run:
    """Return a run, or the last completed one for `latest`.

    Raises:
        AnalysisRunNotFound: No such run in the authority (ANALYSIS_RUN_NOT_FOUND).
    """
    require(ACTIONS, who, "analysis.read", Resource(who.tenant))
    run = (
        storage.latest_completed(connection, who.tenant)
        if run_id == LATEST
        else storage.find_run(connection, who.tenant, run_id)
    )
    if run is None:
        raise AnalysisRunNotFound(run_id)
    return run


def get_results(connection: Connection, who: Principal, run_id: str) -> tuple[Run, Figures]:
    """Return a run with its figures.

    Raises:
        AnalysisRunNotFound: No such run in the authority (ANALYSIS_RUN_NOT_FOUND).
        AnalysisNotCompleted: It is queued, running or failed (ANALYSIS_NOT_COMPLETED).
    """
    run = get_run(connection, who, run_id)
    body = storage.results_body(connection, run) if run.state is RunState.COMPLETED else None
    if body is None:
        raise AnalysisNotCompleted(
            f"the run is {run.state.value}", analysis_run_id=run.id, state=run.state.value
        )
    return run, figures_in(body)


def explain(
    connection: Connection, who: Principal, run_id: str, *, after: int, limit: int
) -> tuple[Run, Figures, list[Input]]:
    """Return a run, its figures, and a page of the children behind them.

    Raises:
        AnalysisRunNotFound: No such run in the authority (ANALYSIS_RUN_NOT_FOUND).
        AnalysisNotCompleted: It is queued, running or failed (ANALYSIS_NOT_COMPLETED).
    """
    require(ACTIONS, who, "analysis.explain", Resource(who.tenant))
    run, figures = get_results(connection, who, run_id)
    page = storage.members_page(connection, run, after=after, limit=limit)
    bodies = [(number, child_id, json.loads(body)) for number, child_id, body in page]
    wanted = sorted({each for _, _, body in bodies for each in body["purchase_ids"]})
    events = _events(connection, run, wanted)
    inputs = [
        Input(
            number,
            child_id,
            body,
            tuple(event for each in body["purchase_ids"] for event in events.get(each, ())),
        )
        for number, child_id, body in bodies
    ]
    return run, figures, inputs


def _events(connection: Connection, run: Run, purchase_ids: list[str]) -> dict[str, list[str]]:
    table = FUND_FACT.c
    found: dict[str, list[str]] = {}
    for start in range(0, len(purchase_ids), 500):
        query = (
            select(table.purchase_id, table.event_id)
            .where(
                table.tenant == run.tenant,
                table.recorded_at <= run.as_of,
                table.purchase_id.in_(purchase_ids[start : start + 500]),
            )
            .order_by(table.purchase_id, table.sequence)
        )
        for row in connection.execute(query):
            found.setdefault(row.purchase_id, []).append(row.event_id)
    return found
