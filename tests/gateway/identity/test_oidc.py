"""Sign-in by OpenID Connect against a provider that keeps, and on demand breaks, the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt as pyjwt
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from gateway import app
from services.chassis.settings import Settings
from tests.support.clock import FakeClock
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, new_key

OURS = "http://127.0.0.1:8080"
API = "https://fund.example/api"
PERSON = {
    "sub": "8d1f-ruth",
    "name": "Ruth Mensah",
    "roles": ["Staff", "LRF finance"],
    "schools": ["100001", "not a URN"],
}


@dataclass(slots=True)
class House:
    """A gateway that signs in by OIDC, a browser before it, and the provider."""

    browser: httpx.AsyncClient
    provider: IdentityProvider
    http: httpx.AsyncClient

    async def leave(self) -> str:
        """Begin to sign in; returns the address that the provider sends the browser back to."""
        away = await self.browser.get("/sign-in/start")
        assert away.status_code == 303, away.text
        back = await self.http.get(away.headers["location"])
        return str(back.headers["location"])

    async def sign_in(self) -> httpx.Response:
        return await self.browser.get(await self.leave())


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
async def provider(clock: FakeClock) -> AsyncIterator[IdentityProvider]:
    made = IdentityProvider(clock)
    server = await made.start()
    yield made
    await server.stop()


@pytest.fixture(scope="module")
async def gateway(
    provider: IdentityProvider, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Any]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("oidc"),
        sign_in="oidc",
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        oidc_tenants={"E06000050": "Demonstration Borough"},
        oidc_roles={"LRF finance": "finance_officer", "LRF audit": "auditor"},
        oidc_api_audience=API,
        public_url=OURS,
    )
    built: Any = app.build(settings, clock)
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
async def house(gateway: Any, provider: IdentityProvider, clock: FakeClock) -> AsyncIterator[House]:
    # What was known of the provider before is forgotten after an hour.
    clock.advance(hours=2)
    provider.behave(PERSON)
    transport = httpx.ASGITransport(gateway)
    async with (
        httpx.AsyncClient(transport=transport, base_url=OURS) as browser,
        httpx.AsyncClient() as http,
    ):
        yield House(browser, provider, http)


async def refused(house: House) -> str:
    """Sign in and be refused; returns the page."""
    answer = await house.sign_in()
    assert answer.status_code == 403, answer.text
    assert "localresponse=" not in answer.headers.get("set-cookie", "")
    assert (await house.browser.get("/")).headers["location"] == "/sign-in"
    return answer.text


async def test_somebody_signs_in_with_the_councils_account(house: House) -> None:
    with capture_logs() as logs:
        answer = await house.sign_in()

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = (await house.browser.get("/sign-out")).text
    assert "Ruth Mensah, finance officer" in page
    assert "Demonstration Borough" in page
    assert "Ruth" not in str(logs)


async def test_what_is_sent_off_is_bound_to_the_browser(house: House) -> None:
    away = await house.browser.get("/sign-in/start")

    asked = dict(parse_qsl(urlsplit(away.headers["location"]).query))
    assert asked["redirect_uri"] == f"{OURS}/sign-in/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = away.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert not any(value in cookie for value in asked.values())


async def test_an_answer_is_good_once(house: House) -> None:
    back = await house.leave()
    await house.browser.get(back)
    house.browser.cookies.delete("localresponse")

    assert (await house.browser.get(back)).status_code == 403


async def test_an_answer_that_another_browser_began_is_refused(house: House) -> None:
    back = await house.leave()
    house.browser.cookies.clear()
    asked = list(house.provider.asked)

    assert (await house.browser.get(back)).status_code == 403
    assert house.provider.asked == asked


async def test_an_answer_that_takes_too_long_is_refused(house: House, clock: FakeClock) -> None:
    back = await house.leave()
    clock.advance(minutes=10)

    assert (await house.browser.get(back)).status_code == 403


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"state": "forged"}, id="another state"),
        pytest.param({"state": None}, id="no state"),
        pytest.param({"state": "\N{SNOWMAN}"}, id="a state that is not ASCII"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer, mixed up"),
        pytest.param({"iss": None}, id="no issuer where one is promised"),
        pytest.param({"code": None}, id="no code"),
        pytest.param({"error": "access_denied", "code": None}, id="the provider's refusal"),
    ],
)
async def test_a_forged_answer_never_brings_a_code_to_the_provider(
    house: House, answer: dict[str, Any]
) -> None:
    house.provider.answer = answer

    await refused(house)

    assert "token" not in house.provider.asked


async def test_a_code_of_somebody_else_is_refused(house: House) -> None:
    house.provider.answer = {"code": "guess"}

    await refused(house)


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param({"nonce": "replayed"}, id="another nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({"aud": "another client"}, id="another client's"),
        pytest.param({"aud": [CLIENT, "other"]}, id="several audiences and no party"),
        pytest.param({"azp": "another client"}, id="another party's"),
        pytest.param({"at_hash": "AAAA"}, id="another access token's"),
        pytest.param({"exp": 1}, id="ended"),
        pytest.param({"exp": None}, id="without end"),
        pytest.param({"iat": None}, id="without beginning"),
        pytest.param({"sub": None}, id="of nobody"),
        pytest.param({"sub": "x" * 121}, id="of an id that is too long"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(house: House, forge: dict[str, Any]) -> None:
    house.provider.forge = forge

    await refused(house)


@pytest.mark.parametrize(
    ("skew", "good"), [(0, True), (55, True), (65, False), (-330, True), (-365, False)]
)
async def test_clocks_may_differ_by_a_minute(house: House, skew: int, *, good: bool) -> None:
    house.provider.clock_skew_s = skew

    answer = await house.sign_in()

    assert (answer.status_code == 303) is good


async def test_a_token_of_another_key_is_refused(house: House) -> None:
    await house.sign_in()
    house.provider.key = new_key()

    answer = await house.sign_in()

    assert answer.status_code == 403


async def test_a_rotated_key_is_fetched_when_it_is_first_seen(
    house: House, clock: FakeClock
) -> None:
    await house.sign_in()
    house.provider.key = new_key()
    house.provider.published.append(house.provider.key)
    clock.advance(minutes=2)

    assert (await house.sign_in()).status_code == 303


@pytest.mark.parametrize(("algorithm", "key"), [("none", ""), ("HS256", SECRET * 4)])
async def test_a_token_that_others_could_sign_is_refused(
    house: House, algorithm: str, key: str
) -> None:
    claims = {**PERSON, "iss": house.provider.url, "aud": CLIENT, "iat": 1, "exp": 2**33}
    house.provider.id_token = pyjwt.encode(claims, key, algorithm=algorithm)

    await refused(house)


@pytest.mark.parametrize(
    "discovery",
    [
        pytest.param({"issuer": "https://evil.example"}, id="of another issuer"),
        pytest.param({"token_endpoint": "http://evil.example/token"}, id="in the clear"),
        pytest.param({"jwks_uri": None}, id="without keys"),
    ],
)
async def test_a_provider_that_is_not_itself_is_not_used(
    house: House, discovery: dict[str, Any]
) -> None:
    house.provider.discovery = discovery

    away = await house.browser.get("/sign-in/start")

    assert away.status_code == 503
    assert "location" not in away.headers


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        pytest.param({"roles": ["Staff"]}, "no role", id="no role"),
        pytest.param({"roles": None}, "no role", id="no claim of roles"),
        pytest.param({"roles": ["finance_officer"]}, "no role", id="our name, not the council's"),
        pytest.param({"roles": ["LRF finance", "LRF audit"]}, "more than one role", id="two roles"),
    ],
)
async def test_an_account_without_one_role_is_told_so(
    house: House, person: dict[str, Any], reason: str
) -> None:
    house.provider.person |= person

    assert f"The account has {reason} in this service." in await refused(house)


async def test_a_program_brings_a_token_of_the_same_provider(house: House) -> None:
    def call(token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return house.browser.get("/api/v1/purchases", headers=headers)

    good = await call(house.provider.token(aud=API))
    for_sign_in = await call(house.provider.token(aud=CLIENT))
    ended = await call(house.provider.token(aud=API, exp=1))
    of_nobody = await call(house.provider.token(aud=API, roles=[]))

    # The fund does not run here: a good token gets as far as asking it.
    assert (good.status_code, good.json()["reason"]) == (503, "SERVICE_UNAVAILABLE")
    for refusal in (for_sign_in, ended, of_nobody):
        assert (refusal.status_code, refusal.json()["reason"]) == (401, "SIGN_IN_REFUSED")


async def test_the_page_of_sign_in_leads_to_the_provider(house: House) -> None:
    page = (await house.browser.get("/sign-in")).text

    assert 'href="/sign-in/start"' in page
    assert "Choose who to be" not in page
