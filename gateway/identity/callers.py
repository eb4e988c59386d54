"""Who makes an API call: a bearer of an internal token or service key, or a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from gateway.identity.origin import CSRF_HEADER, SAFE_METHODS, SessionCookie, require_genuine
from gateway.identity.service_keys import PREFIX, ServiceKeys
from gateway.identity.sessions import Sessions
from gateway.identity.tokens import SessionTokens
from services.chassis.auth import Principal
from services.chassis.tokens import TokenInvalid, TokenMissing, TokenVerifier


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that was checked, and the token that goes on to the service.

    Attributes:
        principal: Who.
        token: The internal token.
        agreement_id: The only agreement that the call may name; empty when it may name any.
        key_id: The service key's own id; empty without one.
    """

    principal: Principal
    token: str
    agreement_id: str = ""
    key_id: str = ""

    @property
    def bucket(self) -> str:
        """Whose quota the call takes from: each key has one of its own."""
        return f"{self.principal.tenant}/{self.principal.subject}/{self.key_id}"

    def metadata(self, traceparent: str) -> tuple[tuple[str, str], ...]:
        """Return the metadata that every call to a service carries."""
        return (("authorization", f"Bearer {self.token}"), ("traceparent", traceparent))


class Callers(Protocol):
    """How the API learns who calls."""

    async def of(self, request: Request, audience: str) -> Caller:
        """Return the caller of a request that goes on to the service `audience`.

        Raises:
            Unauthenticated: TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_WRONG_AUDIENCE,
                SERVICE_KEY_REFUSED.
            PermissionDenied: CSRF_REFUSED, a write with a session's cookie from elsewhere.
        """
        ...


class Bearers(Protocol):
    """Tokens that somebody else signed, such as the council's identity provider."""

    def are_of(self, token: str) -> bool:
        """Whether a token is theirs to judge."""
        ...

    async def principal(self, token: str) -> Principal:
        """Return whose token this is.

        Raises:
            SignInRefused: It is not good.
        """
        ...


@dataclass(frozen=True, slots=True)
class SessionOrBearer:
    """Takes `Authorization: Bearer <token or service key>`, else the session's cookie.

    Attributes:
        verifiers: One for each service, by name: a token must be meant for the one called.
        sessions: Where cookies lead.
        keys: Where service keys lead.
        cookie: The sessions' name.
        tokens: What a session's or a key's calls carry.
        bearers: Access tokens of the identity provider; None takes none.
    """

    verifiers: Mapping[str, TokenVerifier]
    sessions: Sessions
    keys: ServiceKeys
    cookie: SessionCookie
    tokens: SessionTokens
    bearers: Bearers | None = None

    async def of(self, request: Request, audience: str) -> Caller:
        """Return the caller; a bearer token wins over a cookie.

        Raises:
            Unauthenticated: Neither is there, or it is not good.
            PermissionDenied: CSRF_REFUSED.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise TokenInvalid("the API takes bearer tokens only")
            token = token.strip()
            if token.startswith(PREFIX):
                return await self._of_key(token)
            if self.bearers is not None and self.bearers.are_of(token):
                principal = await self.bearers.principal(token)
                return Caller(principal, self.tokens.of_principal(_holder(token), principal))
            return Caller(self.verifiers[audience].verify(token), token)
        session = await self.sessions.find(self.cookie.read(request))
        if session is None:
            raise TokenMissing("the call needs a bearer token or a signed-in session")
        if request.method not in SAFE_METHODS:
            given = request.headers.get(CSRF_HEADER, "")
            require_genuine(request, expected=session.csrf, given=given)
        return Caller(session.identity.principal(), self.tokens.of(session))

    async def _of_key(self, secret: str) -> Caller:
        key = await self.keys.find(secret)
        principal = key.principal()
        token = self.tokens.of_principal(key.id, principal)
        return Caller(principal, token, agreement_id=key.agreement_id, key_id=key.id)


def _holder(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
