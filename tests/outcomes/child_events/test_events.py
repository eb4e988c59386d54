"""Events through the service's own rpcs: versions, moments, rights, erasure."""

from __future__ import annotations

from datetime import date

import pytest
from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from sqlalchemy import select

from services.chassis.errors import NotFound, PermissionDenied, ServiceError
from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.errors.child_events import (
    ChildEventChanged,
    ChildEventNotFound,
    ChildEventWithdrawn,
    EventOutsideEnrolment,
    EventOverlaps,
    EventSessionsInvalid,
)
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    STRANGER,
    URN,
    Authority,
    on,
    rid,
)
from tests.outcomes.child_events.house import (
    EXCLUSION,
    GOVERNANCE,
    SOCIAL_WORKER,
    SUSPENSION,
    TUESDAY,
    WEDNESDAY,
    child,
    decide,
    details,
    get,
    listed,
    lost,
    measured,
    moment,
    record,
    school,
    servicer,
)


async def correct(authority: Authority, event: pb.ChildEvent, given: pb.EventDetails) -> object:
    request = pb.CorrectChildEventRequest(
        request_id=rid(),
        child_event_id=event.id,
        etag=event.etag,
        details=given,
        reason=pb.CHANGE_REASON_MISTAKE,
    )
    return await authority.call(PRACTITIONER, servicer(authority).CorrectChildEvent, request)


async def test_a_correction_supersedes_and_every_moment_can_be_asked(authority: Authority) -> None:
    pupil = await child(authority)
    made = await record(authority, pupil, lost(3))
    before = moment(authority)
    authority.clock.advance(hours=1)

    await correct(authority, made, lost(1, WEDNESDAY, "VA", "DB"))

    now, then = await get(authority, made.id), await get(authority, made.id, before)
    assert [made.details.last_date, now.details.last_date] == [on(WEDNESDAY), on(WEDNESDAY)]
    assert list(made.details.reasons) == [], "answers to writes are kept, so they hold no reason"
    assert list(then.details.reasons) == ["PP"]
    assert (list(now.details.reasons), now.details.year_group) == (["VA", "DB"], 8)
    assert [version.reason for version in now.history] == [0, pb.CHANGE_REASON_MISTAKE]
    assert len(then.history) == 1
    assert (await measured(authority, pupil)).suspension_sessions == 1
    assert (await measured(authority, pupil, as_of_time=before)).suspension_sessions == 3


async def test_an_overturned_exclusion_counts_nowhere_and_keeps_its_history(
    authority: Authority,
) -> None:
    pupil = await child(authority)
    made = await record(authority, pupil, details(reasons=["DB"]), EXCLUSION)
    upheld = await decide(authority, made, pb.EXCLUSION_STATUS_UPHELD, WEDNESDAY)
    counted = await school(authority)

    await decide(authority, upheld, pb.EXCLUSION_STATUS_OVERTURNED, date(2024, 9, 20))

    after, history = await school(authority), (await get(authority, made.id)).history
    assert [each.status for each in history] == [1, 2, 4]
    assert counted.permanently_excluded.children == 1
    none = after.permanently_excluded
    assert (none.children, none.out_of) == (0, 4)
    assert none.upper_rate == pytest.approx(1 - 0.05 ** (1 / 4))


async def test_what_was_taken_back_stays_in_the_history_and_changes_no_more(
    authority: Authority,
) -> None:
    pupil = await child(authority)
    made = await record(authority, pupil, lost())
    request = pb.WithdrawChildEventRequest(
        request_id=rid(), child_event_id=made.id, etag="1", reason=pb.CHANGE_REASON_DUPLICATE
    )

    await authority.call(PRACTITIONER, servicer(authority).WithdrawChildEvent, request)

    with pytest.raises(ChildEventWithdrawn):
        await decide(authority, pb.ChildEvent(id=made.id), pb.EXCLUSION_STATUS_OVERTURNED, TUESDAY)
    with pytest.raises(ChildEventChanged):
        await correct(authority, made, lost())
    assert (await get(authority, made.id)).withdrawn
    assert (await measured(authority, pupil)).suspension_spells == 0
    assert (await record(authority, pupil, lost())).etag == "1", "the days are free again"


@pytest.mark.parametrize(
    ("given", "kind", "urn", "refusal"),
    [
        pytest.param(
            lost(1, date(2024, 9, 6)), SUSPENSION, URN, EventOutsideEnrolment, id="off roll"
        ),
        pytest.param(lost(), SUSPENSION, OTHER_URN, PermissionDenied, id="another's school"),
        pytest.param(lost(), SUSPENSION, "999999", NotFound, id="no such school"),
        pytest.param(lost(2, WEDNESDAY), SUSPENSION, URN, EventOverlaps, id="overlaps"),
        pytest.param(
            details(date(2024, 9, 13), date(2024, 9, 16), sessions=5, reasons=["PP"]),
            SUSPENSION,
            URN,
            EventSessionsInvalid,
            id="more sessions than were held over a weekend",
        ),
    ],
)
async def test_bad_events_are_refused_and_leave_nothing(
    council: Authority,
    given: pb.EventDetails,
    kind: pb.ChildEventKind.ValueType,
    urn: str,
    refusal: type[ServiceError],
) -> None:
    pupil = await child(council)
    await record(council, pupil, lost())

    with pytest.raises(refusal):
        await record(council, pupil, given, kind, urn=urn)

    assert len((await listed(council, child_id=pupil)).child_events) == 1


async def test_forty_six_days_are_kept_and_warned_of(council: Authority) -> None:
    pupil = await child(council)
    first, second = date(2024, 9, 10), date(2024, 11, 4)
    await record(council, pupil, details(first, date(2024, 10, 31), sessions=10, reasons=["PP"]))

    kept = await record(council, pupil, lost(90, second))

    assert list(kept.warnings) == [
        pb.EVENT_WARNING_MORE_THAN_45_DAYS,
        pb.EVENT_WARNING_PROVISION_FROM_DAY_SIX,
    ]


async def test_lists_show_a_reader_the_events_of_their_schools_page_by_page(
    council: Authority,
) -> None:
    pupil, other = await child(council, 9), await child(council, 8)
    for mine, day in ((pupil, TUESDAY), (other, TUESDAY), (pupil, date(2024, 9, 16))):
        await record(council, mine, lost(1, day))
    await record(council, pupil, details(), SOCIAL_WORKER)

    first = await listed(council, page_size=2)
    rest = await listed(council, page_size=2, page_token=first.next_page_token)

    assert len(first.child_events) == len(rest.child_events) == 2
    assert not rest.next_page_token
    assert len((await listed(council, child_id=other)).child_events) == 1
    assert len((await listed(council, kind=SOCIAL_WORKER)).child_events) == 1
    assert not (await listed(council, ELSEWHERE)).child_events


async def test_only_a_school_and_governance_read_events(council: Authority) -> None:
    pupil = await child(council)
    made = await record(council, pupil, lost())

    assert (await listed(council, GOVERNANCE)).child_events
    for who, refusal in ((MANAGER, PermissionDenied), (ADMINISTRATOR, PermissionDenied)):
        with pytest.raises(refusal):
            await listed(council, who, child_id=pupil)
    for who in (ELSEWHERE, STRANGER):
        request = pb.GetChildEventRequest(child_event_id=made.id)
        with pytest.raises(ServiceError):
            await council.call(who, servicer(council).GetChildEvent, request)
    with pytest.raises(EventOutsideEnrolment):
        await record(council, pupil, details(), SOCIAL_WORKER, who=ELSEWHERE, urn=OTHER_URN)


async def test_an_erased_child_has_no_events_and_its_totals_stay(authority: Authority) -> None:
    pupil = await child(authority)
    made = await record(authority, pupil, lost(3, TUESDAY, "SM"))
    request = children_pb.EraseChildRequest(
        request_id=rid(), child_id=pupil, reason=children_pb.ERASURE_REASON_RETENTION_OVER
    )

    await authority.call(GOVERNANCE, authority.children.EraseChild, request)

    rows = await authority.database.read(
        lambda connection: connection.execute(select(CHILD_EVENT)).mappings().all()
    )
    assert authority.vault.keys(rows[0]["tenant"], [pupil]) == {}
    assert b"SM" not in bytes(rows[0]["sealed"])
    with pytest.raises(ChildEventNotFound):
        await get(authority, made.id)
    with pytest.raises(NotFound):
        await record(authority, pupil, lost(1, MONDAY))
    with pytest.raises(NotFound):
        await measured(authority, pupil)
    assert not (await listed(authority)).child_events
    assert (await school(authority)).suspension_sessions == 3
