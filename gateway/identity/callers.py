"""Who makes an API call: a bearer of an internal token, or a signed-in browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from gateway.identity.origin import CSRF_HEADER, SAFE_METHODS, SessionCookie, require_genuine
from gateway.identity.sessions import Sessions
from gateway.identity.tokens import SessionTokens
from services.chassis.auth import Principal
from services.chassis.tokens import TokenInvalid, TokenMissing, TokenVerifier


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that was checked, and the token that goes on to the service."""

    principal: Principal
    token: str

    def metadata(self, traceparent: str) -> tuple[tuple[str, str], ...]:
        """Return the metadata that every call to a service carries."""
        return (("authorization", f"Bearer {self.token}"), ("traceparent", traceparent))


class Callers(Protocol):
    """How the API learns who calls."""

    async def of(self, request: Request, audience: str) -> Caller:
        """Return the caller of a request that goes on to the service `audience`.

        Raises:
            Unauthenticated: TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_WRONG_AUDIENCE.
            PermissionDenied: CSRF_REFUSED, a write with a session's cookie from elsewhere.
        """
        ...


class SessionOrBearer:
    """Takes `Authorization: Bearer <internal token>`, else the session's cookie.

    Args:
        verifiers: One for each service, by name: a token must be meant for the one called.
        sessions: Where cookies lead.
        cookie: Their name.
        tokens: What a session's calls carry.
    """

    def __init__(
        self,
        verifiers: Mapping[str, TokenVerifier],
        sessions: Sessions,
        *,
        cookie: SessionCookie,
        tokens: SessionTokens,
    ) -> None:
        self._verifiers = verifiers
        self._sessions = sessions
        self._cookie = cookie
        self._tokens = tokens

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
            return Caller(self._verifiers[audience].verify(token), token)
        session = await self._sessions.find(self._cookie.read(request))
        if session is None:
            raise TokenMissing("the call needs a bearer token or a signed-in session")
        if request.method not in SAFE_METHODS:
            given = request.headers.get(CSRF_HEADER, "")
            require_genuine(request, expected=session.csrf, given=given)
        return Caller(session.identity.principal(), self._tokens.of(session))
