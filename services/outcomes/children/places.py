"""Children of whom nothing is known: places on a roll, for replaying published counts.

There is nothing to seal, nothing to find them by but their id, and nobody to announce.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, select

from services.chassis.ids import new_ids
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import storage
from services.outcomes.children.domain import Enrolment
from services.outcomes.children.enrolments import ENROLMENT, enrolment_row
from services.outcomes.children.storage import CHILD
from services.outcomes.storage.column_inserts import insert_columns


def enrol_places(
    work: UnitOfWork, wanted: Mapping[str, int], *, first: date
) -> dict[str, list[str]]:
    """Bring the roll of each school up to a number of children, from `first` on.

    Args:
        work: The unit of work.
        wanted: URN -> children; a roll that has as many is left as it is.
        first: First day on roll of those who are added.

    Returns:
        The ids of the children on each roll, in the order they were added.

    Raises:
        PermissionDenied: The caller may not load the authority's children.
    """
    access.require_school(work.caller, "child.edit", None)
    found = rolls(work.connection, work.tenant)
    missing = {urn: max(0, count - len(found.get(urn, ()))) for urn, count in wanted.items()}
    count = sum(missing.values())
    if not count:
        return found
    numbers = storage.take_numbers(work.connection, work.tenant, count)
    ids = new_ids(count)
    _insert(
        work, numbers, ids, urns=[urn for urn in missing for _ in range(missing[urn])], first=first
    )
    start = 0
    for urn, more in missing.items():
        found.setdefault(urn, []).extend(ids[start : start + more])
        start += more
    return found


def _insert(
    work: UnitOfWork, numbers: range, ids: list[str], *, urns: list[str], first: date
) -> None:
    common = {"tenant": work.tenant, "recorded_at": work.at}
    insert_columns(
        work.connection,
        CHILD,
        len(ids),
        constant={**common, "reception_year": None, "sequence": 0},
        columns={"number": numbers, "id": ids},
    )
    blank = Enrolment(urn="", first=first)
    row = enrolment_row(work.tenant, 0, blank, version=1, at=work.at)
    columns = {"number": numbers, "urn": urns}
    constant = {name: value for name, value in row.items() if name not in columns}
    insert_columns(work.connection, ENROLMENT, len(ids), constant=constant, columns=columns)


def rolls(connection: Connection, tenant: str) -> dict[str, list[str]]:
    """Return the ids of the children who were ever on each roll, in the order they were added."""
    child, enrolment = CHILD.c, ENROLMENT.c
    query = (
        select(enrolment.urn, child.id)
        .join(CHILD, (child.tenant == enrolment.tenant) & (child.number == enrolment.number))
        .where(enrolment.tenant == tenant, enrolment.version == 1)
        .order_by(enrolment.urn, enrolment.number)
    )
    found: dict[str, list[str]] = {}
    for urn, child_id in connection.execute(query).all():
        found.setdefault(urn, []).append(child_id)
    return found
