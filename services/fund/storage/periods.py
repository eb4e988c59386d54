"""The state of years, and the check that every journal passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from services.chassis.database import Outdated
from services.chassis.database.together import Asked, Statement
from services.chassis.errors import FailedPrecondition
from services.chassis.ids import derived_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.ledger import Journal
from services.fund.domain.periods import PeriodState, Shut, check_posting
from services.fund.errors import StaleEtag
from services.fund.storage.book import book_of
from services.fund.storage.homes import homes
from services.fund.storage.locks import lock_journals
from services.fund.storage.tables import period_facts, periods

_KNOWN = Statement(
    select(periods)
    .where(periods.c.tenant == bindparam("tenant"))
    .order_by(periods.c.kind, periods.c.start_year)
)


@dataclass(frozen=True, slots=True)
class Year:
    """A year of an authority as it stands.

    Attributes:
        version: 0 when nobody has touched it yet.
    """

    id: str
    period: Period
    state: PeriodState = PeriodState.OPEN
    version: int = 0


def asking(tenant: str) -> Asked:
    """Return the look-up of an authority's years."""
    return _KNOWN.asked(tenant=tenant)


def shut(work: UnitOfWork) -> Shut:
    """Return the authority's years that are not open, read once for a batch."""
    asked = asking(work.tenant)
    return book_of(work).once(("shut", work.tenant), lambda: _shut(work.transaction.rows(asked)))


def check(work: UnitOfWork, journal: Journal) -> None:
    """Check that a journal may be booked; while every year is open it costs nothing.

    Raises:
        PeriodClosed, PeriodSoftClosed: A year that it touches (FAILED_PRECONDITION).
    """
    closed = shut(work)
    if closed:
        years = years_of(work.connection, (entry.pot_id for entry in journal.entries))
        check_posting(closed, journal.kind, journal.effective_on, years)


def years_of(connection: Connection, pot_ids: Iterable[str]) -> set[Period]:
    """Return the years of the budgets that the pots belong to; empty ids are left out."""
    return {home.period for home in homes(connection, filter(None, pot_ids)).values()}


def check_again(connection: Connection, rows: Sequence[Any], booked: Iterable[Journal]) -> None:
    """Check journals once more when they are written, under the lock that a close takes too.

    Another replica may have closed a year after this one looked.

    Args:
        connection: The writer's.
        rows: What `asking` found under the lock.
        booked: The journals.

    Raises:
        Outdated: It has; the commands are decided again and refused for it.
    """
    now = _shut(rows)
    for journal in booked if now else ():
        years = years_of(connection, (entry.pot_id for entry in journal.entries))
        try:
            check_posting(now, journal.kind, journal.effective_on, years)
        except FailedPrecondition as refused:
            raise Outdated from refused


def known(connection: Connection, tenant: str) -> list[Year]:
    """Return the years that somebody has closed or reopened, in order."""
    return [_year(row) for row in asking(tenant).now(connection).rows]


def _shut(rows: Sequence[Any]) -> Shut:
    years = map(_year, rows)
    return {year.period: year.state for year in years if year.state is not PeriodState.OPEN}


def get(connection: Connection, tenant: str, period: Period, *, lock: bool = False) -> Year:
    """Return a year, open when nobody has touched it."""
    year_id = derived_id("period", tenant, period.kind, str(period.start_year))
    query = select(periods).where(periods.c.id == year_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Year(year_id, period) if row is None else _year(row)


def hold(work: UnitOfWork, period: Period) -> Year:
    """Return a year that is about to be closed or opened, with no journal on its way into it.

    A year that nobody has closed has no row to lock, so the lock is the one under which journals
    are chained: a replica that has not written its journals yet looks at the years again.
    """
    lock_journals(work.connection, work.tenant)
    return get(work.connection, work.tenant, period, lock=True)


@dataclass(frozen=True, slots=True)
class Change:
    """Why a year changed, and who did it; the second officer where two are needed."""

    action: str
    reason: str = ""
    first: str = ""
    second: str = ""


def change(work: UnitOfWork, year: Year, state: PeriodState, made: Change) -> Year:
    """Move a year on and keep how it came there.

    Raises:
        StaleEtag: Somebody changed it since it was read (ABORTED).
    """
    after = Year(year.id, year.period, state, year.version + 1)
    if year.version:
        written = work.connection.execute(
            update(periods)
            .where(periods.c.id == year.id, periods.c.version == year.version)
            .values(state=state, version=after.version)
        )
        if written.rowcount != 1:
            raise StaleEtag("the year has changed; read it again", etag=str(year.version))
    else:
        row = {"id": year.id, "tenant": work.tenant, "state": state, "version": after.version}
        period = {"kind": year.period.kind, "start_year": year.period.start_year}
        work.connection.execute(insert(periods).values({**row, **period}))
    work.connection.execute(
        insert(period_facts).values(
            period_id=year.id,
            position=after.version,
            tenant=work.tenant,
            action=made.action,
            state=state,
            actor=made.first or work.caller.subject,
            second=made.second,
            reason=made.reason,
            at=work.at,
        )
    )
    book_of(work).forget()
    return after


def _year(row: Any) -> Year:
    period = Period(PeriodKind(row.kind), row.start_year)
    return Year(row.id, period, PeriodState(row.state), row.version)
