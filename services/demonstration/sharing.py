"""What the council shares: an agreement with its evaluator, a release of two people, a feed."""

from __future__ import annotations

from datetime import date

from services.demonstration.api import Json
from services.demonstration.calendar import day_json
from services.demonstration.seeing import expect, refused, until
from services.demonstration.stage import Stage
from services.outcomes.disclosure.published import Verdict, attack

MEASURES = (
    "attendance_rate@1",
    "absence_rate@1",
    "authorised_absence_rate@1",
    "unauthorised_absence_rate@1",
    "persistent_absence@1",
    "severe_absence@1",
    "lateness_rate@1",
    "suspension_spells@1",
    "suspension_sessions@1",
    "suspended_children@1",
    "permanent_exclusions@1",
)
TITLE = "What the local response fund reached and changed, 2025/26"
_FIRST, _LAST = date(2025, 9, 1), date(2028, 8, 31)
_AGREEMENTS, _RELEASES = "outcomes.AgreementsService", "outcomes.ReleasesService"


async def agree(stage: Stage) -> str:
    """Record the agreement with the independent evaluator, and return its id and its feed's."""
    terms = {
        "evaluator": "independent-evaluator",
        "project": "fund-evaluation",
        "subjects": [stage.cast["evaluator"].subject],
        "purpose": "Independent formative and summative evaluation of the local response fund.",
        "lawful_basis": "LAWFUL_BASIS_PUBLIC_TASK",
        "dpia_reference": "DPIA-2025-014",
        "measures": list(MEASURES),
        "fields": ["age_years", "phase"],
        "first_date": day_json(_FIRST),
        "last_date": day_json(_LAST),
    }
    made = await stage.call(f"{_AGREEMENTS}.CreateAgreement", "governance", {"terms": terms})
    return str(made["id"])


async def publish(stage: Stage, analysis_run_id: str) -> Json:
    """Draft a release of an analysis and publish it as a second person.

    Raises:
        StepFailed: The analysis does not end, or the one who drafted could publish.
    """
    await _analysed(stage, analysis_run_id)
    body = {"analysis_run_id": analysis_run_id, "title": TITLE}
    draft = await stage.call(f"{_RELEASES}.DraftRelease", "manager", body)
    wanted = {"release_id": draft["id"]}
    reason = await refused(stage.call(f"{_RELEASES}.PublishRelease", "manager", wanted))
    expect(reason, "ACTION_NOT_ALLOWED")
    return await stage.call(f"{_RELEASES}.PublishRelease", "governance", wanted)


async def attacked(stage: Stage, release_id: str) -> Verdict:
    """Download a release as the evaluator, and attack it with all that it publishes."""
    who = stage.cast["evaluator"].principal
    body = {"release_id": release_id}
    return attack(await stage.bulk.download(f"{_RELEASES}.DownloadRelease", who, body))


async def feed(stage: Stage, feed_id: str) -> Json:
    """Wait until the evaluator's feed holds items, and return their first page."""

    async def page() -> Json:
        return await stage.call(
            "outcomes.FeedsService.ListFeedItems", "evaluator", {"feed_id": feed_id}
        )

    return await until(page, lambda found: len(found["items"]) > 0)


async def _analysed(stage: Stage, analysis_run_id: str) -> None:
    async def read() -> Json:
        body = {"analysis_run_id": analysis_run_id}
        return await stage.call("outcomes.AnalysisService.GetAnalysisRun", "manager", body)

    await until(read, lambda run: run["state"] == "ANALYSIS_RUN_STATE_COMPLETED")
