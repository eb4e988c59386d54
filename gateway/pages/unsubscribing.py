"""Leaving a digest by its link: a page with a button, and the one click of mail programs.

Nobody signs in for it (RFC 8058, section 3.2). Looking at the page changes nothing, because
mail scanners open links; the link's token, which notify made and checks, is the only authority.
"""

from __future__ import annotations

from typing import Any

import grpc
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import refusals
from gateway.identity.tokens import mint_unsubscriber
from gateway.limits import Limits
from gateway.pages.services import DEADLINE_S
from gateway.pages.site import Site
from gateway.refusals import Refusal
from services.chassis import telemetry
from services.chassis.ids import new_id
from services.chassis.tokens import TokenMinter

_CATEGORIES = {
    types.CATEGORY_REQUESTS: "requests",
    types.CATEGORY_DECISIONS: "decisions",
    types.CATEGORY_MONEY: "money",
    types.CATEGORY_OUTCOMES: "outcomes",
}
_LINK_CODES = frozenset({"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"})


class UnsubscribePages:
    """The page and what its button, or a mail program, sends.

    Args:
        site: The pages' own composition.
        minter: Signs the narrow token that notify is called with.
        limits: How often one address may try.
    """

    def __init__(self, site: Site, minter: TokenMinter, limits: Limits) -> None:
        self._site, self._minter, self._limits = site, minter, limits

    def routes(self) -> list[Route]:
        """Return `/unsubscribe/{token}`: GET looks, POST leaves."""
        return [
            Route("/unsubscribe/{token}", self.ask, methods=["GET"]),
            Route("/unsubscribe/{token}", self.leave, methods=["POST"]),
        ]

    async def ask(self, _: Request) -> Response:
        """Show the button."""
        return self._page("ask", "Stop these emails")

    async def leave(self, request: Request) -> Response:
        """Stop the e-mails; answered without a redirect, as RFC 8058 wants it."""
        client = request.client.host if request.client else ""
        if not self._limits.take(client).allowed:
            return self._site.failure(None, 503)
        try:
            answer = await self._call(request.path_params["token"])
        except Refusal as refusal:
            if refusal.code in _LINK_CODES:
                return self._page("gone", "This link does not work", status=404)
            return self._site.failure(None, 503)
        category = _CATEGORIES[answer.category]
        return self._page("done", "You will not get these emails", category=category)

    async def _call(self, token: str) -> pb.UnsubscribeResponse:
        metadata = (
            ("authorization", f"Bearer {mint_unsubscriber(self._minter)}"),
            ("traceparent", telemetry.traceparent()),
        )
        # A new id each time: somebody may come back, and leave again by the same link.
        asked = pb.UnsubscribeRequest(request_id=new_id(), token=token)
        method = self._site.services.recipients.Unsubscribe
        try:
            return await method(asked, metadata=metadata, timeout=DEADLINE_S)
        except grpc.aio.AioRpcError as error:
            raise refusals.of_call(error) from None

    def _page(self, state: str, title: str, *, status: int = 200, **context: Any) -> Response:
        return self._site.renderer.page(
            "unsubscribe.html", None, status=status, title=title, state=state, **context
        )
