"""Who is told of the outcomes service's events; nothing says which child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localresponse.outcomes.v1 import outcomes_events_pb2 as events

from services.notify.domain.audience import Holders
from services.notify.rules.notice import Notice, Rule

MANAGER = "programme_manager"


def _threshold(event: events.ThresholdCrossed) -> Sequence[Notice]:
    if event.direction != events.THRESHOLD_DIRECTION_REACHED or event.first_look:
        return []
    return [
        Notice("threshold_crossed", Holders(role, event.school_urn), {}, "/thresholds")
        for role in ("practitioner", "liaison_officer")
    ]


def _window(event: events.WindowClosed) -> Sequence[Notice]:
    if event.window in {events.WINDOW_KIND_BASELINE, events.WINDOW_KIND_TRIGGER}:
        return []
    return [Notice("window_closed", Holders(MANAGER), {}, f"/episodes/{event.episode_id}")]


def _analysis(event: events.AnalysisCompleted) -> Sequence[Notice]:
    link = f"/analyses/{event.analysis_run_id}"
    return [Notice("analysis_completed", Holders(MANAGER), {}, link)]


def _release(event: events.ReleasePublished) -> Sequence[Notice]:
    values = {"version": event.data_version}
    link = f"/releases/{event.release_id}"
    return [
        Notice("release_published", Holders(role), values, link)
        for role in (MANAGER, "evaluator", "forum_member")
    ]


def _retracted(event: events.FeedRetracted) -> Sequence[Notice]:
    values = {"items": str(event.items)}
    return [
        Notice("feed_retracted", Holders(role), values, f"/feeds/{event.data_set_id}")
        for role in ("evaluator", "information_governance")
    ]


def _erased(event: events.ChildErased) -> Sequence[Notice]:
    del event
    return [Notice("child_erased", Holders("information_governance"), {}, "/erasures")]


RULES: Mapping[str, Rule] = {
    "child.erased": _erased,
    "threshold.crossed": _threshold,
    "window.closed": _window,
    "analysis.completed": _analysis,
    "release.published": _release,
    "feed.retracted": _retracted,
}

SILENT: Mapping[str, str] = {
    "child.enrolled": "Rolls change every day and come from the school itself.",
    "child.left": "Rolls change every day and come from the school itself.",
    "enrolment.corrected": "Rolls are put right by the school that the child is or was at.",
    "child.merged": "Who decided it has the merge on the page; nobody else has to act.",
    "child.unmerged": "Who undid it has both children on the page; nobody else has to act.",
    "register.imported": "Who imports a register sees its result on the same page.",
    "register.corrected": "Corrections are routine; what they change is told when it is read.",
    "episode.opened": "The delivery that opens it was told to who asked for it.",
    "episode.revised": "Costs that move are read on the results, and nobody has to act.",
}
