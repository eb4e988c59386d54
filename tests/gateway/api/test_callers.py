"""Who may call: a good bearer token, or a session's cookie with its CSRF token."""

from __future__ import annotations

import jwt
import pytest

from services.chassis.tokens import LIFETIME
from tests.gateway.api.conftest import PERSONA, Stack
from tests.gateway.api.test_transcoding import WRITE
from tests.gateway.identity.test_service_keys import key

GET = "/api/v1/books/b1"
BUY = "/api/v1/books/b1:buy"


async def test_without_token_or_session_nobody_calls(stack: Stack) -> None:
    answer = await stack.client.get(GET)

    assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_MISSING")
    assert answer.headers["www-authenticate"] == 'Bearer realm="localresponse"'
    assert stack.library.asked == []


@pytest.mark.parametrize(
    "authorization", ["Basic YTpi", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer \xff", ""]
)
async def test_what_is_no_token_of_ours_is_refused(stack: Stack, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("latin-1")}

    answer = await stack.client.get(GET, headers=headers)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_INVALID")


async def test_a_token_that_has_ended_is_refused(stack: Stack) -> None:
    headers = stack.bearer()
    stack.clock.advance(seconds=LIFETIME.total_seconds())

    answer = await stack.client.get(GET, headers=headers)

    assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_EXPIRED")


async def test_a_token_for_another_service_is_refused(stack: Stack) -> None:
    answer = await stack.client.get(GET, headers=stack.bearer("fund"))

    assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_WRONG_AUDIENCE")


@pytest.mark.parametrize("site", ["same-origin", "cross-site", "none", None])
async def test_a_session_may_read_from_anywhere(stack: Stack, site: str | None) -> None:
    cookie, _session = await stack.sessions.open(PERSONA.identity)
    headers = {"Cookie": f"localresponse={cookie}"} | ({"Sec-Fetch-Site": site} if site else {})

    answer = await stack.client.get(GET, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "same-origin"}, 200, id="ours"),
        pytest.param({"X-CSRF-Token": "{csrf}", "Origin": "http://gateway"}, 200, id="older"),
        pytest.param({"X-CSRF-Token": "{csrf}"}, 200, id="a script of ours"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 403, id="no token"),
        pytest.param({"X-CSRF-Token": "guess"}, 403, id="another token"),
        pytest.param({"X-CSRF-Token": "\xff"}, 403, id="a token that is not ASCII"),
        pytest.param({"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "cross-site"}, 403, id="other"),
        pytest.param({"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "same-site"}, 403, id="sibling"),
        pytest.param({"X-CSRF-Token": "{csrf}", "Origin": "http://evil"}, 403, id="older, other"),
    ],
)
async def test_a_session_writes_with_its_csrf_token_only(
    stack: Stack, headers: dict[str, str], status: int
) -> None:
    cookie, session = await stack.sessions.open(PERSONA.identity)
    filled = {name: value.replace("{csrf}", session.csrf) for name, value in headers.items()}
    sent = {**WRITE, "Cookie": f"localresponse={cookie}", **filled}

    answer = await stack.client.post(
        BUY,
        json={},
        headers=[(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
    )

    assert answer.status_code == status
    assert answer.json().get("reason", "CSRF_REFUSED") == "CSRF_REFUSED"


async def test_a_session_calls_with_a_token_of_its_own(stack: Stack) -> None:
    cookie, _session = await stack.sessions.open(PERSONA.identity)
    headers = {"Cookie": f"localresponse={cookie}"}

    first = await stack.client.get(GET, headers=headers)
    token = stack.library.metadata["authorization"]
    stack.clock.advance(minutes=3)
    await stack.client.get(GET, headers=headers)
    same = stack.library.metadata["authorization"]
    stack.clock.advance(minutes=2)
    await stack.client.get(GET, headers=headers)

    assert first.status_code == 200
    assert same == token
    assert stack.library.metadata["authorization"] != token


async def test_a_session_that_has_ended_calls_nobody(stack: Stack) -> None:
    cookie, _session = await stack.sessions.open(PERSONA.identity)
    stack.clock.advance(hours=1)

    answer = await stack.client.get(GET, headers={"Cookie": f"localresponse={cookie}"})

    assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_MISSING")


async def test_a_service_key_calls_with_its_scopes_and_a_quota_of_its_own(stack: Stack) -> None:
    made = key(stack.clock)
    secret = await stack.keys.create(made)
    headers = {"Authorization": f"Bearer {secret}"}

    answer = await stack.client.get(GET, headers=headers)
    sent = stack.library.metadata["authorization"].removeprefix("Bearer ")
    elsewhere = await stack.client.get("/api/v1/books:watch?feedId=agreement-2", headers=headers)
    here = await stack.client.get("/api/v1/books:watch?feedId=agreement-1", headers=headers)

    claims = jwt.decode(sent, options={"verify_signature": False})
    assert answer.status_code == 200
    assert secret not in sent
    assert (claims["sub"], claims["scopes"]) == (made.subject, ["feed.*", "release.read"])
    assert (elsewhere.status_code, here.status_code) == (404, 200)
    assert int(answer.headers["RateLimit"].partition("r=")[2].partition(";")[0]) == 29_999


async def test_an_unknown_service_key_is_refused(stack: Stack) -> None:
    answer = await stack.client.get(GET, headers={"Authorization": "Bearer lr_" + "x" * 43})

    assert (answer.status_code, answer.json()["reason"]) == (401, "SERVICE_KEY_REFUSED")
