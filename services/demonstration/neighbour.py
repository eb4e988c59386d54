"""The second council's story: the slice's opening, and some of its requests bought."""

from __future__ import annotations

from datetime import date

from services.demonstration import buying, paying, recent
from services.demonstration import slice as small
from services.demonstration.api import Json
from services.demonstration.stage import Stage, weekday_after

_BOUGHT, _PAID = 5, 3
"""Of its twelve requests; two of those bought are invoiced in the last weeks only."""


async def begin(stage: Stage) -> list[Json]:
    """Tell the opening, buy and pay; return what is received and not invoiced."""
    for step in small.OPENING:
        await step(stage)
    # References are drawn by chance; in the order of the children it is the same story each time.
    chosen = [stage.child_ids[child] for child in small.cohort(stage)]
    found = await small.waiting(stage)
    waiting = sorted(found, key=lambda purchase: chosen.index(purchase["child_ids"][0]))
    received, day = await buying.fulfil(stage, waiting[:_BOUGHT], small.REQUESTED)
    invoiced = weekday_after(day, 3)
    await buying.settle(stage, received[:_PAID], invoiced)
    await paying.set_payees(stage, paying.suppliers_of(received), invoiced)
    await paying.pay(stage, invoiced)
    return received[_PAID:]


async def end(stage: Stage, received: list[Json], today: date) -> None:
    """Record the late invoices, and leave the account of one supplier on hold."""
    await buying.invoice(stage, received, recent.LATE_INVOICES)
    stage.at(recent.CHANGED, 10)
    held = paying.suppliers_of(received)[0]
    change = await paying.propose_payee(stage, held, account=2_002)
    stage.at(today, 8)
    await paying.confirm_payee(stage, change)
