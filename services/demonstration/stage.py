"""What every chapter of the demonstration works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.chassis.clock import LONDON
from services.demonstration.api import Api, GrpcApi, Json
from services.demonstration.borough import Borough
from services.demonstration.marks import Registers
from services.demonstration.people import Persona


@dataclass(slots=True)
class Stage:
    """One council while its story is told.

    Attributes:
        api: How this story calls the product.
        bulk: gRPC, for the streams that REST does not carry.
        borough: Schools and children.
        cast: Staff by part.
        registers: Draws marks.
        move: Sets the demonstration's clock.
        child_ids: The product's ids, in the order of `borough.children`.
        source_ids: By short name.
        budget_ids: By short name.
    """

    api: Api
    bulk: GrpcApi
    borough: Borough
    cast: dict[str, Persona]
    registers: Registers
    move: Callable[[datetime], None]
    child_ids: list[str] = field(default_factory=list)
    source_ids: dict[str, str] = field(default_factory=dict)
    budget_ids: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, part: str, body: Json) -> Json:
        """Call `method` as the person who plays `part`."""
        return await self.api.call(method, self.cast[part].principal, body)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Move the clock to a time of day in London."""
        self.move(datetime.combine(day, time(hour, minute), LONDON))

    def requester_for(self, child: int) -> str:
        """Return the part that asks for a child: the school's own practitioner, or the liaison."""
        urn = self.borough.children[child].urn
        own = [p for p in ("practitioner", "practitioner-two") if urn in self.cast[p].schools]
        return own[0] if own else "liaison"


def pounds(amount: int, pence: int = 0) -> Json:
    """Return an amount as google.type.Money in JSON."""
    return {"currency_code": "GBP", "units": str(amount), "nanos": pence * 10_000_000}


def pence_of(money: Json) -> int:
    """Return google.type.Money in JSON as pence."""
    return int(money.get("units", 0)) * 100 + int(money.get("nanos", 0)) // 10_000_000


def weekday_after(day: date, days: int) -> date:
    """Return the first weekday at least `days` days later."""
    later = day + timedelta(days=days)
    return later + timedelta(days=max(0, 7 - later.weekday()) if later.weekday() > 4 else 0)
