"""REST over a real fund: the main job's refusals, each specific, none a 500."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.gateway.api.over_the_fund import Office, key, pounds, submission


async def test_a_purchase_is_asked_for_read_and_approved(office: Office) -> None:
    asked = await office.post("practitioner", "purchases", submission("12", 340_000_000))
    path = f"purchases/{asked.json()['id']}"
    read = await office.get("officer", path)

    approval = {"approvedAmount": pounds("12", 340_000_000)}
    headers = {**key(), "If-Match": read.headers["etag"]}
    approved = await office.post("officer", f"{path}:approve", approval, headers)

    assert (asked.status_code, asked.json()["state"]) == (200, "PURCHASE_STATE_SUBMITTED")
    assert (approved.status_code, approved.json()["state"]) == (200, "PURCHASE_STATE_APPROVED")
    assert (await office.get("officer", path)).json() == approved.json()


@pytest.mark.parametrize(
    ("body", "status", "reason", "pointer"),
    [
        pytest.param(submission("-5"), 400, None, "#/lines/0/unitPrice", id="negative"),
        pytest.param(submission("0"), 400, None, "#/lines/0/unitPrice", id="nothing"),
        pytest.param(
            submission("1", 5_000_000), 400, "MONEY_TOO_FINE", "#/lines/0/unitPrice", id="halfpenny"
        ),
        pytest.param(
            submission(2**53 + 1), 400, "INVALID_FIELD", "#/lines/0/unitPrice/units", id="bare 2^53"
        ),
        pytest.param(submission(str(2**53)), 400, None, "#/lines/0/unitPrice", id="beyond 2^53"),
        pytest.param(
            submission(str(2**63)), 400, "INVALID_FIELD", "#/lines/0/unitPrice/units", id="2^63"
        ),
        pytest.param(
            submission("1.5"), 400, "INVALID_FIELD", "#/lines/0/unitPrice/units", id="a fraction"
        ),
        pytest.param(submission(colour="red"), 400, "INVALID_FIELD", "#/colour", id="unknown"),
        pytest.param(submission(need=""), 400, "INVALID_FIELD", "#/need", id="empty"),
        pytest.param(submission(need="\0"), 400, "INVALID_FIELD", "#/need", id="a NUL"),
        pytest.param(
            submission(childIds=["x"]), 400, "INVALID_FIELD", "#/childIds/0", id="not a UUID"
        ),
        pytest.param(submission(lines=[]), 400, "INVALID_FIELD", "#/lines", id="no lines"),
        pytest.param(submission("1000000"), 409, "POT_EXHAUSTED", None, id="a spent pot"),
        pytest.param(submission(category="nonsense"), 400, "CATEGORY_UNKNOWN", None, id="category"),
        pytest.param(submission(schoolUrn="999999"), 403, "ACTION_NOT_ALLOWED", None, id="school"),
    ],
)
async def test_a_bad_request_is_refused_for_what_it_is(
    office: Office, body: dict[str, Any], status: int, reason: str | None, pointer: str | None
) -> None:
    answer = await office.post("practitioner", "purchases", body)

    document = answer.json()
    assert answer.status_code == status, document
    assert reason in {None, document["reason"]}
    assert pointer in {None, *(error.get("pointer") for error in document.get("errors", ()))}
    described = await office.http.get(document["type"])
    assert described.json()["meaning"]


async def test_a_key_answers_again_and_refuses_another_input(office: Office) -> None:
    headers, body = key(), submission("1")

    answers = [await office.post("practitioner", "purchases", body, headers) for _ in range(2)]
    reused = await office.post("practitioner", "purchases", submission("2"), headers)

    assert answers[0].json() == answers[1].json()
    assert (reused.status_code, reused.json()["reason"]) == (422, "REQUEST_ID_REUSED")


async def test_another_authoritys_purchase_is_as_unknown_as_any(office: Office) -> None:
    asked = await office.post("practitioner", "purchases", submission("1"))
    unknown = "0190f5a0-0000-7000-8000-00000000ffff"

    foreign = await office.get("foreigner", f"purchases/{asked.json()['id']}")
    nobodys = await office.get("foreigner", f"purchases/{unknown}")

    assert (foreign.status_code, nobodys.status_code) == (404, 404)
    assert foreign.json()["reason"] == nobodys.json()["reason"]


async def test_what_a_role_may_not_do_is_refused(office: Office) -> None:
    answer = await office.post("evaluator", "purchases", submission("1"))

    assert (answer.status_code, answer.json()["reason"]) == (403, "ACTION_NOT_ALLOWED")


async def test_a_wrong_state_and_a_stale_version_are_told_apart(office: Office) -> None:
    asked = (await office.post("practitioner", "purchases", submission("1"))).json()
    path = f"purchases/{asked['id']}"

    wrong = await office.post("officer", f"{path}:close", {})
    stale = await office.post(
        "officer", f"{path}:decline", {"reason": "no"}, {**key(), "If-Match": '"999"'}
    )

    assert (wrong.status_code, wrong.json()["reason"]) == (409, "WRONG_STATE")
    assert (stale.status_code, stale.json()["reason"]) == (412, "ETAG_STALE")


async def test_lists_have_pages_and_twins(office: Office) -> None:
    for units in ("1", "2", "3"):
        await office.post("practitioner", "purchases", submission(units))

    page = await office.get("officer", "purchases?pageSize=2")
    twin = await office.get("officer", "purchases.csv")

    following = await office.http.get(page.links["next"]["url"], headers=office.bearer("officer"))
    rows = list(csv.DictReader(io.StringIO(twin.text)))
    assert len(page.json()["purchases"]) == 2
    assert following.status_code == 200
    assert len(rows) >= 3
    assert rows[0]["schoolUrn"] == "100001"


async def test_a_page_token_of_another_query_is_refused(office: Office) -> None:
    page = await office.get("officer", "purchases?pageSize=1")
    token = page.json()["nextPageToken"]

    answer = await office.get("officer", f"purchases?pageSize=1&mine=true&pageToken={token}")

    assert (answer.status_code, answer.json()["reason"]) == (400, "PAGE_TOKEN_INVALID")
