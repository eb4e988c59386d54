"""The finance system's codes, version by version."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib import resources

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.finance_mapping import FinanceMapping
from services.fund.storage.tables import budgets
from services.fund.storage.tables.exports import finance_mappings


@cache
def shipped() -> FinanceMapping:
    """Return what is in force until an authority sets its own."""
    file = resources.files("services.fund.storage") / "finance_mapping.json"
    return FinanceMapping(**json.loads(file.read_text("utf-8")))


def in_force(connection: Connection, tenant: str) -> FinanceMapping:
    """Return the latest version."""
    query = select(finance_mappings).where(finance_mappings.c.tenant == tenant)
    latest = query.order_by(finance_mappings.c.version.desc()).limit(1)
    row = connection.execute(latest).one_or_none()
    return shipped() if row is None else FinanceMapping(**row.content, version=row.version)


def add(work: UnitOfWork, mapping: FinanceMapping) -> None:
    """Insert a version."""
    work.connection.execute(
        insert(finance_mappings).values(
            tenant=work.tenant,
            version=mapping.version,
            content={
                "cost_centre": mapping.cost_centre,
                "subjective": dict(mapping.subjective),
                "cost_centres": dict(mapping.cost_centres),
                "first_month": mapping.first_month,
            },
            set_by=work.caller.subject,
            created_at=work.at,
        )
    )


def known_budgets(connection: Connection, tenant: str, ids: Iterable[str]) -> list[str]:
    """Return those of the ids that are the authority's budgets."""
    query = select(budgets.c.id).where(budgets.c.tenant == tenant, budgets.c.id.in_(list(ids)))
    return list(connection.execute(query).scalars())
