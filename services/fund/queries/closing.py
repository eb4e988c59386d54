"""Years with their money, and what still waits in one that ends."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.fund.access import ACTIONS
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.purchase import Purchase
from services.fund.storage import closing, periods, purchases
from services.fund.storage.paging import Cut
from services.fund.storage.periods import Year


@dataclass(frozen=True, slots=True)
class YearView:
    """A year with what its pots hold together."""

    year: Year
    figures: Figures = NOTHING

    @property
    def place(self) -> str:
        """Its place in a list, oldest first."""
        return f"{self.year.period.starts_on} {self.year.period.kind}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A purchase whose goods or invoice have not come; pence in the year's pots."""

    purchase: Purchase
    committed: int
    received: int


def view(connection: Connection, tenant: str, year: Year) -> YearView:
    """Return a year with its money."""
    known = closing.figures_of(connection, tenant)
    return YearView(year, known.get((year.period.kind, year.period.start_year), NOTHING))


def years(connection: Connection, who: Principal, cut: Cut) -> list[YearView]:
    """Return a page of the years that have a budget or were closed, oldest first."""
    require(ACTIONS, who, "period.read", Resource(who.tenant))
    money = closing.figures_of(connection, who.tenant)
    touched = {year.period: year for year in periods.known(connection, who.tenant)}
    all_ = {Period(PeriodKind(kind), start) for kind, start in money} | set(touched)
    views = [
        YearView(
            touched.get(period) or periods.get(connection, who.tenant, period),
            money.get((period.kind, period.start_year), NOTHING),
        )
        for period in all_
    ]
    listed = sorted(views, key=lambda view: view.place)
    return [view for view in listed if view.place > cut.after][: cut.size]


def chase(connection: Connection, who: Principal, cut: Cut, period: Period) -> list[Waiting]:
    """Return a page of what still waits in a year's pots, oldest purchase first."""
    require(ACTIONS, who, "period.read", Resource(who.tenant))
    here = {pot.id for pot in closing.pots_in(connection, who.tenant, period)}
    query = closing.holding(who.tenant, period, (Bucket.COMMITTED, Bucket.RECEIVED))
    after = query.where(query.selected_columns.purchase_id > cut.after).limit(cut.size)
    found = []
    for purchase_id in connection.execute(after).scalars().all():
        purchase = purchases.get(connection, who.tenant, purchase_id)
        own = [share.figures for share in purchase.shares if share.pot_id in here]
        committed = sum(figures.committed for figures in own)
        found.append(Waiting(purchase, committed, sum(figures.received for figures in own)))
    return found
