"""HTTP to rpc and back, over a real gRPC server."""

from __future__ import annotations

import uuid

import pytest

from tests.gateway.api.conftest import Stack

KEY = str(uuid.uuid5(uuid.NAMESPACE_URL, "test"))
WRITE = {"Idempotency-Key": f'"{KEY}"'}


async def test_a_get_reads_the_path_and_answers_proto3_json(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books/b%20%C3%A9")

    assert answer.status_code == 200
    assert stack.library.last.book_id == "b é"
    body = answer.json()
    assert body["copies"] == str(2**60)
    assert body["genre"] == "GENRE_UNSPECIFIED"
    assert body["tags"] == []
    assert "price" not in body


async def test_an_additional_binding_is_another_way_to_the_rpc(stack: Stack) -> None:
    await stack.send("GET", "/api/v1/shelves/s1/books/b1")

    assert (stack.library.last.shelf_id, stack.library.last.book_id) == ("s1", "b1")


async def test_a_query_sets_fields_of_every_kind(stack: Stack) -> None:
    query = (
        "pageSize=3&genres=GENRE_NOVEL&genres=2&printed.first=1990&printed.last=2000"
        "&added_before_time=2026-01-01T00:00:00Z&inPrint=false&copiesMin=9007199254740993"
        "&tags=a%26b&tags="
    )

    answer = await stack.send("GET", f"/api/v1/books?{query}")

    asked = stack.library.last
    assert answer.status_code == 200
    assert (asked.page_size, list(asked.genres), asked.copies_min) == (3, [1, 2], 2**53 + 1)
    assert (asked.printed.first, asked.printed.last) == (1990, 2000)
    assert (asked.HasField("in_print"), asked.in_print) == (True, False)
    assert (asked.added_before_time.seconds, list(asked.tags)) == (1767225600, ["a&b", ""])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        pytest.param("colour=red", "colour", id="unknown"),
        pytest.param("printed=1990", "printed", id="a message"),
        pytest.param("printed.month=1", "printed.month", id="unknown, nested"),
        pytest.param("pageSize=many", "pageSize", id="not a number"),
        pytest.param("pageSize=1&page_size=1", "page_size", id="twice"),
        pytest.param("genres=NOVEL", "genres", id="not of the enum"),
        pytest.param("inPrint=yes", "inPrint", id="not a bool"),
        pytest.param("addedBeforeTime=yesterday", "addedBeforeTime", id="not a time"),
        pytest.param("tags=%FF", "*", id="not UTF-8"),
        pytest.param("&".join(["tags=a"] * 300), "*", id="too many"),
    ],
)
async def test_a_wrong_parameter_is_named(stack: Stack, query: str, parameter: str) -> None:
    answer = await stack.send("GET", f"/api/v1/books?{query}")

    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-field"
    assert answer.json()["errors"][0]["parameter"] == parameter


async def test_a_body_that_is_a_field_leaves_the_rest_to_the_query(stack: Stack) -> None:
    path = "/api/v1/shelves/s1/books?dryRun=true"

    answer = await stack.send("POST", path, json={"title": "Emma"}, headers=WRITE)

    asked = stack.library.last
    assert answer.status_code == 200
    assert (asked.shelf_id, asked.book.title, asked.dry_run) == ("s1", "Emma", True)
    assert asked.request_id == KEY


async def test_a_query_may_not_set_what_the_body_owns(stack: Stack) -> None:
    path = "/api/v1/shelves/s1/books?book.title=Emma"

    answer = await stack.send("POST", path, json={}, headers=WRITE)

    assert answer.json()["errors"] == [
        {"parameter": "book.title", "detail": "is set by the path or the body"}
    ]


async def test_a_body_of_everything_leaves_no_parameters(stack: Stack) -> None:
    answer = await stack.send("POST", "/api/v1/books/b1:buy?copies=1", json={}, headers=WRITE)

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "copies")


@pytest.mark.parametrize(("given", "status"), [("b1", 200), ("b2", 400), ("", 200)])
async def test_a_body_may_repeat_the_path_but_not_contradict_it(
    stack: Stack, given: str, status: int
) -> None:
    body = {"book": {"id": given, "title": "T"}, "etag": "7"}

    answer = await stack.send("PUT", "/api/v1/books/b1", json=body, headers=WRITE)

    assert answer.status_code == status


async def test_a_multi_segment_variable_and_a_response_body(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/files/a/b%2Fc")

    assert stack.library.last.name == "files/a/b%2Fc"
    assert answer.json()["id"] == "files/a/b%2Fc"


async def test_the_token_and_the_trace_go_on_to_the_service(stack: Stack) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    await stack.send(
        "GET", "/api/v1/books/b1", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    )

    assert stack.library.metadata["traceparent"].startswith(f"00-{trace}-")
    assert stack.library.metadata["authorization"].startswith("Bearer ey")


async def test_a_stream_is_one_json_line_a_message(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books:watch")

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(answer.text.splitlines()) == 5


async def test_a_stream_that_breaks_says_so_in_its_last_line(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books:watch?failAfter=3")

    lines = answer.text.splitlines()
    assert len(lines) == 3
    assert '"reason":"BOOK_OUT"' in lines[-1]


async def test_a_stream_that_is_refused_at_once_is_a_problem(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books:watch?failAfter=1")

    assert (answer.status_code, answer.json()["reason"]) == (409, "BOOK_OUT")


async def test_a_file_may_be_sent_as_it_is_with_the_rest_as_parameters(stack: Stack) -> None:
    path = "/api/v1/books/b1:buy?copies=2&offer.units=5"
    headers = {**WRITE, "Content-Type": "text/csv"}

    answer = await stack.send("POST", path, content=b"a,b\r\n1,2\r\n", headers=headers)

    asked = stack.library.last
    assert answer.status_code == 200
    assert (asked.scan, asked.copies, asked.offer.units) == (b"a,b\r\n1,2\r\n", 2, 5)
    assert asked.book_id == "b1"
