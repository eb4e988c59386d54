"""Files of events: previewed, refused whole, taken in once."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.outcomes.v1 import child_events_service_pb2 as pb

from services.outcomes.errors import HeaderWrong, RowsRefused
from tests.outcomes.authority import ELSEWHERE, Authority, table, upn
from tests.outcomes.child_events.house import child, get, listed, load, measured

HEADER = ("upn", "kind", "first_date", "sessions", "reason_1", "reason_2", "status")
GOOD = (upn(9), "suspension", "2024-09-10", 3, "PP", "DB", "")


async def test_the_same_file_twice_changes_nothing_and_another_corrects(
    authority: Authority,
) -> None:
    pupil = await child(authority)
    content = table(HEADER, GOOD, (upn(9), "PERM", "16/09/2024", "", "DB", "", "proposed"))
    later = table(HEADER, (*GOOD[:3], 4, "PP", "", ""), (upn(9), "EHC plan", "2020-01-06"))

    first, again = await load(authority, content), await load(authority, content)
    corrected = await load(authority, later.replace(b"2020-01-06", b"2020-01-06,,,,"))

    assert (first.rows, first.added, again.unchanged, again.added) == (2, 2, 2, 0)
    assert (corrected.corrected, corrected.added) == (1, 1)
    events = sorted((await listed(authority, child_id=pupil)).child_events, key=lambda e: e.kind)
    assert [event.kind for event in events] == [1, 2, 8]
    shown = await get(authority, events[0].id)
    assert [version.reason for version in shown.history] == [0, pb.CHANGE_REASON_NEW_INFORMATION]
    assert (await measured(authority, pupil)).suspension_sessions == 4


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        pytest.param({"upn": upn(7777)}, "UNKNOWN_CHILD", "upn", id="child"),
        pytest.param({"kind": "detention"}, "UNKNOWN_KIND", "kind", id="kind"),
        pytest.param({"first_date": "9.9.24"}, "BAD_DATE", "first_date", id="date"),
        pytest.param({"first_date": "2024-09-06"}, "NOT_ON_ROLL", "first_date", id="roll"),
        pytest.param({"first_date": "2024-09-11"}, "OVERLAPS", "first_date", id="overlap"),
        pytest.param({"sessions": "half"}, "BAD_NUMBER", "sessions", id="sessions"),
        pytest.param({"sessions": ""}, "BAD_DETAILS", "sessions", id="no sessions"),
        pytest.param({"reason_1": "OT"}, "BAD_REASON", "reason_1", id="reason"),
        pytest.param({"reason_1": "=1+1"}, "FORMULA_CELL", "reason_1", id="formula"),
        pytest.param({"status": "maybe"}, "BAD_DETAILS", "status", id="status"),
        pytest.param({"urn": "12"}, "BAD_URN", "urn", id="urn"),
        pytest.param({"urn": "999999"}, "UNKNOWN_SCHOOL", "urn", id="school"),
    ],
)
async def test_a_wrong_row_is_shown_and_refuses_the_file(
    council: Authority, row: dict[str, Any], reason: str, column: str
) -> None:
    await child(council)
    names = (*HEADER, "urn")
    cells = dict(zip(names, (*GOOD[:2], "2024-09-16", *GOOD[3:], ""), strict=True))
    content = table(names, (*GOOD, ""), [{**cells, **row}[name] for name in names])

    preview = await load(council, content, dry_run=True)

    assert [(one.row, one.reason, one.column) for one in preview.errors] == [(3, reason, column)]
    assert preview.errors[0].remedy
    with pytest.raises(RowsRefused):
        await load(council, content)
    assert not (await listed(council)).child_events


async def test_a_file_says_who_and_when_and_only_of_ones_own_children(council: Authority) -> None:
    await child(council)

    with pytest.raises(HeaderWrong):
        await load(council, table(HEADER[1:], GOOD[1:]))
    content = table(("upn", "kind", "first_date"), (upn(9), "social_worker", "2024-09-10"))
    with pytest.raises(RowsRefused):
        await load(council, content, who=ELSEWHERE, urn="")
