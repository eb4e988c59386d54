"""The job that warns of money whose time runs out: 90 and 30 days before, once each."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, insert, select

from services.chassis.auth import Principal
from services.chassis.clock import london_date
from services.chassis.database import Database
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.domain.source import Source
from services.fund.storage import source_changes, sources
from services.fund.storage.paging import Cut
from services.fund.storage.tables import pots
from services.fund.storage.tables import sources as source_rows
from services.fund.storage.tables.controls import source_notices
from services.fund.wire import money_events as events

DAYS_BEFORE = (90, 30)
"""When a warning is given; a source that is found later gets only the nearest one."""

_EVERY_S = 600.0
_ALL = 10_000


def warning(commands: Commands, database: Database) -> Job:
    """Return the job."""

    async def run() -> None:
        tenants = await database.read(_tenants)
        for tenant in tenants:
            await commands.apply(Principal.system(tenant), warn)

    return Job(name="source-expiry", every_s=_EVERY_S, run=run)


def warn(work: UnitOfWork) -> None:
    """Tell of each source whose end has come near since it was last looked at."""
    today = london_date(work.at)
    for source in sources.page(work.connection, work.tenant, Cut("", _ALL)):
        end = source.terms.spend_by
        if end is None or end < today:
            continue
        due = [days for days in DAYS_BEFORE if today >= end - timedelta(days=days)]
        if due and not _told(work, source, min(due)):
            _tell(work, source, min(due))


def _told(work: UnitOfWork, source: Source, days: int) -> bool:
    columns = source_notices.c
    query = select(columns.days_before).where(
        columns.source_id == source.id,
        columns.spend_by == source.terms.spend_by,
        columns.days_before == days,
    )
    return work.connection.execute(query).first() is not None


def _tell(work: UnitOfWork, source: Source, days: int) -> None:
    work.connection.execute(
        insert(source_notices).values(
            source_id=source.id,
            spend_by=source.terms.spend_by,
            days_before=days,
            tenant=work.tenant,
            created_at=work.at,
        )
    )
    query = select(func.coalesce(func.sum(pots.c.available), 0)).where(
        pots.c.source_id == source.id
    )
    available = int(work.connection.execute(query).scalar_one())
    sequence = source_changes.next_sequence(work, source.id)
    event = events.source_expiring(source, days, available=available)
    work.emit(event, resource=source.id, sequence=sequence)


def _tenants(connection: Connection) -> list[str]:
    return list(connection.execute(select(source_rows.c.tenant).distinct()).scalars())
