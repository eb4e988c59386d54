"""More money that one of two officers has approved, so that the other one knows the sum."""

from __future__ import annotations

from dataclasses import dataclass

from localresponse.fund.v1 import discussion_service_pb2, purchase_types_pb2

from gateway.pages import words
from gateway.pages.services import ask
from gateway.pages.site import Site
from gateway.pages.steps_ahead.disputing import approved_so_far
from gateway.pages.visit import Visit
from services.chassis.money import Money

Purchase = purchase_types_pb2.Purchase
_ANEW = frozenset({"approved", "amended", "uplifted"})
_RUNNING = frozenset(
    {
        purchase_types_pb2.PURCHASE_STATE_APPROVED,
        purchase_types_pb2.PURCHASE_STATE_ORDERED,
        purchase_types_pb2.PURCHASE_STATE_DELIVERED,
    }
)


@dataclass(frozen=True, slots=True)
class Raise:
    """What waits for a second officer.

    Attributes:
        more: What would be added.
        in_all: What the request could then cost.
        reason: Why, as the first officer wrote it.
        officer_id: The first officer: the subject of their sign-in.
    """

    more: Money
    in_all: Money
    reason: str
    officer_id: str


async def waiting(site: Site, visit: Visit, purchase: Purchase) -> Raise | None:
    """Return the sum that waits for a second officer; None when none does.

    A decision of one officer names what the request may cost in all, so what is added follows
    from what was approved before it.
    """
    fact = _first_of_two(purchase)
    if fact is None:
        return None
    request = discussion_service_pb2.GetPurchaseHistoryRequest(purchase_id=purchase.id)
    answer = await ask(visit, site.services.discussion.GetPurchaseHistory, request)
    for entry in answer.entries:
        if entry.kind == "decision" and entry.resource_id == fact.decision_id:
            in_all = Money(words.minor(entry.amount))
            more = Money(in_all.minor - approved_so_far(purchase).minor)
            return Raise(more, in_all, fact.reason, fact.actor_id)
    return None


def _first_of_two(purchase: Purchase) -> purchase_types_pb2.PurchaseFact | None:
    found = None
    for fact in purchase.timeline:
        if fact.action == "endorsed" and fact.from_state in _RUNNING:
            found = fact
        elif fact.action in _ANEW:
            found = None
    return found
