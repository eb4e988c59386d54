"""What was known when support was approved, frozen: never read again from a later register."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children.characteristics.queries import facts_on
from services.outcomes.children.merged import survivor_ids
from services.outcomes.episodes.domain.purchase import Fact
from services.outcomes.episodes.measuring import Support, measure, roll_of
from services.outcomes.episodes.storage.tables import APPROVAL_SNAPSHOT
from services.outcomes.episodes.windows import WindowKind

_TABLE = APPROVAL_SNAPSHOT.c


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A child's last 30 school days before a request, as the register stood at approval.

    Attributes:
        measured: Whether there were enough possible sessions to say anything.
        phase: Of the school that asked, in lower case; empty when not known.
        facts: Characteristics that held on the day of approval, as known then and recorded for
            evaluation, by their column's name; none of the sealed ones.
    """

    taken_at: datetime
    possible: int
    absent: int
    measured: bool
    year_group: int | None
    phase: str
    facts: dict[str, str]


def take(work: UnitOfWork, fact: Fact) -> None:
    """Freeze what was known of each child of a purchase at its approval, once."""
    if fact.approved_at is None:
        return
    held = set(
        work.connection.execute(
            select(_TABLE.child_id).where(
                _TABLE.tenant == work.tenant, _TABLE.purchase_id == fact.purchase_id
            )
        ).scalars()
    )
    new = sorted(set(fact.child_ids) - held)
    roll = roll_of(work.connection, work.tenant, new, as_of=fact.approved_at)
    known = [child_id for child_id in new if child_id in roll.children]
    if not known:
        return
    requested_on = london_date(fact.submitted_at)
    measured = measure(
        work.connection,
        work.tenant,
        [Support(child_id, requested_on, None) for child_id in known],
        roll=roll,
        as_of=fact.approved_at,
    )
    windows = measured.windows.measure(
        WindowKind.TRIGGER, requested=measured.requested, index=measured.index
    )
    facts = facts_on(
        work.connection,
        work.tenant,
        [roll.children[child_id].number for child_id in known],
        on=london_date(fact.approved_at),
        as_of=fact.approved_at,
    )
    rows = [
        {
            "tenant": work.tenant,
            "purchase_id": fact.purchase_id,
            "child_id": child_id,
            "taken_at": fact.approved_at,
            "possible": int(windows.possible[row]),
            "absent": int(windows.absent[row]),
            "measured": int(windows.measured[row]),
            "year_group": roll.year_group(child_id, requested_on),
            "phase": roll.phase(fact.school_urn),
            "facts": json.dumps(facts.get(roll.children[child_id].number, {}), sort_keys=True),
        }
        for row, child_id in enumerate(known)
    ]
    work.connection.execute(insert(APPROVAL_SNAPSHOT), rows)


def held(
    connection: Connection, tenant: str, purchase_ids: Iterable[str]
) -> dict[tuple[str, str], Snapshot]:
    """Return snapshots by purchase and child."""
    wanted = sorted(set(purchase_ids))
    through = survivor_ids(connection, tenant)
    found = {}
    for start in range(0, len(wanted), 500):
        query = select(APPROVAL_SNAPSHOT).where(
            _TABLE.tenant == tenant, _TABLE.purchase_id.in_(wanted[start : start + 500])
        )
        for row in connection.execute(query):
            child_id = through.get(row.child_id, row.child_id)
            found[row.purchase_id, child_id] = Snapshot(
                row.taken_at,
                row.possible,
                row.absent,
                bool(row.measured),
                row.year_group,
                row.phase,
                json.loads(row.facts),
            )
    return found
