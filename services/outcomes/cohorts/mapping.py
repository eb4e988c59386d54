"""Messages of cohorts to domain values and back; numbers as the reader may know them."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from localresponse.outcomes.v1 import cohorts_service_pb2 as service
from localresponse.outcomes.v1 import cohorts_types_pb2 as pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as events_pb

from services.chassis.clock import london_date
from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.cohorts import queries
from services.outcomes.cohorts.commands import Draft
from services.outcomes.cohorts.counting import told
from services.outcomes.cohorts.domain.membership import Cause, Change
from services.outcomes.cohorts.pools.storage import Pool
from services.outcomes.cohorts.population import Moment
from services.outcomes.cohorts.queries import Known, Preview
from services.outcomes.cohorts.rules import rule_in, rule_out
from services.outcomes.cohorts.storage import Freeze, RuleVersion
from services.outcomes.episodes.windows import WindowKind
from services.outcomes.errors.cohorts import CohortRuleInvalid

_CAUSES = {
    Cause.RULE: pb.COHORT_CAUSE_RULE,
    Cause.PERSON: pb.COHORT_CAUSE_PERSON,
}


def draft_in(message: pb.CohortRuleDraft) -> Draft:
    """Read a rule as it is asked for.

    Raises:
        CohortRuleInvalid: The field says which condition cannot be (COHORT_RULE_INVALID).
    """
    rule = rule_in(message.rule, field="draft.rule") if message.HasField("rule") else None
    return Draft(rule=rule, off_roll=message.include_off_roll, note=message.note)


def moment_in(request: Any, now: datetime, *, off_roll: bool = False) -> Moment:
    """Read when a rule is asked: on a day, as of now.

    Raises:
        DateInvalid: The day does not exist (DATE_INVALID).
        CohortRuleInvalid: It has not come (COHORT_RULE_INVALID).
    """
    today = london_date(now)
    on = date_from_proto(request.on_date, "on_date") if request.HasField("on_date") else today
    if on > today:
        raise CohortRuleInvalid(f"{on} has not come yet", field="on_date", on_date=on.isoformat())
    return Moment(on=on, as_of=now, off_roll=off_roll)


def count_out(children: int, *, exact: bool) -> pb.CohortCount:
    """Write a number of children as a reader may know it."""
    found = told(children, exact=exact)
    return pb.CohortCount(children=found.children, exact=found.exact)


def preview_out(found: Preview, *, exact: bool) -> service.PreviewCohortRuleResponse:
    """Write what a rule would say."""
    return service.PreviewCohortRuleResponse(
        named=count_out(found.children, exact=exact),
        unknown=count_out(found.unknown, exact=exact),
        asked=count_out(found.asked, exact=exact),
    )


def cohort_out(found: Known, *, exact: bool) -> pb.Cohort:
    """Write a cohort."""
    cohort = found.cohort
    return pb.Cohort(
        id=cohort.id,
        name=cohort.name,
        purpose=cohort.purpose,
        state=pb.COHORT_STATE_FROZEN if found.freezes else pb.COHORT_STATE_DRAFT,
        rule=_rule_version_out(found.rules[-1]),
        freeze=_freeze_out(found.freezes[-1], exact=exact) if found.freezes else None,
        size=count_out(found.size, exact=exact),
        create_time=timestamp_to_proto(cohort.created_at),
        created_by=cohort.created_by,
    )


def change_out(one: Change) -> pb.CohortChange:
    """Write one child's way in or out."""
    held: dict[str, Any] = json.loads(one.baseline) if one.baseline else {"windows": {}}
    return pb.CohortChange(
        number=one.number,
        child_id=one.child_id,
        joined=one.joined,
        on_date=date_to_proto(one.on),
        cause=_CAUSES[one.cause],
        reason=one.reason,
        rule_version=one.rule_version,
        baseline=[_window_out(name, each) for name, each in sorted(held["windows"].items())],
        record_time=timestamp_to_proto(one.recorded_at),
        recorded_by=one.recorded_by,
    )


def definition_out(found: Known) -> service.CohortDefinition:
    """Write what a cohort is."""
    text = queries.definition(found)
    return service.CohortDefinition(
        json=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        file_name=f"cohort-{found.cohort.id}.json",
    )


def pool_out(pool: Pool, *, exact: bool) -> pb.ComparisonPool:
    """Write a pool."""
    terms = pool.terms
    return pb.ComparisonPool(
        id=pool.id,
        cohort_id=terms.cohort_id,
        rule=pb.CohortRuleDraft(rule=rule_out(terms.rule), include_off_roll=terms.moment.off_roll),
        size=terms.size,
        seed=terms.seed,
        on_date=date_to_proto(terms.moment.on),
        as_of_time=timestamp_to_proto(terms.moment.as_of),
        candidates=count_out(pool.candidates, exact=exact),
        candidates_sha256=pool.candidates_sha256,
        drawn=count_out(pool.drawn, exact=exact),
        draw_time=timestamp_to_proto(pool.drawn_at),
        drawn_by=pool.drawn_by,
    )


def _rule_version_out(one: RuleVersion) -> pb.CohortRuleVersion:
    return pb.CohortRuleVersion(
        version=one.version,
        draft=pb.CohortRuleDraft(
            rule=rule_out(one.rule) if one.rule else None,
            include_off_roll=one.off_roll,
            note=one.note,
        ),
        sha256=one.sha256,
        create_time=timestamp_to_proto(one.created_at),
        created_by=one.created_by,
    )


def _freeze_out(one: Freeze, *, exact: bool) -> pb.CohortFreeze:
    return pb.CohortFreeze(
        number=one.number,
        rule_version=one.rule_version,
        on_date=date_to_proto(one.on),
        as_of_time=timestamp_to_proto(one.as_of),
        joined=count_out(one.joined, exact=exact),
        left=count_out(one.left, exact=exact),
        unknown=count_out(one.unknown, exact=exact),
        freeze_time=timestamp_to_proto(one.frozen_at),
        frozen_by=one.frozen_by,
    )


def _window_out(name: str, held: dict[str, Any]) -> pb.BaselineWindow:
    message = pb.BaselineWindow(
        kind=events_pb.WindowKind.ValueType(WindowKind[name.upper()]),
        possible_sessions=held["possible"],
        absent_sessions=held["absent"],
        measured=held["status"] == "measured",
    )
    for field, day in (("start_date", held["first_day"]), ("end_date", held["last_day"])):
        if day:
            getattr(message, field).CopyFrom(date_to_proto(date.fromordinal(day)))
    return message
