"""What every page stands on: who looks, whether a form is genuine, and what a refusal becomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.identity.origin import CSRF_FIELD, require_genuine
from gateway.pages.forms import FieldError, Form
from gateway.pages.rendering import Renderer
from gateway.pages.services import Services
from gateway.pages.visit import Visit, Visitors
from gateway.refusals import Refusal
from services.chassis.clock import Clock

FORM_BYTES_MAX = 256 * 1024

Handler = Callable[[Request, Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_STATUS = {
    "NOT_FOUND": 404,
    "INVALID_ARGUMENT": 404,
    "PERMISSION_DENIED": 403,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 503,
    "CANCELLED": 503,
    "RESOURCE_EXHAUSTED": 503,
}


@dataclass(frozen=True, slots=True)
class Site:
    """The pages' own composition: everything that a journey needs."""

    renderer: Renderer
    services: Services
    visitors: Visitors
    clock: Clock

    def page(self, handler: Handler, *, roles: frozenset[str] | None = None) -> Endpoint:
        """Return an endpoint for people who are signed in.

        Args:
            handler: Answers the page.
            roles: Who is shown it at all; None shows it to every role.
        """

        async def endpoint(request: Request) -> Response:
            visit = await self.visitors.of(request)
            if visit is None:
                return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
            if roles is not None and not visit.is_one_of(roles):
                return self.failure(visit, 403)
            try:
                return await handler(request, visit)
            except Refusal as refusal:
                if refusal.code == "UNAUTHENTICATED":
                    return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
                return self.failure(visit, _STATUS.get(refusal.code, 500))

        return endpoint

    async def form(self, request: Request, visit: Visit) -> Form:
        """Read a form that one of our own pages sent.

        Raises:
            CsrfRefused: It did not come from this session's pages.
            HTTPException: 413 when it is too large.
        """
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_BYTES_MAX:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        values = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        require_genuine(request, expected=visit.csrf, given=values.get(CSRF_FIELD, ""))
        return Form(values)

    def show(
        self,
        template: str,
        visit: Visit | None,
        *,
        errors: Sequence[FieldError] = (),
        **context: Any,
    ) -> HTMLResponse:
        """Answer a page; one with faults is 422, so that nothing mistakes it for success."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return self.renderer.page(template, visit, errors=errors, status=status, **context)

    def failure(self, visit: Visit | None, status: int) -> HTMLResponse:
        """Answer the page that says why there is no page."""
        known = status if status in {403, 404, 413, 503} else 500
        title = {
            403: "You cannot see this page",
            404: "Page not found",
            413: "That was too much to send",
            503: "Sorry, part of the service is not available",
        }.get(known, "Sorry, there is a problem with the service")
        return self.renderer.page(f"failures/{known}.html", visit, status=status, title=title)

    def refused_sign_in(self, reason: str) -> HTMLResponse:
        """Answer the page of somebody whom the identity provider did not let in."""
        title, status = "You are not signed in", HTTPStatus.FORBIDDEN
        return self.renderer.page(
            "failures/sign-in.html", None, status=status, title=title, reason=reason
        )


def see(address: str) -> RedirectResponse:
    """Send the browser on after a form was taken."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
