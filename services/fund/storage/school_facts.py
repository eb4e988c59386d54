"""The fund's own small list of schools: what sources' terms are held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.apportionment import Payer
from services.fund.domain.terms import Circumstances, SchoolFacts, SchoolPhase
from services.fund.storage.book import book_of
from services.fund.storage.paging import Cut
from services.fund.storage.tables import school_facts


def of(connection: Connection, tenant: str, urns: Iterable[str]) -> dict[str, SchoolFacts]:
    """Return what is recorded of each school now; version 0 where nothing is."""
    wanted = sorted(urns)
    found = {urn: SchoolFacts(urn) for urn in wanted}
    query = _latest(tenant).where(school_facts.c.school_urn.in_(wanted))
    found.update((row.school_urn, _facts(row)) for row in connection.execute(query))
    return found


def page(connection: Connection, tenant: str, cut: Cut) -> list[SchoolFacts]:
    """Return a page of the schools of which something is recorded, by URN."""
    query = _latest(tenant).where(school_facts.c.school_urn > cut.after)
    rows = connection.execute(query.order_by(school_facts.c.school_urn).limit(cut.size))
    return [_facts(row) for row in rows]


def with_facts(
    work: UnitOfWork, stated: Circumstances, urn: str, payers: Iterable[Payer]
) -> Circumstances:
    """Return what a request states with what is recorded of its school.

    It is looked up, once for a batch, only where a source's terms ask for it.
    """
    if not any(payer.terms.ask_of_schools for payer in payers):
        return stated
    facts = book_of(work).once(
        ("school", work.tenant, urn), lambda: of(work.connection, work.tenant, [urn])[urn]
    )
    return replace(stated, school=facts)


def add(work: UnitOfWork, facts: SchoolFacts) -> None:
    """Insert the next version of what is known of a school."""
    work.connection.execute(
        insert(school_facts).values(
            tenant=work.tenant,
            school_urn=facts.urn,
            version=facts.version,
            phase=facts.phase,
            areas=sorted(facts.areas),
            set_by=work.caller.subject,
            created_at=work.at,
        )
    )
    book_of(work).forget()


def _latest(tenant: str) -> Any:
    last = (
        select(school_facts.c.school_urn, func.max(school_facts.c.version).label("version"))
        .where(school_facts.c.tenant == tenant)
        .group_by(school_facts.c.school_urn)
        .subquery()
    )
    newest = and_(
        school_facts.c.school_urn == last.c.school_urn, school_facts.c.version == last.c.version
    )
    return select(school_facts).join(last, newest).where(school_facts.c.tenant == tenant)


def _facts(row: Any) -> SchoolFacts:
    phase = SchoolPhase(row.phase) if row.phase else None
    return SchoolFacts(row.school_urn, phase, frozenset(row.areas), row.version)
