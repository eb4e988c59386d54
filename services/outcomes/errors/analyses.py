"""Refusals of analyses beyond those of every run, in order of precedence.

NotFound
└── SeriesNotFound
AlreadyExists
└── PublishedWeekDiffers
FailedPrecondition
└── AnalysisRunEnded   SeriesTooShort   SeriesNeighboursTooFew   SeriesCalendarMissing
"""

from __future__ import annotations

from datetime import date

from services.chassis.errors import AlreadyExists, FailedPrecondition, NotFound


class SeriesNotFound(NotFound):
    """No such analysis of a series in the caller's authority."""

    reason = "SERIES_NOT_FOUND"

    def __init__(self, series_analysis_id: str) -> None:
        super().__init__(
            f"there is no series analysis {series_analysis_id}",
            field="series_analysis_id",
            series_analysis_id=series_analysis_id,
        )


class PublishedWeekDiffers(AlreadyExists):
    """A publication is recorded with other counts of the same week."""

    reason = "PUBLISHED_WEEK_DIFFERS"

    def __init__(self, authority: str, monday: date, published_on: date) -> None:
        super().__init__(
            f"{authority}'s week of {monday}, published on {published_on}, is recorded otherwise",
            authority=authority,
            monday=monday.isoformat(),
            publish_date=published_on.isoformat(),
        )


class AnalysisRunEnded(FailedPrecondition):
    """The run was completed or failed before anybody cancelled it."""

    reason = "ANALYSIS_RUN_ENDED"

    def __init__(self, analysis_run_id: str, state: str) -> None:
        super().__init__(
            f"the run is {state} and cannot be cancelled",
            analysis_run_id=analysis_run_id,
            state=state,
        )


class SeriesTooShort(FailedPrecondition):
    """There are too few weeks on one side of the interruption."""

    reason = "SERIES_TOO_SHORT"

    def __init__(self, before: int, after: int, least: int) -> None:
        super().__init__(
            f"a series needs {least} weeks before and after; it has {before} and {after}",
            weeks_before=before,
            weeks_after=after,
            least=least,
        )


class SeriesNeighboursTooFew(FailedPrecondition):
    """Too few statistical neighbours were published in nine of ten weeks."""

    reason = "SERIES_NEIGHBOURS_TOO_FEW"

    def __init__(self, neighbours: int, least: int) -> None:
        super().__init__(
            f"{neighbours} neighbours were published in nine of ten weeks; {least} are needed",
            neighbours=neighbours,
            least=least,
        )


class SeriesCalendarMissing(FailedPrecondition):
    """A week is in no half-term of the authority's calendar."""

    reason = "SERIES_CALENDAR_MISSING"

    def __init__(self, monday: date) -> None:
        super().__init__(
            f"the authority's calendar has no half-term in the week of {monday}",
            monday=monday.isoformat(),
        )
