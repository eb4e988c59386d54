"""Papers and reports of a real fund, sent and fetched by REST as files."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest

from tests.gateway.api.over_the_fund import Office, key, submission

LIMIT = 10 * 2**20
PDF = b"%PDF-1.4\n" + b"0" * (LIMIT - 9)


async def _attached(office: Office) -> str:
    asked = await office.post("practitioner", "purchases", submission("2"))
    return f"/api/v1/purchases/{asked.json()['id']}/attachments"


async def test_a_paper_of_ten_megabytes_comes_back_as_it_was(office: Office) -> None:
    path = await _attached(office)
    headers = {**office.bearer("practitioner"), **key()}
    kind = {"kind": "ATTACHMENT_KIND_QUOTE"}

    sent = await office.http.post(
        path, files={"content": ("quote.pdf", PDF)}, data=kind, headers=headers
    )
    paper = f"{path}/{sent.json()['id']}/content"
    got = await office.http.get(paper, headers=office.bearer("officer"))
    again = await office.http.get(
        paper, headers={**office.bearer("officer"), "If-None-Match": got.headers["etag"]}
    )

    assert (sent.status_code, sent.json()["name"]) == (200, "quote.pdf")
    assert got.content == PDF
    assert got.headers["etag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == 'attachment; filename="quote.pdf"'
    assert again.status_code == 304


@pytest.mark.parametrize("as_form", [True, False])
async def test_a_paper_that_is_a_byte_larger_is_refused(office: Office, *, as_form: bool) -> None:
    path = await _attached(office)
    headers = {**office.bearer("practitioner"), **key(), "Content-Type": "application/pdf"}
    query = {"kind": "ATTACHMENT_KIND_QUOTE", "name": "quote.pdf"}
    if as_form:
        del headers["Content-Type"]
        sent = await office.http.post(
            path, files={"content": ("quote.pdf", PDF + b"0")}, data=query, headers=headers
        )
    else:
        sent = await office.http.post(path, params=query, content=PDF + b"0", headers=headers)

    assert sent.status_code == 413
    assert sent.json()["errors"][0]["pointer"] == "#/content"
    assert sent.json()["metadata"]["limit_bytes"] == str(LIMIT)


async def test_a_report_is_a_table_for_people_and_for_programs(office: Office) -> None:
    table = await office.get("officer", "reports/budget_monitoring.csv")
    listed = await office.get("officer", "reports/budget_monitoring.json")
    ledger = await office.get("officer", "reports/beancount.txt")
    refused = await office.get("practitioner", "reports/journal.csv")

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert rows
    assert [list(row.values()) for row in listed.json()] == [list(row.values()) for row in rows]
    assert table.headers["content-disposition"].endswith('filename="budget_monitoring.csv"')
    assert "open Assets" in ledger.text or "option" in ledger.text
    assert (refused.status_code, refused.json()["reason"]) == (403, "ACTION_NOT_ALLOWED")
