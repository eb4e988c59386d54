"""The check counts events and levels of absence again, and finds what was changed behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from sqlalchemy import Connection, text

from services.outcomes.verification.comparing import differences
from services.outcomes.verification.findings import Kind
from tests.outcomes.authority import PRACTITIONER, TENANT, URN, Authority, on, rid, upn
from tests.outcomes.child_events.house import (
    EXCLUSION,
    WEDNESDAY,
    child,
    decide,
    details,
    lost,
    record,
    school,
)
from tests.outcomes.thresholds.test_thresholds import Watch, absent


async def found(authority: Authority) -> list[tuple[Kind, str]]:
    every = await authority.database.read(lambda connection: differences(connection, TENANT))
    return [(each.kind, each.place.rsplit(", ", 1)[-1]) for each in every]


async def happened(authority: Authority) -> None:
    """Record what counts and what does not, and take a child off the roll for a week."""
    pupil, leaver = await child(authority, 9), await child(authority, 8)
    for day, sessions in ((date(2024, 9, 10), 3), (date(2024, 9, 16), 2)):
        await record(authority, pupil, lost(sessions, day))
    excluded = await record(authority, leaver, details(reasons=["DB"]), EXCLUSION)
    await decide(authority, excluded, pb.EXCLUSION_STATUS_UPHELD, WEDNESDAY)
    overturned = await record(authority, pupil, details(reasons=["DB"]), EXCLUSION)
    await decide(authority, overturned, pb.EXCLUSION_STATUS_OVERTURNED, WEDNESDAY)
    request = children_pb.EndEnrolmentRequest(
        request_id=rid(), child_id=leaver, urn=URN, last_date=on(date(2024, 9, 13))
    )
    await authority.call(PRACTITIONER, authority.children.EndEnrolment, request)


async def behind_its_back(authority: Authority, statement: str, table: str) -> None:
    def change(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
        else:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))

    await authority.database.write(change)


async def test_events_and_levels_come_to_the_same(authority: Authority) -> None:
    await happened(authority)
    await absent(authority, 1, 2)
    await absent(authority, 2, 11)
    await Watch(authority).settled()

    told = await school(authority)

    assert await found(authority) == []
    assert (told.suspension_spells, told.suspension_sessions) == (2, 5)
    assert (told.permanently_excluded.children, told.sessions_off_roll) == (1, 10)
    assert upn(1) != upn(2)


@pytest.mark.parametrize(
    ("statement", "table", "kinds"),
    [
        pytest.param(
            "UPDATE child_event SET sessions = sessions + 1 WHERE kind = 1",
            "child_event",
            {Kind.EVENT},
            id="sessions of a suspension",
        ),
        pytest.param(
            "UPDATE child_event SET version = 3 WHERE version = 2",
            "child_event",
            {Kind.EVENT},
            id="a version that is missing",
        ),
        pytest.param(
            "UPDATE absence_level SET level = 1 WHERE level = 2",
            "absence_level",
            {Kind.LEVEL},
            id="a level of absence",
        ),
    ],
)
async def test_what_is_changed_behind_its_back_is_found(
    council: Authority, statement: str, table: str, kinds: Any
) -> None:
    await happened(council)
    await absent(council, 2, 11)
    await Watch(council).settled()

    await behind_its_back(council, statement, table)

    assert {kind for kind, _ in await found(council)} == kinds
