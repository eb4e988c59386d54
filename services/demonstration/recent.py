"""The last weeks before a visitor comes: some of it paid, some waiting, one thing in dispute.

So that each page of money has something to see: a file that the bank did not pay in full,
invoices within their 30 days, bank details on hold, and what waits for a second officer.
"""

from __future__ import annotations

from datetime import date

from services.demonstration import buying, paying, support
from services.demonstration.api import Json
from services.demonstration.stage import Stage, pence_of, pounds, weekday_after

REQUESTED = date(2026, 10, 14)
CHILDREN = 7
_PAID = 3
"""So many are in the last payment file, and the cheapest of them is paid too little."""

LATE_INVOICES = date(2026, 11, 11)
CHANGED = date(2026, 11, 18)
_SHORT_PENCE = 2_000
_TOO_MUCH_POUNDS = 78
"""Half a bus pass that nobody ordered."""

VIREMENT_POUNDS = 1_500


async def buy(stage: Stage, chosen: list[int]) -> list[Json]:
    """Buy for the children, pay the first and leave the rest with their invoices; return all."""
    received, day = await buying.receive(stage, chosen, REQUESTED)
    invoiced = weekday_after(day, 3)
    first = await buying.settle(stage, received[:_PAID], invoiced)
    await paying.pay(stage, invoiced, short_pence=_SHORT_PENCE)
    rest = await buying.invoice(stage, received[_PAID:-1], LATE_INVOICES)
    net = pounds(pence_of(received[-1]["net"]) // 100 + _TOO_MUCH_POUNDS)
    disputed = await support.invoice(stage, received[-1], net=net, invoiced=LATE_INVOICES)
    return [*first, *rest, disputed]


async def leave_waiting(stage: Stage, bought: list[Json], asked: Json, today: date) -> None:
    """Leave one account on hold, one proposed for a new supplier, and a virement proposed."""
    stage.at(CHANGED, 10)
    held, new = (paying.suppliers_of([each])[0] for each in (bought[_PAID], asked))
    change = await paying.propose_payee(stage, held, account=2_002)
    await paying.propose_payee(stage, new, account=3_003)
    stage.at(today, 8)
    await paying.confirm_payee(stage, change)
    body = {
        "budget_id": stage.budget_ids["Southmere-2026"],
        "target_budget_id": stage.budget_ids["Northgate-2026"],
        "source_id": stage.source_ids["council"],
        "amount": pounds(VIREMENT_POUNDS),
        "reason": "Northgate has asked for more than its share since September.",
    }
    await stage.call("fund.ProposalsService.ProposeVirement", "officer", body)
