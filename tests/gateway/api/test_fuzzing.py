"""Requests that schemathesis makes from our own OpenAPI document, against a running fund."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.gateway.api.over_the_fund import Office

CHECKS = (
    "not_a_server_error,status_code_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth"
)
TAGS = ("Purchases", "Budgets", "Sources", "Approvals", "Ledger")


@pytest.mark.parametrize(
    ("mode", "who", "checks"),
    [
        pytest.param("positive", "officer", CHECKS + ",content_type_conformance", id="good"),
        # What is no HTTP at all is answered by uvicorn, in plain text.
        pytest.param("negative", "practitioner", CHECKS, id="bad"),
    ],
)
async def test_no_request_finds_an_answer_that_the_document_does_not_say(
    office: Office, mode: str, who: str, checks: str, tmp_path: Path
) -> None:
    url = str(office.http.base_url)
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", f"{url}/api/v1/openapi.json", "--url", url, "--checks", checks),
        *("--header", f"Authorization: {office.bearer(who)['Authorization']}"),
        *(argument for tag in TAGS for argument in ("--include-tag", tag)),
        *("--max-examples", "4", "--phases", "fuzzing", "--mode", mode, "--seed", "1"),
        *("--suppress-health-check", "all", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )

    output, _ = await process.communicate()

    assert process.returncode == 0, output.decode()[-6000:]
