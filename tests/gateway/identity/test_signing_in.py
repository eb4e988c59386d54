"""Signing in and out over the whole gateway, as a browser does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import app
from gateway.identity.demo import PERSONAS_FILE, DemoProvider, load
from gateway.identity.origin import SessionCookie
from services.chassis.settings import Settings
from tests.support.clock import FakeClock

ANA = {
    "id": "ana",
    "subject": "0190-ana",
    "name": "Ana Practitioner",
    "role": "practitioner",
    "tenant": "E06000050",
    "authority": "Demonstration Borough",
    "schools": ["100001"],
}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / PERSONAS_FILE).write_text(json.dumps([ANA]))
    return Settings(data_dir=tmp_path)


@pytest.fixture
async def browser(settings: Settings, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    built: Any = app.build(settings, clock)
    transport = httpx.ASGITransport(built)
    async with (
        built.router.lifespan_context(built),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client,
    ):
        yield client


async def sign_in(browser: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await browser.post("/sign-in", data={"persona": "ana"}, headers={**OURS, **headers})


async def test_a_chosen_persona_gets_a_session(browser: httpx.AsyncClient) -> None:
    answer = await sign_in(browser)

    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert cookie.startswith("localresponse=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_signing_in_again_changes_the_cookie(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    before = browser.cookies["localresponse"]

    await sign_in(browser)

    assert browser.cookies["localresponse"] != before


async def test_an_unknown_persona_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/sign-in", data={"persona": "eve"}, headers=OURS)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_another_site_cannot_sign_anybody_in(browser: httpx.AsyncClient) -> None:
    answer = await sign_in(browser, **{"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_signing_out_needs_the_sessions_token(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)

    answer = await browser.post("/sign-out", data={"csrf_token": "guess"}, headers=OURS)

    assert answer.status_code == 403
    assert (await browser.get("/")).headers["location"] == "/home"


async def test_signing_out_without_a_session_does_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/sign-out", headers=OURS)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_the_problems_are_explained(browser: httpx.AsyncClient) -> None:
    listed = (await browser.get("/problems")).json()["problems"]
    one = (await browser.get("/problems/pot-exhausted")).json()

    assert {"POT_EXHAUSTED", "ROWS_REFUSED", "RATE_LIMITED"} <= {item["reason"] for item in listed}
    assert one["owner"] == "fund"
    assert (await browser.get("/problems/none")).status_code == 404


async def test_the_openapi_document_is_served(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/openapi.json")

    assert answer.json()["openapi"] == "3.1.0"


async def test_an_api_path_that_is_not_there_is_a_problem(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/none")

    assert answer.headers["content-type"] == "application/problem+json"


def test_https_gets_a_cookie_bound_to_the_host() -> None:
    assert SessionCookie(secure=True).name == "__Host-localresponse"


def test_demo_sign_in_refuses_any_other_mode(tmp_path: Path) -> None:
    settings = Settings.model_construct(data_dir=tmp_path, sign_in="demo", gateway_host="0.0.0.0")

    with pytest.raises(ValueError, match="loopback"):
        DemoProvider(settings)


@pytest.mark.parametrize("content", ['{"a": 1}', "[1]", "[{}]", '"x"'])
def test_a_file_that_holds_no_personas_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / PERSONAS_FILE
    path.write_text(content)

    with pytest.raises(ValueError, match="not a list of personas"):
        load(path)
