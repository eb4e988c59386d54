"""The fund in memory: one budget, two sources, and the life of a purchase."""

# ruff: noqa: N802  (methods have the names of the rpcs)
from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import fund_types_pb2 as types
from localresponse.fund.v1 import purchase_types_pb2 as purchases
from localresponse.fund.v1 import purchases_service_pb2 as service
from localresponse.fund.v1 import sources_service_pb2 as sources

from services.chassis.auth import Principal, caller
from services.chassis.clock import Clock, london_date
from services.chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import (
    date_to_proto,
    money_from_proto,
    money_to_proto,
    timestamp_to_proto,
)

CATEGORIES = {
    "travel": "Travel",
    "uniform": "Uniform and clothing",
    "food": "Food",
    "equipment": "Equipment and technology",
    "mentoring": "Mentoring",
}
STARTING_MINOR = 500_000
State = purchases.PurchaseState


class PotExhausted(FailedPrecondition):
    reason = "POT_EXHAUSTED"


class WrongState(FailedPrecondition):
    reason = "WRONG_STATE"


class OverLimit(PermissionDenied):
    reason = "OVER_DELEGATED_LIMIT"


class FakeFund:
    """What all fund servicers share.

    Args:
        clock: Dates everything.
        limit_minor: Every officer's approval limit, in pence.
    """

    def __init__(self, clock: Clock, *, limit_minor: int = 100_000) -> None:
        self.clock = clock
        self.limit_minor = limit_minor
        self.purchases: dict[str, purchases.Purchase] = {}
        self.answered: dict[str, purchases.Purchase] = {}
        self.available = STARTING_MINOR
        self.spent = 0
        self.budget_id = new_id()

    def held(self, state: int) -> int:
        """Pence of all purchases in a state."""
        return sum(
            money_from_proto(one.cost, "cost").minor
            for one in self.purchases.values()
            if one.state == state
        )


class FakePurchases:
    """Implements localresponse.fund.v1.PurchasesService."""

    def __init__(self, fund: FakeFund) -> None:
        self._fund = fund

    async def SubmitPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        if request.request_id in self._fund.answered:
            return self._fund.answered[request.request_id]
        lines = [_priced(line) for line in request.lines]
        cost = sum(money_from_proto(line.cost, "cost").minor for line in lines)
        if cost > self._fund.available:
            raise PotExhausted(
                "not enough left", asked_minor=cost, available_minor=self._fund.available
            )
        self._fund.available -= cost
        number = len(self._fund.purchases) + 1
        purchase = purchases.Purchase(
            id=new_id(),
            reference=f"SP-{number:04d}-TEST",
            school_urn=request.school_urn,
            child_ids=request.child_ids,
            year_groups=request.year_groups,
            cohort=request.cohort,
            need=request.need,
            category=request.category,
            expected_change=request.expected_change,
            urgency=request.urgency,
            supplier_name=request.supplier_name,
            lines=lines,
            budget_id=self._fund.budget_id,
            requester_id=caller().subject,
            cost=money_to_proto(Money(cost)),
            submit_time=timestamp_to_proto(self._fund.clock.now()),
        )
        purchase.money.reserved.CopyFrom(purchase.cost)
        self._fund.purchases[purchase.id] = purchase
        self._fund.answered[request.request_id] = purchase
        return self._moved(purchase, State.PURCHASE_STATE_SUBMITTED, "submitted", "")

    async def GetPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        return self._seen(self._found(request.purchase_id))

    async def ListPurchases(self, request: Any, _: Any) -> service.ListPurchasesResponse:
        found = [
            one
            for one in reversed(self._fund.purchases.values())
            if (not request.states or one.state in request.states) and _may_see(caller(), one)
        ]
        start, size = int(request.page_token or 0), request.page_size or 50
        more = str(start + size) if start + size < len(found) else ""
        page = found[start : start + size]
        return service.ListPurchasesResponse(purchases=page, next_page_token=more)

    async def ListCategories(self, _: Any, __: Any) -> service.ListCategoriesResponse:
        entries = [service.Category(id=id_, name=name) for id_, name in CATEGORIES.items()]
        return service.ListCategoriesResponse(categories=entries)

    async def QueryPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_SUBMITTED)
        return self._moved(purchase, State.PURCHASE_STATE_QUERIED, "queried", request.reason)

    async def AnswerPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_QUERIED)
        return self._moved(purchase, State.PURCHASE_STATE_SUBMITTED, "answered", request.reason)

    async def ApprovePurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_SUBMITTED)
        cost = money_from_proto(purchase.cost, "cost").minor
        if cost > self._fund.limit_minor:
            raise OverLimit(
                "above your limit", limit_minor=self._fund.limit_minor, counted_minor=cost
            )
        _move_all(purchase, "reserved", "committed")
        return self._moved(purchase, State.PURCHASE_STATE_APPROVED, "approved", request.reason)

    async def DeclinePurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_SUBMITTED, State.PURCHASE_STATE_QUERIED)
        self._release(purchase)
        return self._moved(purchase, State.PURCHASE_STATE_DECLINED, "declined", request.reason)

    async def WithdrawPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_SUBMITTED, State.PURCHASE_STATE_QUERIED)
        self._release(purchase)
        return self._moved(purchase, State.PURCHASE_STATE_WITHDRAWN, "withdrawn", request.reason)

    async def OrderPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_APPROVED)
        return self._moved(purchase, State.PURCHASE_STATE_ORDERED, "ordered", "")

    async def RecordDelivery(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_ORDERED, State.PURCHASE_STATE_DELIVERED)
        _move_all(purchase, "committed", "received")
        return self._moved(purchase, State.PURCHASE_STATE_DELIVERED, "delivered", "")

    async def RecordInvoice(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_ORDERED, State.PURCHASE_STATE_DELIVERED)
        _move_all(purchase, "received", "spent")
        invoice = purchase.invoices.add(number=request.invoice_number, net=request.net)
        invoice.cost.CopyFrom(request.net)
        invoice.invoice_date.CopyFrom(request.invoice_date)
        return self._moved(purchase, State.PURCHASE_STATE_DELIVERED, "invoiced", "")

    async def ClosePurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_ORDERED, State.PURCHASE_STATE_DELIVERED)
        return self._moved(purchase, State.PURCHASE_STATE_CLOSED, "closed", request.reason)

    async def CancelPurchase(self, request: Any, _: Any) -> purchases.Purchase:
        purchase = self._in(request, State.PURCHASE_STATE_APPROVED, State.PURCHASE_STATE_ORDERED)
        return self._moved(purchase, State.PURCHASE_STATE_CANCELLED, "cancelled", request.reason)

    def _found(self, purchase_id: str) -> purchases.Purchase:
        purchase = self._fund.purchases.get(purchase_id)
        if purchase is None or not _may_see(caller(), purchase):
            raise NotFound("no such purchase", purchase_id=purchase_id)
        return purchase

    def _in(self, request: Any, *states: int) -> purchases.Purchase:
        purchase = self._found(request.purchase_id)
        if purchase.state not in states:
            raise WrongState("not in this state", state=purchase.state)
        return purchase

    def _seen(self, purchase: purchases.Purchase) -> purchases.Purchase:
        seen = purchases.Purchase.FromString(purchase.SerializeToString())
        if caller().role == "finance_officer" and seen.state == State.PURCHASE_STATE_SUBMITTED:
            cost = money_from_proto(seen.cost, "cost").minor
            context = seen.decision_context
            context.left_if_approved.CopyFrom(money_to_proto(Money(self._fund.available)))
            context.left_if_declined.CopyFrom(money_to_proto(Money(self._fund.available + cost)))
            context.counted.CopyFrom(seen.cost)
            context.your_limit.CopyFrom(money_to_proto(Money(self._fund.limit_minor)))
            context.may_approve = cost <= self._fund.limit_minor
        return seen

    def _moved(
        self, purchase: purchases.Purchase, state: int, action: str, reason: str
    ) -> purchases.Purchase:
        now = self._fund.clock.now()
        purchase.state = State.ValueType(state)
        fact = purchase.timeline.add(
            sequence=len(purchase.timeline) + 1,
            action=action,
            to_state=purchase.state,
            actor_id=caller().subject,
            actor_role=caller().role,
            reason=reason,
            event_time=timestamp_to_proto(now),
            effective_date=date_to_proto(london_date(now)),
        )
        if action in {"submitted", "approved"}:
            fact.amount.CopyFrom(purchase.cost)
        purchase.etag = str(len(purchase.timeline))
        return self._seen(purchase)

    def _release(self, purchase: purchases.Purchase) -> None:
        self._fund.available += money_from_proto(purchase.cost, "cost").minor
        _move_all(purchase, "reserved", "released")


class FakeBudgets:
    """Implements the one rpc of localresponse.fund.v1.BudgetsService that pages call."""

    def __init__(self, fund: FakeFund) -> None:
        self._fund = fund

    async def ListBudgets(self, _: Any, __: Any) -> budgets.ListBudgetsResponse:
        held = self._fund.held(State.PURCHASE_STATE_SUBMITTED)
        figures = types.Figures(
            allocated=money_to_proto(Money(STARTING_MINOR)),
            available=money_to_proto(Money(self._fund.available)),
            reserved=money_to_proto(Money(held)),
        )
        pot = budgets.Pot(id=new_id(), source_name="Council fund", figures=figures)
        root = budgets.Budget(id=new_id(), name="Local response fund", figures=figures)
        school = budgets.Budget(
            id=self._fund.budget_id,
            parent_id=root.id,
            name="Northgate Academy",
            pots=[pot],
            figures=figures,
        )
        return budgets.ListBudgetsResponse(budgets=[root, school])

    def __getattr__(self, name: str) -> object:
        return _unused(name)


class FakeSources:
    """Implements the one rpc of localresponse.fund.v1.SourcesService that pages call."""

    async def ListSources(self, _: Any, __: Any) -> sources.ListSourcesResponse:
        source = sources.Source(
            id=new_id(),
            name="Council fund",
            kind=types.SOURCE_KIND_COUNCIL,
            banked=money_to_proto(Money(STARTING_MINOR)),
            allocated=money_to_proto(Money(STARTING_MINOR)),
        )
        return sources.ListSourcesResponse(sources=[source])

    def __getattr__(self, name: str) -> object:
        return _unused(name)


def _unused(name: str) -> object:
    async def refuse(_: Any, __: Any) -> Any:
        raise NotFound(f"pages do not call {name}")

    return refuse


def _may_see(who: Principal, purchase: purchases.Purchase) -> bool:
    return who.role != "practitioner" or purchase.school_urn in who.schools


def _move_all(purchase: purchases.Purchase, source: str, target: str) -> None:
    getattr(purchase.money, target).CopyFrom(getattr(purchase.money, source))
    purchase.money.ClearField(source)  # type: ignore[arg-type]  # one of its own fields


def _priced(line: purchases.PurchaseLine) -> purchases.PurchaseLine:
    net = money_from_proto(line.unit_price, "unit_price").minor * line.quantity
    vat = (net * line.vat_rate_basis_points + 5000) // 10_000
    line.net.CopyFrom(money_to_proto(Money(net)))
    line.vat.CopyFrom(money_to_proto(Money(vat)))
    line.cost.CopyFrom(money_to_proto(Money(net + vat)))
    return line
