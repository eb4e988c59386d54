"""Home: what waits for the person, and the messages that the service has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.notify.v1 import messages_service_pb2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.pages import deadlines, words
from gateway.pages.ask.draft import JOURNEY, Draft
from gateway.pages.finance.reading import waiting_proposals
from gateway.pages.purchases import Purchase, listed
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import (
    ADMINISTERS,
    ASKERS,
    DECIDERS,
    SEES_AGREEMENTS,
    SEES_RELEASES,
    SEES_RESULTS,
    Visit,
)
from gateway.pages.vocabulary import PurchaseState, status
from gateway.refusals import Refusal
from services.chassis.ids import new_id

LATEST = 5
ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that waits: how many, in words, and where to go."""

    text: str
    href: str
    hint: str = ""


_ASKERS_WAIT = (
    PurchaseState.PURCHASE_STATE_QUERIED,
    PurchaseState.PURCHASE_STATE_ORDERED,
    PurchaseState.PURCHASE_STATE_SUBMITTED,
)
_DECIDERS_WAIT = (
    PurchaseState.PURCHASE_STATE_SUBMITTED,
    PurchaseState.PURCHASE_STATE_APPROVED,
    PurchaseState.PURCHASE_STATE_DELIVERED,
)

# For people for whom nothing waits: where their work is.
_ALWAYS = (
    ("Read the releases", "/releases", "Tables that may be cited", SEES_RELEASES),
    ("Look at the agreements", "/agreements", "What may be used until when", SEES_AGREEMENTS),
    ("Manage service keys", "/keys", "For evaluators' programs", ADMINISTERS),
)


class HomePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the addresses of home, the messages and their live count."""
        page = self._site.page
        return [
            Route("/home", page(self.home)),
            Route("/messages", page(self.messages)),
            Route("/messages", page(self.read), methods=["POST"]),
            Route("/messages/unread", page(self.unread)),
        ]

    async def home(self, _: Request, visit: Visit) -> Response:
        """Show what waits."""
        inbox = await self._inbox(visit, unread_only=True, page_size=LATEST)
        return self._site.show(
            "home.html",
            visit,
            title="Home",
            here="/home",
            waiting=await self._waiting(visit),
            inbox=inbox,
            unread=_unread_words(inbox.unread) if inbox else "",
        )

    async def messages(self, request: Request, visit: Visit) -> Response:
        """Show the inbox, a page of it at a time."""
        token = request.query_params.get("after", "")
        return self._site.show(
            "messages.html",
            visit,
            title="Messages",
            here="/messages",
            inbox=await self._inbox(visit, page_size=ON_A_PAGE, page_token=token),
        )

    async def read(self, request: Request, visit: Visit) -> Response:
        """Mark one message as read, or all of them."""
        form = await self._site.form(request, visit)
        asked = messages_service_pb2.MarkReadRequest(
            request_id=new_id(), message_id=form.values.get("message", "")
        )
        await ask(visit, self._site.services.messages.MarkRead, asked)
        return see("/messages")

    async def unread(self, _: Request, visit: Visit) -> Response:
        """Answer how many are unread, in words, for the live part of home."""
        count = await ask(
            visit,
            self._site.services.messages.GetUnreadCount,
            messages_service_pb2.GetUnreadCountRequest(),
        )
        return JSONResponse({"text": _unread_words(count.unread)})

    async def _inbox(
        self, visit: Visit, **asked_for: Any
    ) -> messages_service_pb2.ListMessagesResponse | None:
        """Return the messages; None when they cannot be read, which must not hide the work."""
        asked = messages_service_pb2.ListMessagesRequest(**asked_for)
        try:
            return await ask(visit, self._site.services.messages.ListMessages, asked)
        except Refusal:
            return None

    async def _waiting(self, visit: Visit) -> list[Waiting]:
        if visit.is_one_of(ASKERS):
            return await self._for_asker(visit)
        if visit.is_one_of(DECIDERS):
            return await self._for_decider(visit)
        if visit.is_one_of(SEES_RESULTS):
            return [Waiting("See the results", "/results", "What was spent and what changed")]
        return [
            Waiting(text, address, hint)
            for text, address, hint, roles in _ALWAYS
            if visit.is_one_of(roles)
        ]

    async def _for_asker(self, visit: Visit) -> list[Waiting]:
        found = []
        if Draft.restored(visit.session.answers.get(JOURNEY)).done:
            hint = "Your answers are kept while you are signed in"
            found.append(Waiting("Go on with your request", "/purchases/new", hint))
        by_state = _by_state(await listed(self._site, visit, states=_ASKERS_WAIT))
        asked = by_state.get(PurchaseState.PURCHASE_STATE_QUERIED, [])
        found.extend(
            Waiting(
                f"Answer a question about {purchase.reference}", f"/purchases/{purchase.id}/answer"
            )
            for purchase in asked
        )
        for state, verb in (
            (PurchaseState.PURCHASE_STATE_ORDERED, "ordered and not delivered yet"),
            (PurchaseState.PURCHASE_STATE_SUBMITTED, "waiting for a decision"),
        ):
            number = len(by_state.get(state, ()))
            if number:
                address = f"/purchases?status={status(state).slug}"
                found.append(Waiting(f"{words.count(number, 'request')} {verb}", address))
        return found

    async def _for_decider(self, visit: Visit) -> list[Waiting]:
        by_state = _by_state(await listed(self._site, visit, states=_DECIDERS_WAIT))
        now = self._site.clock.now()
        found = []
        for state, view, verb in (
            (PurchaseState.PURCHASE_STATE_SUBMITTED, "decide", "to decide"),
            (PurchaseState.PURCHASE_STATE_APPROVED, "order", "to order"),
            (PurchaseState.PURCHASE_STATE_DELIVERED, "running", "delivered, to invoice or close"),
        ):
            purchases = by_state.get(state, [])
            if purchases:
                late = sum(1 for purchase in purchases if deadlines.is_late(purchase, now))
                hint = f"{words.count(late, 'request')} past the decide-by date" if late else ""
                text = f"{words.count(len(purchases), 'request')} {verb}"
                found.append(Waiting(text, f"/queue?view={view}", hint))
        return [*found, *await self._proposed(visit)]

    async def _proposed(self, visit: Visit) -> list[Waiting]:
        """Return what other officers proposed; that it cannot be read must not hide the rest."""
        try:
            proposals = await waiting_proposals(self._site, visit)
        except Refusal:
            return []
        others = sum(1 for proposal in proposals if proposal.proposer_id != visit.subject)
        text = f"{words.count(others, 'proposal')} of another officer to confirm or reject"
        return [Waiting(text, "/proposals")] if others else []


def _by_state(purchases: list[Purchase]) -> dict[int, list[Purchase]]:
    found: dict[int, list[Purchase]] = {}
    for purchase in purchases:
        found.setdefault(purchase.state, []).append(purchase)
    return found


def _unread_words(unread: int) -> str:
    return f"You have {words.count(unread, 'unread message')}."
