"""Who pays when a school asks: the hot path's look-ups, built once and asked for together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

from sqlalchemy import bindparam, or_, select

from services.chassis.database.together import Asked, Statement
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.apportionment import Payer
from services.fund.domain.budget import Budget, Scope
from services.fund.storage.book import book_of
from services.fund.storage.budgets import POT_COLUMNS, pot_from, with_schools
from services.fund.storage.sources import TERMS_COLUMNS, TERMS_IN_FORCE, terms_from
from services.fund.storage.tables import budget_schools, budgets, pots, source_terms, sources

_NAMED = budget_schools.c
_NAMING_IT = select(_NAMED.budget_id).where(
    _NAMED.tenant == bindparam("tenant"), _NAMED.school_urn == bindparam("school_urn")
)
_IN_REACH = select(budgets).where(
    budgets.c.tenant == bindparam("tenant"),
    budgets.c.starts_on <= bindparam("day"),
    budgets.c.ends_on >= bindparam("day"),
    or_(budgets.c.scope == Scope.FUND, budgets.c.id.in_(_NAMING_IT)),
)
_COVERING = Statement(_IN_REACH)
_THEIR_SCHOOLS = Statement(
    select(_NAMED.budget_id, _NAMED.school_urn).where(
        _NAMED.budget_id.in_(_IN_REACH.with_only_columns(budgets.c.id))
    )
)
_PAYERS = Statement(
    select(*POT_COLUMNS, *TERMS_COLUMNS)
    .join(sources, sources.c.id == pots.c.source_id)
    .join(source_terms, TERMS_IN_FORCE)
    .where(pots.c.budget_id == bindparam("budget_id"))
    .order_by(pots.c.id)
    .with_for_update(of=pots)
)


@lru_cache(maxsize=4_096)
def asking(tenant: str, school_urn: str, day: date) -> tuple[Asked, Asked]:
    """Return the look-ups of `covering`."""
    values = {"tenant": tenant, "school_urn": school_urn, "day": day}
    return _COVERING.asked(**values), _THEIR_SCHOOLS.asked(**values)


def covering(work: UnitOfWork, school_urn: str, day: date) -> list[Budget]:
    """Return the budgets of a day that might pay for a school."""
    found, schools = asking(work.tenant, school_urn, day)
    rows = work.transaction.rows(found)
    return with_schools(rows, work.transaction.rows(schools))


def payers(work: UnitOfWork, budget: Budget) -> list[Payer]:
    """Return the budget's pots as the batch leaves them so far, locked, with today's terms."""
    book = book_of(work)
    stored = book.once(("payers", budget.id), lambda: _stored_payers(work, budget))
    return [
        replace(payer, pot=replace(payer.pot, figures=book.now(payer.pot.id, payer.pot.figures)))
        for payer in stored
    ]


def _stored_payers(work: UnitOfWork, budget: Budget) -> list[Payer]:
    rows = work.transaction.rows(_PAYERS.asked(budget_id=budget.id))
    return [Payer(pot_from(row), terms_from(row), budget.shares) for row in rows]
