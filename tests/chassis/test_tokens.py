from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.chassis.auth import Principal
from services.chassis.errors import Unauthenticated
from services.chassis.tokens import ISSUER, TokenKeys, TokenMinter, TokenVerifier
from tests.support.clock import FakeClock

SOMEBODY = Principal(
    "E06000050", "p-1", "practitioner", frozenset({"100001"}), frozenset({"purchase.*"})
)


@pytest.fixture
def keys(tmp_path: Path) -> TokenKeys:
    keys = TokenKeys(tmp_path / "tokens")
    keys.create_first()
    return keys


def claims(clock: FakeClock, **changes: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "iss": ISSUER,
        "aud": ["fund"],
        "sub": "p-1",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "jti": "t-1",
        "tenant": "E06000050",
        "role": "practitioner",
        "schools": [],
        "scopes": ["*"],
    } | changes


def reason(keys: TokenKeys, clock: FakeClock, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        TokenVerifier(keys, "fund", clock).verify(token)
    return refused.value.reason


def test_a_token_carries_its_principal_to_the_services_it_names(
    keys: TokenKeys, clock: FakeClock
) -> None:
    token = TokenMinter(keys, clock).mint(SOMEBODY, ("fund", "notify"))

    principal = TokenVerifier(keys, "fund", clock).verify(token)

    assert principal.token_id
    assert principal == Principal(
        SOMEBODY.tenant,
        SOMEBODY.subject,
        SOMEBODY.role,
        SOMEBODY.schools,
        SOMEBODY.scopes,
        principal.token_id,
    )


def test_a_token_lasts_five_minutes_also_when_it_was_seen_before(
    keys: TokenKeys, clock: FakeClock
) -> None:
    token = TokenMinter(keys, clock).mint(SOMEBODY, ("fund",))
    verifier = TokenVerifier(keys, "fund", clock)

    clock.advance(minutes=4, seconds=59)
    verifier.verify(token)
    clock.advance(seconds=1)

    with pytest.raises(Unauthenticated) as refused:
        verifier.verify(token)
    assert refused.value.reason == "TOKEN_EXPIRED"


def test_a_token_for_another_service_is_refused(keys: TokenKeys, clock: FakeClock) -> None:
    token = TokenMinter(keys, clock).mint(SOMEBODY, ("outcomes",))

    assert reason(keys, clock, token) == "TOKEN_WRONG_AUDIENCE"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "somebody"}, id="another issuer"),
        pytest.param({"role": "system"}, id="the system's role"),
        pytest.param({"tenant": ""}, id="no authority"),
        pytest.param({"tenant": 7}, id="authority is no text"),
        pytest.param({"schools": None}, id="schools is no list"),
        pytest.param({"exp": 4_102_444_800}, id="longer than five minutes"),
        pytest.param({"exp": "soon"}, id="time is no number"),
        pytest.param({"exp": 10**18}, id="time beyond the calendar"),
    ],
)
def test_a_signed_token_with_wrong_claims_is_refused(
    keys: TokenKeys, clock: FakeClock, changes: dict[str, Any]
) -> None:
    key_id, key = keys.signing_key()
    token = jwt.encode(claims(clock, **changes), key, "ES256", headers={"kid": key_id})

    assert reason(keys, clock, token) == "TOKEN_INVALID"


@pytest.mark.parametrize("claim", ["exp", "iat", "aud", "iss", "sub", "jti", "tenant", "role"])
def test_a_token_without_a_claim_is_refused(keys: TokenKeys, clock: FakeClock, claim: str) -> None:
    key_id, key = keys.signing_key()
    without = {name: value for name, value in claims(clock).items() if name != claim}

    token = jwt.encode(without, key, "ES256", headers={"kid": key_id})

    assert reason(keys, clock, token) in {"TOKEN_INVALID", "TOKEN_WRONG_AUDIENCE"}


def test_a_token_from_the_future_is_refused(keys: TokenKeys, clock: FakeClock) -> None:
    clock.advance(minutes=10)
    token = TokenMinter(keys, clock).mint(SOMEBODY, ("fund",))
    clock.advance(minutes=-10)

    assert reason(keys, clock, token) == "TOKEN_INVALID"


def test_a_token_by_another_key_or_none_is_refused(keys: TokenKeys, clock: FakeClock) -> None:
    key_id, _ = keys.signing_key()
    forged = ec.generate_private_key(ec.SECP256R1())
    header = {"kid": key_id}

    by_another = jwt.encode(claims(clock), forged, "ES256", headers=header)
    unsigned = jwt.encode(claims(clock), "", "none", headers=header)
    unknown = jwt.encode(claims(clock), forged, "ES256", headers={"kid": "x"})
    by_secret = jwt.encode(claims(clock), "k" * 64, "HS256", headers=header)

    for token in (by_another, unsigned, unknown, by_secret):
        assert reason(keys, clock, token) == "TOKEN_INVALID"


def test_a_rotation_refuses_nobody_and_the_key_before_last_is_gone(
    keys: TokenKeys, clock: FakeClock
) -> None:
    verifier = TokenVerifier(keys, "fund", clock)
    first = TokenMinter(keys, clock).mint(SOMEBODY, ("fund",))
    keys.rotate()
    second = TokenMinter(keys, clock).mint(SOMEBODY, ("fund",))

    assert verifier.verify(second)
    assert verifier.verify(first)
    keys.rotate()

    assert reason(keys, clock, first) == "TOKEN_INVALID"
    assert TokenVerifier(keys, "fund", clock).verify(second)


def test_key_files_are_their_owners_alone(tmp_path: Path, keys: TokenKeys) -> None:
    folder = tmp_path / "tokens"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)
    next(folder.glob("*.private.pem")).chmod(0o640)
    with pytest.raises(ValueError, match="0600"):
        keys.signing_key()
