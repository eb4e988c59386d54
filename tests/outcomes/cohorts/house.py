"""A council of two schools and fourteen children of whom the facts of a rule are known."""

from __future__ import annotations

from datetime import date
from typing import Any

from localresponse.outcomes.v1 import characteristics_service_pb2 as characteristics_pb
from localresponse.outcomes.v1 import child_events_service_pb2 as events_pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import cohorts_service_pb2 as pb
from localresponse.outcomes.v1 import cohorts_types_pb2 as types
from localresponse.outcomes.v1 import comparison_pools_service_pb2 as pools_pb
from localresponse.outcomes.v1 import observations_service_pb2 as observations_pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb

from services.chassis.auth import Principal
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.episodes.derivation import record_fact
from tests.outcomes import world
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

FRIDAY = date(2024, 9, 20)
LIAISON = Principal(TENANT, "liaison", "liaison_officer", frozenset({OTHER_URN}))
FINANCE = Principal(TENANT, "finance", "finance_officer")
EVALUATOR = Principal(TENANT, "evaluator", "evaluator")


async def known(authority: Authority) -> list[str]:
    """Load the facts and return the children's ids: 10 at the first school, 4 at the other.

    Of every ten sessions children 1 to 3 miss none, 4 to 6 one, 7 and 8 six; nothing is marked
    of 9 and 10. Children 1 to 12 were born in 2012 and the age of 13 and 14 is not known.
    """
    other = schools_pb.School(
        urn=OTHER_URN, name="Other", phase=schools_pb.PHASE_SECONDARY, cluster="North"
    )
    request = schools_pb.UpsertSchoolRequest(request_id=rid(), school=other)
    await authority.call(ADMINISTRATOR, authority.schools.UpsertSchool, request)
    rows = [
        (upn(n), URN if n <= 10 else OTHER_URN, MONDAY, "2012-03-10" if n <= 12 else "")
        for n in range(1, 15)
    ]
    content = table(("upn", "urn", "first_date", "date_of_birth"), *rows)
    given = children_pb.ImportChildrenRequest(request_id=rid(), csv=content)
    done = await authority.call(ADMINISTRATOR, authority.children.ImportChildren, given)
    await authority.load(marks())
    return list(done.child_ids)


def marks() -> list[tuple[str, date, str, str]]:
    """Return two weeks of marks."""
    found = []
    days = [date(2024, 9, day) for day in (9, 10, 11, 12, 13, 16, 17, 18, 19, 20)]
    for number in range(1, 9):
        absent = {4: 1, 5: 1, 6: 1, 7: 6, 8: 6}.get(number, 0)
        for place, day in enumerate(days):
            for half, session in enumerate(("AM", "PM")):
                missed = (2 * place + half) % 10 < absent
                code = "I" if missed else "/" if session == "AM" else "\\"
                found.append((upn(number), day, session, code))
    return found


async def fund(authority: Authority, *child_ids: str) -> None:
    """Let the fund support children from 11 September on."""

    def work(work: UnitOfWork) -> None:
        for place, child_id in enumerate(child_ids):
            for event in world.bought(
                f"p{place}", (child_id,), asked=date(2024, 9, 10), delivered=date(2024, 9, 12)
            ):
                record_fact(work, event)

    await Commands(authority.database, authority.clock).apply(world.SYSTEM, work)


async def meals(authority: Authority, child_id: str, value: str = "Y") -> None:
    """Record whether a child is eligible for free school meals."""
    statement = characteristics_pb.CharacteristicStatement(
        kind=characteristics_pb.CHARACTERISTIC_KIND_FREE_SCHOOL_MEALS,
        value=value,
        first_date=on(MONDAY),
    )
    request = characteristics_pb.RecordCharacteristicsRequest(
        request_id=rid(),
        child_id=child_id,
        statements=[statement],
        source="census",
        purposes=[characteristics_pb.CHARACTERISTIC_PURPOSE_EVALUATION],
    )
    servicer = authority.servicer("CharacteristicsService")
    await authority.call(ADMINISTRATOR, servicer.RecordCharacteristics, request)


async def suspend(authority: Authority, child_id: str) -> None:
    """Suspend a child on 12 September."""
    details = events_pb.EventDetails(first_date=on(date(2024, 9, 12)), sessions=2, reasons=["PP"])
    request = events_pb.RecordChildEventRequest(
        request_id=rid(),
        child_id=child_id,
        urn=URN,
        kind=events_pb.CHILD_EVENT_KIND_SUSPENSION,
        details=details,
    )
    servicer = authority.servicer("ChildEventsService")
    await authority.call(PRACTITIONER, servicer.RecordChildEvent, request)


def condition(**fields: Any) -> types.CohortCondition:
    return types.CohortCondition(**fields)


def missed(percent: int, **fields: Any) -> types.CohortCondition:
    values: dict[str, Any] = {"from_percent": percent, "minimum_possible_sessions": 10}
    spans = {"school_days", "year_to_date", "dates"}
    if not spans & set(fields):
        values["school_days"] = 9
    return condition(absence=types.AbsenceCondition(**{**values, **fields}))


def all_of(*parts: types.CohortCondition) -> types.CohortCondition:
    return condition(all=types.CohortConditions(conditions=parts))


def opposite(part: types.CohortCondition) -> types.CohortCondition:
    message = types.CohortCondition()
    getattr(message, "not").CopyFrom(part)
    return message


def draft(rule: types.CohortCondition | None, **fields: Any) -> types.CohortRuleDraft:
    return types.CohortRuleDraft(rule=rule, **fields)


async def preview(
    authority: Authority, rule: types.CohortCondition, who: Principal = MANAGER, **fields: Any
) -> Any:
    request = pb.PreviewCohortRuleRequest(draft=draft(rule, **fields), on_date=on(FRIDAY))
    return await authority.call(who, authority.cohorts.PreviewCohortRule, request)


async def made(authority: Authority, rule: types.CohortCondition | None) -> Any:
    request = pb.CreateCohortRequest(
        request_id=rid(), name="Autumn", purpose="Who misses much", draft=draft(rule)
    )
    return await authority.call(MANAGER, authority.cohorts.CreateCohort, request)


async def versioned(authority: Authority, cohort: Any, rule: types.CohortCondition) -> Any:
    request = pb.VersionCohortRequest(
        request_id=rid(),
        cohort_id=cohort.id,
        draft=draft(rule),
        expected_version=cohort.rule.version,
    )
    return await authority.call(MANAGER, authority.cohorts.VersionCohort, request)


async def frozen(authority: Authority, cohort_id: str, day: date = FRIDAY, **fields: Any) -> Any:
    request = pb.FreezeCohortRequest(
        request_id=rid(), cohort_id=cohort_id, on_date=on(day), **fields
    )
    return await authority.call(MANAGER, authority.cohorts.FreezeCohort, request)


async def moved(authority: Authority, cohort_id: str, child_id: str, *, joining: bool) -> Any:
    request = pb.MoveCohortMemberRequest(
        request_id=rid(),
        cohort_id=cohort_id,
        child_id=child_id,
        joining=joining,
        on_date=on(FRIDAY),
        reason="the panel decided",
    )
    return await authority.call(MANAGER, authority.cohorts.MoveCohortMember, request)


async def members(
    authority: Authority, cohort_id: str, who: Principal = MANAGER, **fields: Any
) -> list[Any]:
    request = pb.ListCohortMembersRequest(cohort_id=cohort_id, **fields)
    found = await authority.call(who, authority.cohorts.ListCohortMembers, request)
    return list(found.members)


async def pooled(
    authority: Authority, cohort_id: str, rule: types.CohortCondition, *, size: int = 3
) -> Any:
    request = pools_pb.DrawComparisonPoolRequest(
        request_id=rid(),
        cohort_id=cohort_id,
        draft=draft(rule),
        size=size,
        seed=7,
        on_date=on(FRIDAY),
    )
    return await authority.call(MANAGER, authority.pools.DrawComparisonPool, request)


async def summed(authority: Authority, measure: str, **fields: Any) -> Any:
    request = observations_pb.GetMeasureSummaryRequest(
        measure_id=measure, first_date=on(MONDAY), last_date=on(FRIDAY), **fields
    )
    return await authority.call(MANAGER, authority.observations.GetMeasureSummary, request)
