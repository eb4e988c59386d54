"""Many spot purchases at once, as an officer works through a pile: asked for, bought, invoiced."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from services.demonstration import support
from services.demonstration.api import Json
from services.demonstration.calendar import day_json
from services.demonstration.stage import Stage, weekday_after

_REVIEWED_AFTER = timedelta(days=120)


async def receive(stage: Stage, chosen: list[int], requested: date) -> tuple[list[Json], date]:
    """Ask for what children need, approve, order and receive it; return it and the day."""
    stage.at(requested, 10)
    review = requested + _REVIEWED_AFTER
    asked = await asyncio.gather(
        *(
            support.submit(stage, [child], support.NEEDS[place % 5], review=review)
            for place, child in enumerate(chosen)
        )
    )
    return await fulfil(stage, asked, requested)


async def fulfil(stage: Stage, asked: list[Json], requested: date) -> tuple[list[Json], date]:
    """Approve, order and receive what was asked for on a day; return it and the day."""
    stage.at(requested, 14)
    approved = await asyncio.gather(*(support.approve(stage, item) for item in asked))
    ordered = weekday_after(requested, 1)
    stage.at(ordered, 11)
    placed = await asyncio.gather(
        *(support.move(stage, "OrderPurchase", "officer", item) for item in approved)
    )
    day = weekday_after(ordered, 7)
    stage.at(day, 15)
    return await asyncio.gather(*(_deliver(stage, item, day) for item in placed)), day


async def settle(stage: Stage, received: list[Json], invoiced: date) -> list[Json]:
    """Record the invoices of one day, and close."""
    stage.at(invoiced, 10)
    return await asyncio.gather(
        *(support.settle(stage, item, invoiced=invoiced) for item in received)
    )


async def invoice(stage: Stage, received: list[Json], invoiced: date) -> list[Json]:
    """Record the invoices of one day, and leave the purchases open."""
    stage.at(invoiced, 10)
    return await asyncio.gather(
        *(support.invoice(stage, item, net=item["net"], invoiced=invoiced) for item in received)
    )


async def _deliver(stage: Stage, purchase: Json, day: date) -> Json:
    child = stage.child_ids.index(purchase["child_ids"][0])
    stage.registers.supported_from[child] = day
    part, on = stage.requester_for(child), day_json(day)
    return await support.move(stage, "RecordDelivery", part, purchase, delivered_date=on)
