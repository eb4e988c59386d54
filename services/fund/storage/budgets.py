"""Budgets, and the pots in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    insert,
    not_,
    select,
    update,
)

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.amounts import name_key
from services.fund.domain.budget import Budget, Period, PeriodKind, Pot, Scope
from services.fund.domain.figures import Figures
from services.fund.domain.shares import IN_ORDER, SharePlan
from services.fund.domain.source import Source, SourceKind
from services.fund.errors import BudgetNotFound, NameTaken
from services.fund.storage.book import book_of
from services.fund.storage.paging import Cut
from services.fund.storage.tables import budget_schools, budgets, pots, sources
from services.fund.storage.tables.columns import BUCKETS

POT_COLUMNS = (
    pots,
    sources.c.name.label("source_name"),
    sources.c.kind.label("source_kind"),
)


def get(connection: Connection, tenant: str, budget_id: str) -> Budget:
    """Return a budget without its money.

    Raises:
        BudgetNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = select(budgets).where(budgets.c.tenant == tenant, budgets.c.id == budget_id)
    found = _read(connection, connection.execute(query))
    if not found:
        raise BudgetNotFound("there is no such budget", budget_id=budget_id)
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which budgets a list shows.

    Attributes:
        parent_id: Only those directly below it; empty for all.
        school_urn: Only those that name it; empty for all.
        within: Only those that name schools, and none but these; None for all.
    """

    parent_id: str = ""
    school_urn: str = ""
    within: frozenset[str] | None = None


def page(connection: Connection, tenant: str, cut: Cut, wanted: Wanted) -> list[Budget]:
    """Return a page of budgets in the order of their creation."""
    query = select(budgets).where(budgets.c.tenant == tenant, budgets.c.id > cut.after)
    if wanted.parent_id:
        query = query.where(budgets.c.parent_id == wanted.parent_id)
    if wanted.school_urn:
        query = query.where(_names(budget_schools.c.school_urn == wanted.school_urn))
    if wanted.within is not None:
        inside = budget_schools.c.school_urn.in_(sorted(wanted.within))
        query = query.where(_names(inside), not_(_names(not_(inside))))
    return _read(connection, connection.execute(query.order_by(budgets.c.id).limit(cut.size)))


def _names(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(budget_schools.c.budget_id == budgets.c.id, condition)


def add(work: UnitOfWork, budget: Budget) -> None:
    """Insert a budget.

    Raises:
        NameTaken: The authority has one of this name in this year (ALREADY_EXISTS).
    """
    key = name_key(budget.name)
    taken = select(budgets.c.id).where(
        budgets.c.tenant == budget.tenant,
        budgets.c.period_kind == budget.period.kind,
        budgets.c.start_year == budget.period.start_year,
        budgets.c.name_key == key,
    )
    if work.connection.execute(taken).first() is not None:
        raise NameTaken(f"there is a budget called {budget.name}", field="name", name=budget.name)
    work.connection.execute(
        insert(budgets).values(
            id=budget.id,
            tenant=budget.tenant,
            parent_id=budget.parent_id or None,
            path=budget.path,
            scope=budget.scope,
            name=budget.name,
            name_key=key,
            period_kind=budget.period.kind,
            start_year=budget.period.start_year,
            starts_on=budget.period.starts_on,
            ends_on=budget.period.ends_on,
            frozen=budget.frozen,
            threshold_percent=budget.threshold_percent,
            version=budget.version,
            sequence=0,
            created_at=budget.created_at,
        )
    )
    rows = [
        {"budget_id": budget.id, "school_urn": urn, "tenant": budget.tenant}
        for urn in sorted(budget.schools)
    ]
    if rows:
        work.connection.execute(insert(budget_schools), rows)
    book_of(work).forget()


def cross(work: UnitOfWork, budget: Budget, percent: int) -> int | None:
    """Note the threshold that was crossed; return its event's number, None if noted before."""
    book_of(work).forget()
    return work.connection.execute(
        update(budgets)
        .where(budgets.c.id == budget.id, budgets.c.threshold_percent < percent)
        .values(threshold_percent=percent, sequence=budgets.c.sequence + 1)
        .returning(budgets.c.sequence)
    ).scalar_one_or_none()


def lift(work: UnitOfWork, budget: Budget, percent: int) -> int:
    """Set the threshold after money came in and return the number of the event that tells it."""
    book_of(work).forget()
    sequence: int = work.connection.execute(
        update(budgets)
        .where(budgets.c.id == budget.id)
        .values(threshold_percent=percent, sequence=budgets.c.sequence + 1)
        .returning(budgets.c.sequence)
    ).scalar_one()
    return sequence


def next_sequence(work: UnitOfWork, budget_id: str) -> int:
    """Return the number of a budget's next event."""
    sequence: int = work.connection.execute(
        update(budgets)
        .where(budgets.c.id == budget_id)
        .values(sequence=budgets.c.sequence + 1)
        .returning(budgets.c.sequence)
    ).scalar_one()
    return sequence


def of_year(connection: Connection, tenant: str, period: Period) -> list[Budget]:
    """Return every budget of a year."""
    return _read(connection, connection.execute(_of_year(tenant, period)))


def named(connection: Connection, tenant: str, like: Budget, period: Period) -> Budget | None:
    """Return the budget of another year that has the same name; None when there is none."""
    query = _of_year(tenant, period).where(budgets.c.name_key == name_key(like.name))
    found = _read(connection, connection.execute(query))
    return found[0] if found else None


def _of_year(tenant: str, period: Period) -> Select[Any]:
    return select(budgets).where(
        budgets.c.tenant == tenant,
        budgets.c.period_kind == period.kind,
        budgets.c.start_year == period.start_year,
    )


def pot_for(work: UnitOfWork, budget: Budget, source: Source) -> str:
    """Return the id of the budget's pot for a source, making it when it is the first."""
    known: str | None = work.connection.execute(
        select(pots.c.id).where(pots.c.budget_id == budget.id, pots.c.source_id == source.id)
    ).scalar_one_or_none()
    if known is not None:
        return known
    pot_id = new_id()
    book_of(work).forget()
    work.connection.execute(
        insert(pots).values(
            id=pot_id, tenant=budget.tenant, budget_id=budget.id, source_id=source.id
        )
    )
    return pot_id


def pots_of(connection: Connection, budget_ids: Iterable[str]) -> dict[str, list[Pot]]:
    """Return, for each budget's id, its own pots; a budget without any is left out."""
    query = (
        select(*POT_COLUMNS)
        .join(sources, sources.c.id == pots.c.source_id)
        .where(pots.c.budget_id.in_(list(budget_ids)))
        .order_by(pots.c.id)
    )
    found: dict[str, list[Pot]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.budget_id].append(pot_from(row))
    return found


def pot_from(row: Any) -> Pot:
    """Read a pot with the name and kind of its source."""
    return Pot(
        row.id,
        row.budget_id,
        row.source_id,
        row.source_name,
        SourceKind(row.source_kind),
        Figures(*(getattr(row, name) for name in BUCKETS)),
    )


def _read(connection: Connection, rows: Iterable[Any]) -> list[Budget]:
    found = list(rows)
    if not found:
        return []
    query = select(budget_schools.c.budget_id, budget_schools.c.school_urn)
    ids = [row.id for row in found]
    named = connection.execute(query.where(budget_schools.c.budget_id.in_(ids)))
    return with_schools(found, named.all())


def with_schools(rows: Sequence[Any], schools: Sequence[Any]) -> list[Budget]:
    """Read budgets from their rows and those of the schools that they name."""
    named: dict[str, set[str]] = defaultdict(set)
    for row in schools:
        named[row.budget_id].add(row.school_urn)
    return [_budget(row, frozenset(named[row.id])) for row in rows]


def _budget(row: Any, schools: frozenset[str]) -> Budget:
    return Budget(
        id=row.id,
        tenant=row.tenant,
        parent_id=row.parent_id or "",
        path=row.path,
        scope=Scope(row.scope),
        name=row.name,
        schools=schools,
        period=Period(PeriodKind(row.period_kind), row.start_year),
        created_at=row.created_at,
        frozen=row.frozen,
        shares=_shares(row.apportionment),
        threshold_percent=row.threshold_percent,
        version=row.version,
    )


def _shares(content: Any) -> SharePlan:
    if not content:
        return IN_ORDER
    parts = tuple((source, points) for source, points in content["parts"])
    return SharePlan(parts, content["residual"])
