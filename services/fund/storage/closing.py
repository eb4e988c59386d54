"""What a year's pots still hold, and the marks that year end leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Period
from services.fund.domain.figures import Bucket, Figures
from services.fund.domain.ledger import Kind
from services.fund.domain.terms import CarryForward
from services.fund.storage.book import book_of
from services.fund.storage.sources import TERMS_COLUMNS, TERMS_IN_FORCE
from services.fund.storage.tables import (
    budgets,
    entries,
    journals,
    pots,
    purchase_shares,
    source_terms,
    sources,
)
from services.fund.storage.tables.closing import accrual_releases, accruals, carry_decisions
from services.fund.storage.tables.columns import BUCKETS


@dataclass(frozen=True, slots=True)
class Placed:
    """A pot with where it stands."""

    id: str
    budget_id: str
    source_id: str


def _year(tenant: str, period: Period) -> Any:
    return and_(
        budgets.c.tenant == tenant,
        budgets.c.period_kind == period.kind,
        budgets.c.start_year == period.start_year,
    )


def pots_in(connection: Connection, tenant: str, period: Period) -> list[Placed]:
    """Return every pot of a year, in the order in which they are locked."""
    query = select(pots.c.id, pots.c.budget_id, pots.c.source_id)
    joined = query.join(budgets, budgets.c.id == pots.c.budget_id).where(_year(tenant, period))
    return [Placed(*row) for row in connection.execute(joined.order_by(pots.c.id))]


def holding(tenant: str, period: Period, buckets: Iterable[Bucket]) -> Select[Any]:
    """Return the query of purchases with money in these states of the year's pots, by id."""
    held = or_(*(purchase_shares.c[bucket.value] > 0 for bucket in buckets))
    return (
        select(purchase_shares.c.purchase_id)
        .join(pots, pots.c.id == purchase_shares.c.pot_id)
        .join(budgets, budgets.c.id == pots.c.budget_id)
        .where(_year(tenant, period), held)
        .distinct()
        .order_by(purchase_shares.c.purchase_id)
    )


def figures_of(connection: Connection, tenant: str) -> dict[tuple[str, int], Figures]:
    """Return what the pots of each year hold together, by kind and start year."""
    query = (
        select(
            budgets.c.period_kind,
            budgets.c.start_year,
            *(func.coalesce(func.sum(pots.c[name]), 0).label(name) for name in BUCKETS),
        )
        .join_from(budgets, pots, pots.c.budget_id == budgets.c.id, isouter=True)
        .where(budgets.c.tenant == tenant)
        .group_by(budgets.c.period_kind, budgets.c.start_year)
    )
    return {
        (row.period_kind, row.start_year): Figures(*(int(getattr(row, name)) for name in BUCKETS))
        for row in connection.execute(query)
    }


def close_pots(work: UnitOfWork, period: Period, *, closed: bool) -> None:
    """Shut or open a year's pots; the constraint refuses to shut one that holds live money."""
    book_of(work).forget()
    ids = [pot.id for pot in pots_in(work.connection, work.tenant, period)]
    if ids:
        work.connection.execute(update(pots).where(pots.c.id.in_(ids)).values(closed=closed))


def closed(connection: Connection, pot_ids: Iterable[str]) -> set[str]:
    """Return those of the pots whose year is closed."""
    query = select(pots.c.id).where(pots.c.id.in_(list(pot_ids)), pots.c.closed.is_(True))
    return set(connection.execute(query).scalars())


def came_back(connection: Connection, purchase_id: str) -> dict[str, int]:
    """Return the pence that came back to each source for closed years, by its id."""
    query = (
        select(entries.c.source_id, func.sum(entries.c.amount).label("pence"))
        .join(journals, journals.c.id == entries.c.journal_id)
        .where(
            journals.c.purchase_id == purchase_id,
            journals.c.kind == Kind.PRIOR_YEAR,
            entries.c.amount > 0,
        )
        .group_by(entries.c.source_id)
    )
    return {row.source_id: int(row.pence) for row in connection.execute(query)}


def rules_of(connection: Connection, tenant: str, period_id: str) -> dict[str, CarryForward]:
    """Return what happens to each source's unspent money: its funder's answer, or its terms."""
    query = select(sources.c.id, *TERMS_COLUMNS).join(source_terms, TERMS_IN_FORCE)
    known = {
        row.id: CarryForward(row.terms_carry_forward)
        for row in connection.execute(query.where(sources.c.tenant == tenant))
    }
    answers = select(carry_decisions.c.source_id, carry_decisions.c.rule).where(
        carry_decisions.c.period_id == period_id
    )
    for row in connection.execute(answers.order_by(carry_decisions.c.id)):
        known[row.source_id] = CarryForward(row.rule)
    return known


def add_answer(
    work: UnitOfWork, period_id: str, source_id: str, *, rule: CarryForward, reference: str
) -> None:
    """Keep a funder's answer; the last one counts."""
    work.connection.execute(
        insert(carry_decisions).values(
            id=new_id(),
            tenant=work.tenant,
            source_id=source_id,
            period_id=period_id,
            rule=rule,
            reference=reference,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def accrued(connection: Connection, purchase_id: str) -> int:
    """Return the pence that were charged before their invoice came, and still wait for it."""
    query = select(func.coalesce(func.sum(accruals.c.amount), 0)).where(
        accruals.c.purchase_id == purchase_id
    )
    released = select(func.coalesce(func.sum(accrual_releases.c.amount), 0)).where(
        accrual_releases.c.purchase_id == purchase_id
    )
    waiting = connection.execute(query).scalar_one() - connection.execute(released).scalar_one()
    return int(waiting)


def accrue(work: UnitOfWork, purchase_id: str, pence: int, *, period_id: str) -> None:
    """Count what was charged to a year before its invoice came."""
    _accrual(work, purchase_id, pence, period_id=period_id)


def settle(work: UnitOfWork, purchase_id: str, pence: int, *, invoice_id: str | None) -> None:
    """Count what an invoice takes of the accruals before it; None: what no invoice will."""
    _accrual(work, purchase_id, -pence, settled_by=invoice_id)


def _accrual(work: UnitOfWork, purchase_id: str, pence: int, **owner: str | None) -> None:
    count = select(func.count()).where(accruals.c.purchase_id == purchase_id)
    work.connection.execute(
        insert(accruals).values(
            purchase_id=purchase_id,
            position=work.connection.execute(count).scalar_one() + 1,
            tenant=work.tenant,
            amount=pence,
            created_at=work.at,
            **owner,
        )
    )
