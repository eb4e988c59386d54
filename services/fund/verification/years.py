"""Years against the journals in them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.chassis.clock import london_date
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.periods import year_of
from services.fund.storage.tables import budgets, journals, period_facts, periods, pots
from services.fund.verification.balances import by_account
from services.fund.verification.finding import Finding

_BACKDATED = {"bank", "receive", "accrue", "carry", "lapse", "return", "release", "cancel"}


def closed(connection: Connection) -> Iterator[Finding]:
    """Find journals that entered a closed year after it was closed, and pots left open in one."""
    shut = select(periods).where(periods.c.state == "closed")
    for year in connection.execute(shut).all():
        period = Period(PeriodKind(year.kind), year.start_year)
        last = (
            select(period_facts.c.at)
            .where(period_facts.c.period_id == year.id)
            .order_by(period_facts.c.position.desc())
        )
        at = connection.execute(last.limit(1)).scalar_one()
        late = select(journals.c.id, journals.c.effective_on).where(
            journals.c.tenant == year.tenant,
            journals.c.booked_at > at,
            journals.c.effective_on.between(period.starts_on, period.ends_on),
        )
        if period.kind is PeriodKind.FINANCIAL_YEAR:
            for row in connection.execute(late):
                text = f"it counts for {row.effective_on}, in a year that was closed before"
                yield Finding(15, year.tenant, f"journals {row.id}", text)
        yield from _open_pots(connection, year.tenant, period)


def _open_pots(connection: Connection, tenant: str, period: Period) -> Iterator[Finding]:
    query = (
        select(pots.c.id)
        .join(budgets, budgets.c.id == pots.c.budget_id)
        .where(
            budgets.c.tenant == tenant,
            budgets.c.period_kind == period.kind,
            budgets.c.start_year == period.start_year,
            pots.c.closed.is_(False),
        )
    )
    for pot_id in connection.execute(query).scalars():
        yield Finding(15, tenant, f"pots {pot_id}", "it is open in a closed year")


def cleared(connection: Connection) -> Iterator[Finding]:
    """Find clearing accounts between two years that do not end at zero."""
    for account, pence in sorted(by_account(connection, pots=False).items()):
        if account.startswith("year:") and pence:
            yield Finding(16, "", f"entries of {account}", f"it holds {pence} pence")


def in_london(connection: Connection) -> Iterator[Finding]:
    """Find journals that count for another year than the London day on which they were booked.

    Only what may be dated back, and what year end does, counts for an earlier day.
    """
    query = select(
        journals.c.id,
        journals.c.tenant,
        journals.c.kind,
        journals.c.booked_at,
        journals.c.effective_on,
    )
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        booked = london_date(row.booked_at)
        late = row.effective_on > booked
        other = year_of(row.effective_on) != year_of(booked) and row.kind not in _BACKDATED
        if late or other:
            text = f"booked on {booked} in London, it counts for {row.effective_on}"
            yield Finding(19, row.tenant, f"journals {row.id}", text)
