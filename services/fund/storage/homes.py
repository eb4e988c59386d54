"""Where pots stand in the budget tree. It never changes, so a process asks once for each pot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.fund.domain.budget import Period, PeriodKind
from services.fund.storage.tables import budgets, pots


@dataclass(frozen=True, slots=True)
class Home:
    """A pot's budget and year.

    Attributes:
        path: Ids of the budgets that its money counts for, from the root down to its own.
    """

    tenant: str
    path: tuple[str, ...]
    period: Period


_KNOWN: dict[str, Home] = {}


def homes(connection: Connection, pot_ids: Iterable[str]) -> dict[str, Home]:
    """Return where each of the pots stands."""
    wanted = set(pot_ids)
    unknown = [pot_id for pot_id in wanted if pot_id not in _KNOWN]
    if unknown:
        query = (
            select(
                pots.c.id,
                budgets.c.tenant,
                budgets.c.path,
                budgets.c.period_kind,
                budgets.c.start_year,
            )
            .join(budgets, budgets.c.id == pots.c.budget_id)
            .where(pots.c.id.in_(unknown))
        )
        for row in connection.execute(query):
            path = tuple(row.path.strip("/").split("/"))
            period = Period(PeriodKind(row.period_kind), row.start_year)
            _KNOWN[row.id] = Home(row.tenant, path, period)
    return {pot_id: _KNOWN[pot_id] for pot_id in wanted}
