"""One pot at a time, for money that moves between pots and not through a purchase."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, or_, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Budget, Pot
from services.fund.domain.figures import Figures
from services.fund.errors import PotExhausted
from services.fund.storage import budgets
from services.fund.storage.book import book_of
from services.fund.storage.tables import budgets as budget_rows
from services.fund.storage.tables import pots
from services.fund.storage.tables.columns import BUCKETS


def available(work: UnitOfWork, pot_id: str, pence: int) -> Figures:
    """Return a locked pot's money as the batch leaves it, if so much of it is available.

    Raises:
        PotExhausted: Less is available (FAILED_PRECONDITION).
    """
    query = select(pots).where(pots.c.id == pot_id).with_for_update()
    row = work.connection.execute(query).one()
    stored = Figures(*(getattr(row, name) for name in BUCKETS))
    figures = book_of(work).now(pot_id, stored)
    if figures.available < pence:
        raise PotExhausted(
            f"{pence} pence are asked and {figures.available} are available",
            budget_id=row.budget_id,
            asked_minor=pence,
            available_minor=figures.available,
        )
    return figures


def of_source(connection: Connection, budget: Budget, source_id: str) -> Pot | None:
    """Return the budget's pot for a source, as it is stored; None when there is none."""
    own = budgets.pots_of(connection, [budget.id]).get(budget.id, [])
    return next((pot for pot in own if pot.source_id == source_id), None)


def outside(connection: Connection, pot_ids: Collection[str], day: date) -> set[str]:
    """Return those of the pots whose budget's year does not hold a day."""
    query = (
        select(pots.c.id)
        .join(budget_rows, budget_rows.c.id == pots.c.budget_id)
        .where(pots.c.id.in_(list(pot_ids)))
        .where(or_(budget_rows.c.starts_on > day, budget_rows.c.ends_on < day))
    )
    return set(connection.execute(query).scalars())
