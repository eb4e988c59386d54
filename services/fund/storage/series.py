"""Numbers without gaps: each authority has its own series, counted with the commit."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.storage.tables.paying import series


def next_number(work: UnitOfWork, name: str) -> int:
    """Return the next number of a series, from 1; a command that is refused leaves no gap."""
    columns = series.c
    mine = (columns.tenant == work.tenant, columns.name == name)
    counted: int | None = work.connection.execute(
        update(series).where(*mine).values(last=columns.last + 1).returning(columns.last)
    ).scalar_one_or_none()
    if counted is not None:
        return counted
    # Two replicas that begin a series meet at its key, and one of them is run again.
    work.connection.execute(insert(series).values(tenant=work.tenant, name=name, last=1))
    first: int = work.connection.execute(select(columns.last).where(*mine)).scalar_one()
    return first
