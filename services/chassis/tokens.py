"""The internal token: five minutes of one person's authority, minted once, checked everywhere.

The gateway signs with the newest key; services hold public keys only. Two keys stay active, so
that a rotation refuses nobody: a verifier that meets an unknown key id reads its folder again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.chassis.auth import SYSTEM_ROLE, Principal
from services.chassis.clock import Clock
from services.chassis.errors import Unauthenticated
from services.chassis.ids import new_id
from services.chassis.keyfiles import refuse_readable, write_private

ISSUER = "localresponse-gateway"
ALGORITHM = "ES256"
LIFETIME = timedelta(minutes=5)
_LEEWAY = timedelta(seconds=30)
_REQUIRED = ["exp", "iat", "aud", "iss", "sub", "jti", "tenant", "role", "schools", "scopes"]
_KEYS_ACTIVE = 2
_CACHE_SIZE = 4096
_PRIVATE, _PUBLIC = ".private.pem", ".public.pem"


class TokenMissing(Unauthenticated):
    """The call carries no `authorization: Bearer …` metadata."""

    reason = "TOKEN_MISSING"


class TokenExpired(Unauthenticated):
    """The token's five minutes are over."""

    reason = "TOKEN_EXPIRED"


class TokenWrongAudience(Unauthenticated):
    """The token was minted for other services."""

    reason = "TOKEN_WRONG_AUDIENCE"


class TokenInvalid(Unauthenticated):
    """The token is malformed, forged, of another issuer, or lacks a claim."""

    reason = "TOKEN_INVALID"


class TokenKeys:
    """The folder of signing keys: `<id>.private.pem` and `<id>.public.pem`, mode 0600.

    Ids begin with a rising number, so that the newest key sorts last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create_first(self) -> None:
        """Make the folder (0700) and one key when there is none yet; at first start."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._ids(_PUBLIC):
            self._create()

    def rotate(self) -> str:
        """Add a key to sign with, keep the one before it for verifying, drop the rest.

        Returns:
            The new key's id.
        """
        key_id = self._create()
        for stale in self._ids(_PUBLIC)[:-_KEYS_ACTIVE]:
            for suffix in (_PRIVATE, _PUBLIC):
                (self._folder / f"{stale}{suffix}").unlink(missing_ok=True)
        return key_id

    def signing_key(self) -> tuple[str, ec.EllipticCurvePrivateKey]:
        """Return the newest private key and its id.

        Raises:
            ValueError: There is none, or the file can be read by others than its owner.
        """
        ids = self._ids(_PRIVATE)
        if not ids:
            raise ValueError(f"there is no signing key in {self._folder}")
        path = self._folder / f"{ids[-1]}{_PRIVATE}"
        refuse_readable(path)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return ids[-1], key

    def public_keys(self) -> dict[str, Any]:
        """Return the active public keys by id."""
        return {
            key_id: serialization.load_pem_public_key(
                (self._folder / f"{key_id}{_PUBLIC}").read_bytes()
            )
            for key_id in self._ids(_PUBLIC)[-_KEYS_ACTIVE:]
        }

    def _ids(self, suffix: str) -> list[str]:
        return sorted(path.name.removesuffix(suffix) for path in self._folder.glob(f"*{suffix}"))

    def _create(self) -> str:
        ids = self._ids(_PUBLIC)
        number = int(ids[-1].partition("-")[0]) + 1 if ids else 1
        key_id, key = f"{number:08}-{new_id()}", ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        # The private half is complete before the public half makes the key known.
        write_private(self._folder / f"{key_id}{_PRIVATE}", private)
        write_private(self._folder / f"{key_id}{_PUBLIC}", public)
        return key_id


class TokenMinter:
    """Signs internal tokens; only the gateway holds one.

    Args:
        keys: The folder with private keys.
        clock: Says when a token begins.
    """

    def __init__(self, keys: TokenKeys, clock: Clock) -> None:
        self._key_id, self._key = keys.signing_key()
        self._clock = clock

    def mint(self, principal: Principal, audience: tuple[str, ...]) -> str:
        """Return a token of five minutes for the named services.

        Args:
            principal: Whose authority it carries; a new jti is made.
            audience: Service names, such as `("fund", "outcomes")`.
        """
        now = self._clock.now()
        claims = {
            "iss": ISSUER,
            "aud": list(audience),
            "sub": principal.subject,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": new_id(),
            "tenant": principal.tenant,
            "role": principal.role,
            "schools": sorted(principal.schools),
            "scopes": sorted(principal.scopes),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    issued_at: datetime
    expires_at: datetime


class TokenVerifier:
    """Checks tokens for one service.

    A signature is checked once for each token and remembered until the token ends, since the
    same one comes with every call of five minutes.

    Args:
        keys: The folder with public keys.
        audience: This service's name.
        clock: Says when a token has ended.
    """

    def __init__(self, keys: TokenKeys, audience: str, clock: Clock) -> None:
        self._keys, self._audience, self._clock = keys, audience, clock
        self._public = keys.public_keys()
        self._seen: OrderedDict[str, _Verified] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """Return whose token this is.

        Raises:
            TokenExpired: Its time is over.
            TokenWrongAudience: It is for other services.
            TokenInvalid: Anything else is wrong with it.
        """
        verified = self._seen.get(token) or self._remember(token, self._check(token))
        now = self._clock.now()
        if now >= verified.expires_at:
            self._seen.pop(token, None)
            raise TokenExpired("the token has ended; ask for another")
        if verified.issued_at > now + _LEEWAY:
            raise TokenInvalid("the token begins in the future")
        return verified.principal

    def _remember(self, token: str, verified: _Verified) -> _Verified:
        self._seen[token] = verified
        if len(self._seen) > _CACHE_SIZE:
            self._seen.popitem(last=False)
        return verified

    def _check(self, token: str) -> _Verified:
        try:
            claims = jwt.decode(
                token,
                self._key(jwt.get_unverified_header(token).get("kid")),
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                # Time is checked against our own clock, for remembered tokens as well.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            return _verified(claims)
        except jwt.InvalidAudienceError:
            raise TokenWrongAudience(f"the token is not for {self._audience}") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError):
            raise TokenInvalid("the token is not one of ours") from None

    def _key(self, key_id: object) -> Any:
        if key_id not in self._public:
            self._public = self._keys.public_keys()
        if not isinstance(key_id, str) or key_id not in self._public:
            raise jwt.InvalidKeyError("unknown key")
        return self._public[key_id]


def _verified(claims: dict[str, Any]) -> _Verified:
    issued, expires = (_moment(claims[name]) for name in ("iat", "exp"))
    principal = Principal(
        tenant=_text(claims["tenant"]),
        subject=_text(claims["sub"]),
        role=_text(claims["role"]),
        schools=frozenset(map(_text, claims["schools"])),
        scopes=frozenset(map(_text, claims["scopes"])),
        token_id=_text(claims["jti"]),
    )
    if expires - issued > LIFETIME or principal.role == SYSTEM_ROLE:
        raise ValueError("longer or higher than any token that is minted")
    return _Verified(principal, issued, expires)


def _moment(value: object) -> datetime:
    if not isinstance(value, int):
        raise TypeError("a time in a token is whole seconds")
    return datetime.fromtimestamp(value, UTC)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a claim of a token is text")
    return value
