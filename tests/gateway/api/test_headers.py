"""Idempotency-Key, ETag, If-Match, and the headers of pages."""

from __future__ import annotations

import uuid

import pytest

from tests.gateway.api.conftest import Stack
from tests.gateway.api.test_transcoding import KEY, WRITE

BUY = "/api/v1/books/b1:buy"


@pytest.mark.parametrize(
    "header", [f'"{KEY}"', KEY, f'"{KEY.upper()}"', f"  {KEY} "], ids=["quoted", "bare", "A", " "]
)
async def test_a_uuid_as_key_is_the_request_id(stack: Stack, header: str) -> None:
    answer = await stack.send("POST", BUY, json={}, headers={"Idempotency-Key": header})

    assert answer.json()["title"] == KEY


async def test_any_other_key_always_makes_the_same_uuid(stack: Stack) -> None:
    headers = {"Idempotency-Key": '"order \\"7\\""'}

    answers = [await stack.send("POST", BUY, json={}, headers=headers) for _ in range(2)]

    made = {answer.json()["title"] for answer in answers}
    assert [uuid.UUID(one).version for one in made] == [5]


async def test_the_body_may_bring_the_request_id(stack: Stack) -> None:
    answer = await stack.send("POST", BUY, json={"requestId": KEY})

    assert answer.json()["title"] == KEY


async def test_a_write_without_a_key_is_refused(stack: Stack) -> None:
    answer = await stack.send("DELETE", "/api/v1/books/b1")

    assert (answer.status_code, answer.json()["reason"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert answer.json()["errors"][0] == {"header": "Idempotency-Key", "detail": "is missing"}


async def test_two_different_keys_are_refused(stack: Stack) -> None:
    answer = await stack.send("POST", BUY, json={"requestId": str(uuid.uuid4())}, headers=WRITE)

    assert (answer.status_code, answer.json()["reason"]) == (400, "IDEMPOTENCY_KEY_MISMATCH")


@pytest.mark.parametrize(
    "header", ['""', '"', '"a', '"' + "a" * 256 + '"', '"\t"', "a b"], ids=list("123456")
)
async def test_a_key_that_is_no_string_is_refused(stack: Stack, header: str) -> None:
    answer = await stack.send("POST", BUY, json={}, headers={"Idempotency-Key": header})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"


async def test_an_etag_goes_out_and_comes_back(stack: Stack) -> None:
    read = await stack.send("GET", "/api/v1/books/b1")
    headers = {**WRITE, "If-Match": read.headers["etag"]}

    written = await stack.send("PUT", "/api/v1/books/b1", json={}, headers=headers)

    assert read.headers["etag"] == '"7"'
    assert (written.status_code, stack.library.last.etag) == (200, "7")


@pytest.mark.parametrize(
    ("headers", "body", "status", "reason"),
    [
        pytest.param({}, {}, 428, "PRECONDITION_REQUIRED", id="none"),
        pytest.param({"If-Match": "*"}, {}, 428, "PRECONDITION_REQUIRED", id="any"),
        pytest.param({"If-Match": '"6"'}, {}, 412, "ETAG_STALE", id="stale by header"),
        pytest.param({}, {"etag": "6"}, 409, "ETAG_STALE", id="stale by body"),
        pytest.param({"If-Match": 'W/"7"'}, {}, 400, "INVALID_FIELD", id="weak"),
        pytest.param({"If-Match": '"7", "8"'}, {}, 400, "INVALID_FIELD", id="two"),
        pytest.param({"If-Match": '"7"'}, {"etag": "8"}, 400, "INVALID_FIELD", id="both"),
    ],
)
async def test_a_write_needs_the_version_that_was_read(
    stack: Stack, headers: dict[str, str], body: dict[str, str], status: int, reason: str
) -> None:
    answer = await stack.send("PUT", "/api/v1/books/b1", json=body, headers={**WRITE, **headers})

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


@pytest.mark.parametrize(
    ("header", "status"), [('"7"', 304), ('"6", W/"7"', 304), ("*", 304), ('"6"', 200)]
)
async def test_a_read_of_what_is_known_is_not_sent_again(
    stack: Stack, header: str, status: int
) -> None:
    answer = await stack.send("GET", "/api/v1/books/b1", headers={"If-None-Match": header})

    assert answer.status_code == status
    assert answer.headers["etag"] == '"7"'


async def test_pages_are_linked_to_the_last(stack: Stack) -> None:
    path, seen = "/api/v1/books?pageSize=2&tags=a%26b", []

    while path:
        answer = await stack.send("GET", path)
        seen += [book["id"] for book in answer.json()["books"]]
        path = answer.links.get("next", {}).get("url", "")

    assert seen == ["b0", "b1", "b2", "b3", "b4"]
    assert list(stack.library.last.tags) == ["a&b"]


async def test_a_head_is_answered_like_a_get(stack: Stack) -> None:
    answer = await stack.send("HEAD", "/api/v1/books/b1")

    assert (answer.status_code, answer.headers["etag"]) == (200, '"7"')
