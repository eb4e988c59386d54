"""Each bad request gets a specific problem; none a 500."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import services.chassis
from gateway.api import reasons
from gateway.api.contract import Contract
from gateway.limits import Policy
from services.chassis import errors
from tests.gateway.api.conftest import Stack
from tests.gateway.api.test_transcoding import WRITE

BUY = "/api/v1/books/b1:buy"


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        pytest.param({"content": b"{"}, 400, "MALFORMED_JSON", id="malformed"),
        pytest.param({"content": b"[" * 9999}, 400, "NESTED_TOO_DEEP", id="too deep"),
        pytest.param({"content": b"[]"}, 400, "INVALID_FIELD", id="a list"),
        pytest.param({"json": {"colour": 1}}, 400, "INVALID_FIELD", id="an unknown field"),
        pytest.param(
            {"content": b"{}", "headers": {"content-type": "application/json; charset=latin-1"}},
            415,
            "UNSUPPORTED_CONTENT_TYPE",
            id="latin-1",
        ),
        pytest.param(
            {"content": b" " * (14 * 2**20)}, 413, "PAYLOAD_TOO_LARGE", id="14 MB announced"
        ),
    ],
)
async def test_a_bad_body_is_refused(
    stack: Stack, options: dict[str, Any], status: int, reason: str
) -> None:
    headers = {"content-type": "application/json", **WRITE, **options.pop("headers", {})}

    answer = await stack.send("POST", BUY, headers=headers, **options)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["traceId"]) == 32
    assert stack.library.asked == []


async def test_a_form_is_no_json(stack: Stack) -> None:
    answer = await stack.send(
        "POST", "/api/v1/shelves/s1/books", data={"title": "Emma"}, headers=WRITE
    )

    assert (answer.status_code, answer.json()["reason"]) == (415, "UNSUPPORTED_CONTENT_TYPE")


async def test_a_body_without_length_is_counted(stack: Stack) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 65536

    headers = {"content-type": "application/json", **WRITE}
    answer = await stack.send("POST", BUY, content=endless(), headers=headers)

    assert (answer.status_code, answer.json()["reason"]) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        pytest.param("GET", "/api/v1/nothing", 404, "UNKNOWN_ROUTE", id="no such path"),
        pytest.param("GET", "/api/v1/%FF", 404, "UNKNOWN_ROUTE", id="a path that is not UTF-8"),
        pytest.param("PATCH", "/api/v1/books/b1", 405, "METHOD_NOT_ALLOWED", id="no such method"),
        pytest.param("GET", "/api/v1/books/unknown", 404, "NOT_FOUND", id="an unknown id"),
    ],
)
async def test_what_is_not_there_is_said(
    stack: Stack, method: str, path: str, status: int, reason: str
) -> None:
    answer = await stack.send(method, path)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


async def test_a_wrong_method_names_those_that_the_path_knows(stack: Stack) -> None:
    answer = await stack.send("PATCH", "/api/v1/books/b1")

    assert answer.headers["allow"] == "DELETE, GET, PUT"


async def test_a_get_takes_no_body(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books/b1", content=b"{}")

    assert answer.json()["errors"] == [{"pointer": "#", "detail": "this call takes no body"}]


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        pytest.param("POST", BUY, {"copies": -1}, {"pointer": "#/chapters/0/pages"}, id="all"),
        pytest.param(
            "POST", "/api/v1/shelves/s1/books", {"tags": []}, {"pointer": "#/title"}, id="field"
        ),
        pytest.param("GET", "/api/v1/books/unknown", None, {"parameter": "book_id"}, id="path"),
    ],
)
async def test_a_field_that_the_service_refuses_is_placed_in_the_request(
    stack: Stack, method: str, path: str, body: object, where: dict[str, str]
) -> None:
    answer = await stack.send(method, path, json=body, headers=WRITE)

    error = answer.json()["errors"][0]
    assert {name: error[name] for name in where} == where


@pytest.mark.parametrize(
    ("family", "status"),
    [
        (errors.InvalidArgument, 400),
        (errors.Unauthenticated, 401),
        (errors.PermissionDenied, 403),
        (errors.NotFound, 404),
        (errors.AlreadyExists, 409),
        (errors.FailedPrecondition, 409),
        (errors.Aborted, 409),
        (errors.ResourceExhausted, 429),
        (errors.Unavailable, 503),
        (errors.RequestIdReused, 422),
    ],
)
async def test_each_family_has_its_status(
    stack: Stack, family: type[errors.ServiceError], status: int
) -> None:
    stack.library.refuse_with = family("not so", limit=3)

    answer = await stack.send("GET", "/api/v1/books/b1")

    assert answer.status_code == status
    assert answer.json()["reason"] == family.reason.replace("UNAVAIL", "SERVICE_UNAVAIL")
    assert answer.json()["metadata"] == {"limit": "3"}


async def test_a_mistake_of_the_service_tells_nothing_of_itself(stack: Stack) -> None:
    stack.library.refuse_with = RuntimeError("secret")

    answer = await stack.send("GET", "/api/v1/books/b1")

    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


async def test_a_service_that_is_away_is_503_and_may_be_asked_again(stack: Stack) -> None:
    await stack.server.stop()

    answer = await stack.send("GET", "/api/v1/books/b1")

    assert (answer.status_code, answer.json()["reason"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"
    assert "sock" not in answer.text


@pytest.fixture
def policy(request: pytest.FixtureRequest) -> Policy:
    few = getattr(request, "param", None)
    return Policy(quota=2, window_s=3600) if few else Policy()


@pytest.mark.parametrize("policy", [True], indirect=True)
async def test_a_caller_who_asks_too_often_waits(stack: Stack) -> None:
    answers = [await stack.send("GET", "/api/v1/books/b1") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=2;w=3600'
    assert answers[1].headers["ratelimit"].startswith('"default";r=0;t=')
    assert int(answers[2].headers["retry-after"]) > 1700


def _subclasses(family: type[errors.ServiceError]) -> Iterator[type[errors.ServiceError]]:
    for child in family.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_the_catalogue_explains_every_reason_of_the_services(library_contract: Contract) -> None:
    catalogue = reasons.catalogue(library_contract)

    assert catalogue["book-out"].meaning == "Somebody has the book. Metadata: `book_id`."
    assert catalogue["book-out"].owner == "library"
    assert all(reason.meaning for reason in catalogue.values())


def test_the_catalogue_knows_the_chassis(library_contract: Contract) -> None:
    known = {reason.name for reason in reasons.catalogue(library_contract).values()}
    for module in pkgutil.walk_packages(services.chassis.__path__, "services.chassis."):
        importlib.import_module(module.name)

    chassis = {
        child.reason
        for child in _subclasses(errors.ServiceError)
        if child.__module__.startswith(("services.chassis.", "gateway."))
    }

    assert chassis - known == {"UNAVAILABLE"}, "which is said as SERVICE_UNAVAILABLE"
