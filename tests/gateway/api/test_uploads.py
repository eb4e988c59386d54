"""Files in requests: raw, in a form or as base64, and the limit that each of them keeps."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.gateway.api.conftest import Stack
from tests.gateway.api.test_transcoding import WRITE

BUY = "/api/v1/books/b1:buy"
LIMIT = 10 * 2**20


def raw(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": "application/pdf"}}


def form(content: bytes) -> dict[str, Any]:
    return {"files": {"scan": ("scan.pdf", content, "application/pdf")}, "data": {"copies": "2"}}


def encoded(content: bytes) -> dict[str, Any]:
    body = json.dumps({"scan": base64.b64encode(content).decode(), "copies": 2})
    return {"content": body, "headers": {"content-type": "application/json"}}


WAYS = pytest.mark.parametrize("way", [raw, form, encoded])


async def buy(stack: Stack, options: dict[str, Any]) -> Any:
    headers = {**WRITE, **options.pop("headers", {})}
    return await stack.send("POST", BUY, headers=headers, **options)


@WAYS
async def test_a_file_of_ten_megabytes_is_taken(stack: Stack, way: Any) -> None:
    answer = await buy(stack, way(b"x" * LIMIT))

    assert answer.status_code == 200
    assert len(stack.library.last.scan) == LIMIT


@WAYS
async def test_a_byte_more_is_refused_with_the_field_and_the_limit(stack: Stack, way: Any) -> None:
    answer = await buy(stack, way(b"x" * (LIMIT + 1)))

    problem = answer.json()
    assert (answer.status_code, problem["reason"]) == (413, "PAYLOAD_TOO_LARGE")
    assert problem["errors"][0]["pointer"] == "#/scan"
    assert problem["metadata"] == {"limit_bytes": str(LIMIT)}
    assert stack.library.asked == []


async def test_a_forms_other_fields_are_fields(stack: Stack) -> None:
    options = form(b"%PDF")
    options["data"] = {"copies": "2", "offer.units": "5"}

    answer = await buy(stack, options)

    asked = stack.library.last
    assert answer.status_code == 200
    assert (asked.scan, asked.copies, asked.offer.units) == (b"%PDF", 2, 5)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"files": {"other": ("a", b"x")}}, id="under another name"),
        pytest.param({"files": [("scan", ("a", b"x")), ("scan", ("b", b"y"))]}, id="two files"),
        pytest.param({"files": {"scan": (None, "text")}}, id="no file"),
        pytest.param(
            {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}},
            id="no boundary",
        ),
        pytest.param(
            {
                "content": b"not a form at all",
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
            id="no form",
        ),
        pytest.param(
            {"files": {"scan": ("a", b"x")}, "data": {"copies": "many"}}, id="a wrong field"
        ),
        pytest.param(
            {"files": {"scan": ("a", b"x")}, "data": {"scan": "again"}}, id="the file twice"
        ),
    ],
)
async def test_a_form_that_is_wrong_is_refused(stack: Stack, options: dict[str, Any]) -> None:
    answer = await buy(stack, options)

    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_FIELD")
    assert stack.library.asked == []
