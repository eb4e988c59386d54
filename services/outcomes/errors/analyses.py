"""Refusals of analyses beyond those of every run, in order of precedence.

FailedPrecondition
└── AnalysisRunEnded
"""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition


class AnalysisRunEnded(FailedPrecondition):
    """The run was completed or failed before anybody cancelled it."""

    reason = "ANALYSIS_RUN_ENDED"

    def __init__(self, analysis_run_id: str, state: str) -> None:
        super().__init__(
            f"the run is {state} and cannot be cancelled",
            analysis_run_id=analysis_run_id,
            state=state,
        )
