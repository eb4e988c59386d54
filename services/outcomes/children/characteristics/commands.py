"""Recording characteristics: one child's by hand, many children's from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import queries
from services.outcomes.children.characteristics import storage
from services.outcomes.children.characteristics.domain import (
    Characteristic,
    Statement,
    check,
)
from services.outcomes.children.characteristics.kinds import RULES, Purpose
from services.outcomes.children.domain import Child
from services.outcomes.children.vault import Vault
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.children import CharacteristicInvalid


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where statements come from and what they may be used for.

    Attributes:
        source: Such as the name of a system or of a census; no personal data.
        purposes: One or more.
    """

    source: str
    purposes: Purpose


def record(
    work: UnitOfWork,
    vault: Vault,
    child_id: str,
    *,
    statements: Sequence[Statement],
    how: Provenance,
) -> list[Characteristic]:
    """Record what is said of one child: all of it or none.

    Returns:
        What was recorded, without sealed values: answers are stored.

    Raises:
        ChildNotFound: No such child, or it is erased (CHILD_NOT_FOUND).
        PermissionDenied: It is another's school (ACTION_NOT_ALLOWED).
        CharacteristicInvalid: A code is wrong, or nothing is there to be superseded.
    """
    child = queries.known_child(work.connection, work.tenant, child_id)
    access.require_any_school(work.caller, "child.edit", child.urns())
    held = storage.recorded(work.connection, work.tenant, [child.number]).get(child.number, [])
    kind_of = {one.number: one.statement.kind for one, _ in held}
    for place, said in enumerate(statements):
        check(said, place)
        if said.supersedes and kind_of.get(said.supersedes) is not said.kind:
            raise CharacteristicInvalid(
                f"the child has no statement {said.supersedes} of that kind",
                field=f"statements[{place}].supersedes",
                kind=RULES[said.kind].column,
            )
    done = add(work, vault, {child.id: child}, {child.id: statements}, how=how)
    if not done:
        raise ChildNotFound(child_id)
    return [_shown(one) for one in done[child.id]]


def add(
    work: UnitOfWork,
    vault: Vault,
    children: Mapping[str, Child],
    statements: Mapping[str, Sequence[Statement]],
    *,
    how: Provenance,
) -> dict[str, list[Characteristic]]:
    """Add checked statements of children; of a child that is erased nothing is kept."""
    keys = vault.keys(work.tenant, list(statements))
    numbers = {children[child_id].number for child_id in statements}
    last = storage.counts(work.connection, work.tenant, numbers)
    rows, done = [], dict[str, list[Characteristic]]()
    for child_id, every in statements.items():
        key, number = keys.get(child_id), children[child_id].number
        if key is None:
            continue
        for place, said in enumerate(every, start=last.get(number, 0) + 1):
            one = Characteristic(
                number=place,
                statement=said,
                purposes=how.purposes,
                source=how.source,
                recorded_at=work.at,
                recorded_by=work.caller.subject,
            )
            rows.append(storage.row_of(work.tenant, number, one, child_id=child_id, key=key))
            done.setdefault(child_id, []).append(one)
    storage.add(work.connection, rows)
    return done


def _shown(one: Characteristic) -> Characteristic:
    if not RULES[one.statement.kind].sealed:
        return one
    return replace(one, statement=replace(one.statement, value=""))
