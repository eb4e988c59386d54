"""Files over REST: the bytes themselves, safely named, as they come, and never half a file."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.api.files import File, safe_name
from services.chassis.web import WebServer
from tests.gateway.api.conftest import Stack
from tests.gateway.api.library import ScanOf
from tests.support.waiting import until

SCAN = "/api/v1/books/b1/scan.png"
HELD_MAX = 64 * 2**20


@pytest.fixture
async def over_http(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The API behind a real HTTP server, since how a body ends is the server's to say."""
    server = WebServer(Starlette(routes=[Route("/api/{path:path}", stack.api)]), "127.0.0.1", 0)
    address = await server.start()
    async with httpx.AsyncClient(base_url=address, headers=stack.bearer(), timeout=30) as client:
        yield client
    await server.stop()


async def test_a_file_is_its_bytes(stack: Stack) -> None:
    scan = stack.library.scan = ScanOf.whole(name="Émile:s\r\n../scan.png")

    answer = await stack.send("GET", SCAN)

    digest = base64.b64encode(bytes.fromhex(scan.sha256)).decode()
    assert answer.status_code == 200
    assert answer.content == scan.part * scan.parts
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == f'"{scan.sha256}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"_mile_s_.._scan.png\"; filename*=UTF-8''%C3%89mile_s_.._scan.png"
    )
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_ending_chooses_the_form(stack: Stack) -> None:
    await stack.send("GET", "/api/v1/books/b1/scan.txt")
    text = stack.library.last.format
    await stack.send("GET", SCAN)
    picture = stack.library.last.format
    unknown = await stack.send("GET", "/api/v1/books/b1/scan.exe")
    write = await stack.send("POST", SCAN)

    assert (text, picture) == (2, 1)
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "UNKNOWN_ROUTE")
    assert (write.status_code, write.headers["allow"]) == (405, "GET")


async def test_a_file_that_is_held_already_is_not_sent_again(stack: Stack) -> None:
    scan = stack.library.scan = ScanOf.whole()

    again = await stack.send("GET", SCAN, headers={"If-None-Match": f'W/"x", "{scan.sha256}"'})
    head = await stack.send("HEAD", SCAN)

    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.headers["etag"]) == (200, f'"{scan.sha256}"')
    assert head.content == b""
    assert "content-length" not in head.headers


async def test_a_file_that_is_refused_is_a_problem(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books/unknown/scan.png")

    assert (answer.status_code, answer.json()["reason"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "scan",
    [
        pytest.param(ScanOf(breaks=True), id="the service breaks off"),
        pytest.param(ScanOf(sha256=hashlib.sha256(b"else").hexdigest()), id="another file"),
    ],
)
async def test_a_file_that_is_cut_is_never_taken_for_whole(
    stack: Stack, over_http: httpx.AsyncClient, scan: ScanOf
) -> None:
    stack.library.scan = scan

    with pytest.raises(httpx.RemoteProtocolError):
        await over_http.get(SCAN)


async def test_a_reader_that_stops_stops_the_service(
    stack: Stack, over_http: httpx.AsyncClient
) -> None:
    stack.library.scan = ScanOf(parts=16_000)
    seen: list[int] = []

    async def stalled() -> bool:
        await over_http.get("/api/v1/books/b1")
        seen.append(stack.library.parts_sent)
        return len(seen) > 40 and seen[-1] == seen[-40]

    async with over_http.stream("GET", SCAN) as answer:
        await anext(answer.aiter_raw())
        await until(stalled)
        sent = stack.library.parts_sent

    assert sent * 65536 < HELD_MAX


@pytest.mark.parametrize(
    ("given", "ending", "safe"),
    [
        pytest.param("report", "csv", "report.csv", id="no ending"),
        pytest.param("Report.CSV", "csv", "Report.CSV", id="its own ending"),
        pytest.param("../../etc/passwd", "", "_.._etc_passwd", id="a path"),
        pytest.param("C:\\con", "pdf", "C_con.pdf", id="a drive"),
        pytest.param(".hidden", "", "hidden", id="hidden"),
        pytest.param("a\r\nSet-Cookie: x", "", "a_Set-Cookie_ x", id="a header"),
        pytest.param('a"; filename="b', "", "a_; filename=_b", id="a parameter"),
        pytest.param("invoice\u202efdp.exe", "", "invoice_fdp.exe", id="a name turned round"),
        pytest.param("x" * 300, "pdf", "x" * 116 + ".pdf", id="too long"),
        pytest.param("", "", "file", id="nothing"),
        pytest.param("...", "zip", "file.zip", id="dots"),
    ],
)
def test_a_name_is_no_path_and_no_header(given: str, ending: str, safe: str) -> None:
    assert safe_name(given, ending) == safe
    assert "\n" not in File(safe, "text/csv").headers()["Content-Disposition"]


async def _rows(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(f"/api/v1/counts/{path}")
    assert answer.status_code == 200
    return answer


async def test_rows_are_csv_json_or_lines(over_http: httpx.AsyncClient) -> None:
    table = await _rows(over_http, "all.csv")
    listed = await _rows(over_http, "all.json")
    lines = await _rows(over_http, "lines.txt")
    columns = await over_http.get("/api/v1/counts/all.txt")
    stream = await over_http.get("/api/v1/counts/all")

    rows = list(csv.reader(io.StringIO(table.text)))
    assert rows == [["title", "copies"], ["'=1+1", "-1.05"], ["Émma, or not", "2"]]
    assert table.headers["content-disposition"] == 'attachment; filename="all.csv"'
    assert listed.json()[0] == {"title": "=1+1", "copies": "-1.05"}
    assert lines.text == "=1+1\nÉmma, or not\n"
    assert (columns.status_code, columns.json()["reason"]) == (404, "UNKNOWN_ROUTE")
    assert stream.headers["content-type"] == "application/x-ndjson"


@pytest.mark.parametrize("ending", ["csv", "json"])
async def test_rows_that_are_cut_are_never_taken_for_all(
    over_http: httpx.AsyncClient, ending: str
) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await over_http.get(f"/api/v1/counts/cut.{ending}")


async def test_rows_that_are_cut_before_anything_left_are_a_problem(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/counts/cut-short.csv")

    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
