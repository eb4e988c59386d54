"""Signing in and out, whichever provider says who somebody is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.identity.origin import (
    CSRF_FIELD,
    CsrfRefused,
    SessionCookie,
    require_genuine,
    same_site,
)
from gateway.identity.provider import IdentityProvider
from gateway.identity.sessions import Sessions


class SignIn:
    """The routes that open and end sessions.

    Args:
        provider: Says who somebody is.
        sessions: Keeps that they are in.
        cookie: Carries the session.
    """

    def __init__(
        self, provider: IdentityProvider, sessions: Sessions, cookie: SessionCookie
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._cookie = cookie

    def routes(self) -> list[Route]:
        """Return the routes: `POST /sign-in`, `GET /sign-in/callback`, `POST /sign-out`."""
        return [
            Route("/sign-in", self.arrive, methods=["POST"]),
            Route("/sign-in/start", self.start, methods=["GET"]),
            Route("/sign-in/callback", self.arrive, methods=["GET"]),
            Route("/sign-out", self.leave, methods=["POST"]),
        ]

    async def start(self, request: Request) -> Response:
        """Send the browser to where sign-in starts."""
        return await self._provider.begin(request)

    async def arrive(self, request: Request) -> Response:
        """Open a session for whoever the provider names, under a new id.

        Raises:
            SignInRefused: The provider names nobody.
            CsrfRefused: Another site's form would sign somebody in as its own choice.
        """
        if request.method == "POST" and not same_site(request):
            raise CsrfRefused("the request came from another site")
        identity = await self._provider.complete(request)
        before = self._cookie.read(request)
        value, _session = await self._sessions.open(identity, instead_of=before)
        response = RedirectResponse("/", 303)
        self._cookie.set(response, value)
        return response

    async def leave(self, request: Request) -> Response:
        """End the session; without one there is nothing to protect and nothing to end."""
        value = self._cookie.read(request)
        session = await self._sessions.find(value)
        if session is not None:
            async with request.form() as form:
                given = str(form.get(CSRF_FIELD, ""))
            require_genuine(request, expected=session.csrf, given=given)
            await self._sessions.close(value)
        response = RedirectResponse("/sign-in", 303)
        self._cookie.clear(response)
        return response
