"""The identity provider as it describes itself: its endpoints, its keys, its tokens.

OpenID Connect Discovery 1.0 and Core 1.0, by authlib and joserfc; what is ours is when to ask
again, and that every answer must come from the one issuer of the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import structlog
from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from starlette.exceptions import HTTPException

from gateway.identity.provider import SignInRefused
from services.chassis.clock import Clock
from services.chassis.settings import is_loopback

LEEWAY_S = 60
"""How far the provider's clock may be from ours."""

# Signatures by a key that the provider alone holds: no shared secret, and never none.
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
_ESSENTIAL = ("iss", "sub", "aud", "exp", "iat")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KNOWN_FOR = timedelta(hours=1)
_ASKED_AGAIN_AFTER = timedelta(minutes=1)
_log = structlog.get_logger("gateway.oidc")


@dataclass(frozen=True, slots=True)
class _Known:
    at: datetime
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows us by."""

    id: str
    secret: str = field(repr=False)


class Issuer:
    """One identity provider.

    Args:
        url: Its issuer identifier, exactly as its tokens say it.
        http: Makes the requests; closed by whoever made it.
        clock: Says how old what we know is, and when a token has ended.
    """

    def __init__(self, url: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self.url = url
        self._http = http
        self._clock = clock
        self._metadata: _Known | None = None
        self._keys: _Known | None = None

    async def metadata(self) -> Mapping[str, Any]:
        """Return the discovery document, at most an hour old.

        Raises:
            HTTPException: 503, the provider does not answer, or not as itself.
        """
        known = self._metadata
        if known is None or self._clock.now() >= known.at + _KNOWN_FOR:
            found = await self._get(get_well_known_url(self.url, external=True))
            self._metadata = known = _Known(self._clock.now(), self._checked(found))
        return known.value

    async def exchange(self, form: Mapping[str, str], client: Client) -> Mapping[str, Any]:
        """Return what the token endpoint gives for a code.

        Raises:
            SignInRefused: It refuses the code.
            HTTPException: 503, it does not answer.
        """
        metadata = await self.metadata()
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        sent, auth = dict(form), httpx.Auth()
        if "client_secret_basic" in methods:
            # Encoded first, because a colon would end the id (RFC 6749, section 2.3.1).
            auth = httpx.BasicAuth(quote(client.id, safe=""), quote(client.secret, safe=""))
        else:
            sent |= {"client_id": client.id, "client_secret": client.secret}
        try:
            answer = await self._http.post(metadata["token_endpoint"], data=sent, auth=auth)
        except httpx.HTTPError as error:
            raise _away(error) from None
        if answer.is_server_error:
            raise _away(answer)
        document = _object(answer)
        if not answer.is_success or not isinstance(document.get("id_token"), str):
            raise SignInRefused("the identity provider did not take its own code back")
        return document

    async def id_claims(self, token: str, **expected: str) -> Mapping[str, Any]:
        """Return the claims of an ID token that was made for us and is good now.

        Args:
            token: As it came.
            expected: `client_id`, `nonce` and the `access_token` that came with it.

        Raises:
            SignInRefused: As `claims`.
            HTTPException: 503, the keys cannot be had.
        """
        return await self._claims(token, expected["client_id"], CodeIDToken, expected)

    async def claims(self, token: str, audience: str) -> Mapping[str, Any]:
        """Return the claims of an access token that was made for an audience and is good now.

        Raises:
            SignInRefused: It is another's, for another, forged, too early or too late.
            HTTPException: 503, the keys cannot be had.
        """
        return await self._claims(token, audience, JWTClaims, {})

    async def _claims(
        self, token: str, audience: str, kind: type[JWTClaims], expected: Mapping[str, str]
    ) -> Mapping[str, Any]:
        metadata = await self.metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = sorted(_ALGORITHMS.intersection(offered))
        try:
            try:
                decoded = jwt.decode(token, await self._key_set(), algorithms)
            except InvalidKeyIdError:
                decoded = jwt.decode(token, await self._key_set(again=True), algorithms)
            options: dict[str, Any] = {name: {"essential": True} for name in _ESSENTIAL}
            options["iss"] |= {"value": self.url}
            options["aud"] |= {"value": audience}
            found = kind(decoded.claims, decoded.header, options, dict(expected))
            found.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            _log.warning("token refused", fault=type(error).__name__)
            raise SignInRefused("the identity provider's token is not good") from None
        return dict(found)

    async def _key_set(self, *, again: bool = False) -> KeySet:
        known, now = self._keys, self._clock.now()
        oldest = _ASKED_AGAIN_AFTER if again else _KNOWN_FOR
        if known is None or now >= known.at + oldest:
            found = await self._get((await self.metadata())["jwks_uri"])
            self._keys = known = _Known(now, found)
        return KeySet.import_key_set(known.value)  # type: ignore[arg-type]  # a mapping as it came

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            answer = await self._http.get(url)
        except httpx.HTTPError as error:
            raise _away(error) from None
        document = _object(answer)
        if not answer.is_success or not document:
            raise _away(answer)
        return document

    def _checked(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        metadata = OpenIDProviderMetadata(document)
        endpoints = [str(metadata.get(name, "")) for name in _ENDPOINTS]
        if metadata.get("issuer") != self.url or not all(map(is_safe, endpoints)):
            _log.error("the discovery document is not the issuer's")
            raise HTTPException(503)
        return document


def is_safe(url: str) -> bool:
    """Whether a secret may go to an address: by TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _away(cause: object) -> HTTPException:
    _log.error("the identity provider does not answer", cause=type(cause).__name__)
    return HTTPException(503)
