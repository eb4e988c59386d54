"""Reports of a running fund over REST: streamed with progress, the same as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from services.fund.reports.catalogue import REPORTS
from tests.gateway.api.over_the_fund import Office, pounds, submission

CHUNK = 200
"""Rows after which a report says how far it has come."""


async def bought(office: Office) -> str:
    """Return the id of a purchase with enough of a history for a long audit."""
    purchase = (await office.post("practitioner", "purchases", submission("10"))).json()
    path = f"purchases/{purchase['id']}"
    await office.post("officer", f"{path}:approve", {"reason": "seen"})
    await office.post("officer", f"{path}:order", {})
    for number in range(5):
        body = {"invoiceNumber": f"I {number}", "net": pounds("1")}
        await office.post("practitioner", f"{path}:deliver", {"amount": pounds("1")})
        assert (await office.post("officer", f"{path}:invoice", body)).status_code == 200
    return str(purchase["id"])


async def parts_of(office: Office, report: str, query: str = "") -> list[dict[str, Any]]:
    got = await office.get("officer", f"reports/{report}{query}")
    assert got.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in got.text.splitlines()]


async def test_a_long_report_streams_with_progress_and_its_forms_agree(office: Office) -> None:
    query = f"?purchaseId={await bought(office)}"

    parts = await parts_of(office, "purchase_audit", query)
    table = await office.get("officer", f"reports/purchase_audit.csv{query}")
    objects = (await office.get("officer", f"reports/purchase_audit.json{query}")).json()

    columns = parts[0]["columns"]["columns"]
    rows = [part["row"]["cells"] for part in parts if "row" in part]
    told = [part["progress"] for part in parts if "progress" in part]
    assert len(rows) > CHUNK
    assert [int(each["rowCount"]) for each in told] == [
        *range(CHUNK, len(rows), CHUNK),
        len(rows),
        len(rows),
    ]
    assert [each.get("complete", False) for each in told] == [False] * (len(told) - 1) + [True]
    assert [list(each.values()) for each in objects] == rows
    header, *lines = csv.reader(io.StringIO(table.text))
    assert header == columns == list(objects[0])
    assert [[cell.removeprefix("'") for cell in line] for line in lines] == rows


async def test_every_report_of_an_authority_without_money_is_empty_and_whole(
    office: Office,
) -> None:
    for name in sorted(set(REPORTS) - {"purchase_audit"}):
        table = await office.get("foreigner", f"reports/{name}.csv")
        objects = await office.get("foreigner", f"reports/{name}.json")

        lines = list(csv.reader(io.StringIO(table.text)))
        assert lines[0] == list(REPORTS[name].columns), name
        assert len(lines) - 1 == len(objects.json()) == (name == "beancount"), name


async def test_what_may_not_be_published_yet_is_refused_before_a_file_begins(
    office: Office,
) -> None:
    purchase = (await office.post("practitioner", "purchases", submission("505"))).json()
    path = f"purchases/{purchase['id']}"
    limit = {"officerId": "officer-1", "limit": pounds("600")}
    await office.post("second", "delegated-limits", limit)
    await office.post("officer", f"{path}:approve", {"reason": "seen"})
    await office.post("officer", f"{path}:order", {})
    body = {"invoiceNumber": "large", "net": pounds("505")}
    assert (await office.post("officer", f"{path}:invoice", body)).status_code == 200

    refused = await office.get("officer", "reports/transparency.csv")

    assert (refused.status_code, refused.json()["reason"]) == (409, "PUBLICATION_NOT_REVIEWED")
