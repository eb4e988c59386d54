"""What is left at every level of the tree, in as many reads as there are levels asked for.

Moves of a batch are added up for each budget on the way to the root and written to this
process's slot, with one statement for all of them; nothing is read first.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select, text

from services.chassis.database.together import Asked, Statement
from services.fund.domain.figures import NOTHING, Figures
from services.fund.storage.homes import homes
from services.fund.storage.tables import budget_totals
from services.fund.storage.tables.columns import BUCKETS

_SLOTS = 16
_SLOT = secrets.randbelow(_SLOTS)
_ADD_TEXT = (
    f"INSERT INTO budget_totals (budget_id, slot, tenant, {', '.join(BUCKETS)}) "  # noqa: S608 (our own columns)
    f"VALUES (:budget_id, :slot, :tenant, {', '.join(f':{name}' for name in BUCKETS)}) "
    "ON CONFLICT (budget_id, slot) DO UPDATE SET "
    + ", ".join(f"{name} = budget_totals.{name} + excluded.{name}" for name in BUCKETS)
)
_ADD = Statement(text(_ADD_TEXT))


def adding(connection: Connection, moved: Mapping[str, Figures]) -> list[Asked]:
    """Return what counts the moves of each pot for its budget and every budget above it."""
    changes: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for pot_id, home in homes(connection, moved).items():
        for budget_id in home.path:
            changes[budget_id, home.tenant] += moved[pot_id]
    return [
        _ADD.asked(
            budget_id=budget_id,
            slot=_SLOT,
            tenant=tenant,
            **{name: getattr(change, name) for name in BUCKETS},
        )
        # In a fixed order, so that two replicas cannot wait for each other.
        for (budget_id, tenant), change in sorted(changes.items(), key=lambda item: item[0])
        if change != NOTHING
    ]


def read(connection: Connection, budget_ids: Iterable[str]) -> dict[str, Figures]:
    """Return the money of each budget and all below it; a budget without any is left out."""
    columns = budget_totals.c
    query = (
        select(columns.budget_id, *(func.sum(columns[name]).label(name) for name in BUCKETS))
        .where(columns.budget_id.in_(list(budget_ids)))
        .group_by(columns.budget_id)
    )
    return {
        row.budget_id: Figures(*(int(getattr(row, name)) for name in BUCKETS))
        for row in connection.execute(query)
    }


def staged(connection: Connection, budget_id: str, differences: Mapping[str, Figures]) -> Figures:
    """Return what a batch that is still open has moved below a budget."""
    here = homes(connection, differences)
    below = (differences[pot_id] for pot_id, home in here.items() if budget_id in home.path)
    return sum(below, start=NOTHING)
