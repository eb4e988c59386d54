"""What people of the demonstration observe, and the cohorts that its programme manager names."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from services.demonstration.api import Json
from services.demonstration.calendar import day_json
from services.demonstration.stage import Stage

_OBSERVATIONS, _COHORTS = "outcomes.ObservationsService", "outcomes.CohortsService"
_REFUSED_EVERY, _WELLBEING_LOW = 6, 14
_APPROVED_WITHIN = timedelta(days=14)


async def observe(stage: Stage, chosen: list[int], day: date) -> None:
    """Record each child's own wellbeing on a day; every sixth would rather not say.

    Args:
        stage: The council.
        chosen: Children by place in the borough.
        day: When they were asked.
    """
    by_part: dict[str, list[Json]] = {}
    for place, child in enumerate(chosen):
        said = place % _REFUSED_EVERY != 0
        answer: Json = {
            "child_id": stage.child_ids[child],
            "measure": "wellbeing@1",
            "answer": "ANSWER_KIND_VALUE" if said else "ANSWER_KIND_REFUSED",
            "informant": "INFORMANT_CHILD",
            "method": "OBSERVATION_METHOD_QUESTIONNAIRE",
            "observed_date": day_json(day),
        }
        if said:
            answer["value"] = _WELLBEING_LOW + child % 9
        by_part.setdefault(stage.requester_for(child), []).append(answer)
    await asyncio.gather(
        *(
            stage.call(f"{_OBSERVATIONS}.BatchRecordObservations", part, {"observations": answers})
            for part, answers in by_part.items()
        )
    )


async def name_cohort(stage: Stage, name: str, requested: date) -> Json:
    """Name the children whose support was approved from a day on, and freeze them that week."""
    last = requested + _APPROVED_WITHIN
    approved = {"first_date": day_json(requested), "last_date": day_json(last)}
    made = await stage.call(
        f"{_COHORTS}.CreateCohort",
        "manager",
        {
            "name": f"{name}, supported",
            "purpose": "Children whose first support was approved in these two weeks.",
            "draft": {"rule": {"funded": {"approved": approved}}},
        },
    )
    body = {"cohort_id": made["id"], "on_date": day_json(last)}
    return await stage.call(f"{_COHORTS}.FreezeCohort", "manager", body)
