"""Moving money that is left from one budget to another: from which pot, where to, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import proposal_requests_pb2 as pb
from localresponse.fund.v1 import proposals_service_pb2 as proposals_pb
from localresponse.fund.v1.money_rules_pb2 import MoneyRules
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.finance import reading
from gateway.pages.finance.sending import answers, sent, to_check
from gateway.pages.forms import Form
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, Visit
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import money_to_proto

ADDRESS = "/virements/new"
REASON_MAX = 1000
Budget = budgets_pb.Budget


@dataclass(frozen=True, slots=True)
class Origin:
    """Money that is left in one pot: whose it is, and in which budget it stands."""

    budget: Budget
    pot: budgets_pb.Pot

    @property
    def value(self) -> str:
        """Return what the form sends for it."""
        return f"{self.budget.id}/{self.pot.source_id}"

    @property
    def text(self) -> str:
        """Return it in words."""
        available = words.pounds(self.pot.figures.available)
        return f"{named(self.budget)}: {self.pot.source_name}, {available} left"

    def after(self, amount: Money) -> Money:
        """Return what would be left."""
        return Money(max(words.minor(self.pot.figures.available) - amount.minor, 0))


def named(budget: Budget) -> str:
    """Return a budget's name with its year: each year may have budgets of the same names."""
    year = str(budget.period.start_year or "")
    return budget.name if year in budget.name else f"{budget.name}, {year}"


def newest_first(budgets: Sequence[Budget]) -> list[Budget]:
    """Return the budgets with those of the latest year first, else in their own order."""
    return sorted(budgets, key=lambda one: -one.period.start_year)


def origins(budgets: Sequence[Budget]) -> dict[str, Origin]:
    """Return every pot that has money left in a budget that is not frozen, by what is sent."""
    found = [
        Origin(budget, pot)
        for budget in newest_first(budgets)
        if not budget.frozen
        for pot in budget.pots
        if words.minor(pot.figures.available) > 0
    ]
    return {one.value: one for one in found}


class MovingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the form."""
        page = self._site.page
        return [
            Route(ADDRESS, page(self.form, roles=DECIDERS)),
            Route(ADDRESS, page(self.propose, roles=DECIDERS), methods=["POST"]),
        ]

    async def form(self, _: Request, visit: Visit) -> Response:
        """Ask from where, where to, how much, and why."""
        budgets = await reading.budgets(self._site, visit)
        return await self._show(visit, budgets, Form({"request_id": new_id()}))

    async def propose(self, request: Request, visit: Visit) -> Response:
        """Have it checked, then propose it; within the rules for one officer it is done."""
        form = await self._site.form(request, visit)
        budgets = await reading.budgets(self._site, visit)
        if form.values.get("change"):
            return await self._show(visit, budgets, form)
        asked = read(form, budgets)
        if form.errors:
            return await self._show(visit, budgets, form)
        if to_check(form):
            return await self._check(visit, budgets, form)
        made = await sent(visit, self._site.services.proposals.ProposeVirement, asked, form=form)
        if made is None:
            return await self._show(visit, budgets, form)
        return see(f"/proposals/{made.id}")

    async def _rules(self, visit: Visit) -> MoneyRules:
        asked = proposals_pb.GetMoneyRulesRequest()
        return await ask(visit, self._site.services.proposals.GetMoneyRules, asked)

    async def _show(self, visit: Visit, budgets: Sequence[Budget], form: Form) -> Response:
        return self._site.show(
            "finance/move.html",
            visit,
            errors=form.errors,
            title="Move money between budgets",
            here="/finance",
            back="/finance",
            origins=origins(budgets).values(),
            targets=[(one.id, named(one)) for one in newest_first(budgets) if not one.frozen],
            rules=await self._rules(visit),
            values=form.values,
        )

    async def _check(self, visit: Visit, budgets: Sequence[Budget], form: Form) -> Response:
        above = words.pounds((await self._rules(visit)).virement_above)
        return self._site.show(
            "finance/check.html",
            visit,
            title="Check before the money moves",
            here="/finance",
            back="/finance",
            caption="Move money between budgets",
            note=f"Above {above} in 30 days it waits for a second officer before any money moves.",
            rows=rows(form, budgets),
            answers=answers(form),
            button="move the money",
        )


def read(form: Form, budgets: Sequence[Budget]) -> pb.ProposeVirementRequest:
    """Read what moves; the fund says whether the budgets and the source allow it."""
    # What was emptied or frozen meanwhile is for the fund to refuse: this may be a second press.
    pots = {f"{budget.id}/{pot.source_id}" for budget in budgets for pot in budget.pots}
    chosen = form.choice("origin", pots, missing="Select where the money comes from")
    budget_id, _, source_id = chosen.partition("/")
    request = pb.ProposeVirementRequest(
        request_id=form.values.get("request_id", ""),
        budget_id=budget_id,
        source_id=source_id,
        target_budget_id=form.choice(
            "target", [one.id for one in budgets], missing="Select the budget it goes to"
        ),
    )
    if budget_id and budget_id == request.target_budget_id:
        form.refuse("target", "Select another budget than the one it comes from")
    amount = form.money("amount", missing="Enter how much moves")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    request.reason = form.text("reason", missing="Enter why it moves", longest=REASON_MAX)
    return request


def rows(form: Form, budgets: Sequence[Budget]) -> list[tuple[str, str]]:
    """Return what is about to move, and what is left after it."""
    amount, origin = (
        Money.pounds(form.values["amount"]),
        origins(budgets).get(form.values["origin"]),
    )
    target = next(one for one in budgets if one.id == form.values["target"])
    moved = [("Goes to", named(target)), ("Amount", str(amount))]
    if origin:
        moved.insert(0, ("Comes from", f"{named(origin.budget)}: {origin.pot.source_name}"))
        moved.append(("Then left of it there", str(origin.after(amount))))
    return [*moved, ("Reason", form.values["reason"].strip())]
