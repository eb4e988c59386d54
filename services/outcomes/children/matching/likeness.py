"""Blind indexes of names with dates of birth: they find who is alike, and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    select,
)

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children import merged
from services.outcomes.children.domain import Person, Scheme
from services.outcomes.children.matching.domain import likenesses
from services.outcomes.children.vault import Vault
from services.outcomes.storage.column_inserts import insert_columns
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

_IN_MAX = 2_000

CHILD_LIKENESS = Table(
    "child_likeness",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("blind", LargeBinary(16), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Index("child_likeness_number", "tenant", "number"),
)


def remember(work: UnitOfWork, vault: Vault, people: Mapping[int, Person]) -> None:
    """Keep what children have in common with children like them."""
    pairs = [
        (number, value)
        for number, person in people.items()
        for value in likenesses(person).values()
    ]
    blinds = vault.blinds(work.tenant, Scheme.LIKENESS, [value for _, value in pairs])
    given = dict.fromkeys((number, blind) for (number, _), blind in zip(pairs, blinds, strict=True))
    known = _known(work.connection, work.tenant, sorted(people))
    new = [pair for pair in given if pair not in known]
    insert_columns(
        work.connection,
        CHILD_LIKENESS,
        len(new),
        constant={"tenant": work.tenant},
        columns={"number": [pair[0] for pair in new], "blind": [pair[1] for pair in new]},
    )


def _known(connection: Connection, tenant: str, numbers: Sequence[int]) -> set[tuple[int, bytes]]:
    table, found = CHILD_LIKENESS.c, set[tuple[int, bytes]]()
    for start in range(0, len(numbers), _IN_MAX):
        query = select(table.number, table.blind).where(
            table.tenant == tenant,
            one_of(connection, table.number, numbers[start : start + _IN_MAX]),
        )
        found.update((number, bytes(blind)) for number, blind in connection.execute(query))
    return found


def alike(
    connection: Connection, tenant: str, vault: Vault, people: Sequence[Person]
) -> list[dict[int, set[str]]]:
    """Return for each person the children who are alike and in what, by number."""
    asked = [
        (place, why, value)
        for place, person in enumerate(people)
        for why, value in likenesses(person).items()
    ]
    blinds = vault.blinds(tenant, Scheme.LIKENESS, [value for _, _, value in asked])
    owners = _owners(connection, tenant, list(dict.fromkeys(blinds)))
    found: list[dict[int, set[str]]] = [{} for _ in people]
    for (place, why, _), blind in zip(asked, blinds, strict=True):
        for number in owners.get(blind, ()):
            found[place].setdefault(number, set()).add(why)
    return found


def _owners(connection: Connection, tenant: str, blinds: Sequence[bytes]) -> dict[bytes, list[int]]:
    table, found = CHILD_LIKENESS.c, dict[bytes, list[int]]()
    for start in range(0, len(blinds), _IN_MAX):
        query = (
            select(table.blind, table.number)
            .where(
                table.tenant == tenant,
                one_of(connection, table.blind, blinds[start : start + _IN_MAX]),
            )
            .order_by(table.number)
        )
        for blind, number in connection.execute(query):
            found.setdefault(bytes(blind), []).append(number)
    through = merged.survivors(connection, tenant)
    return {blind: [through.get(one, one) for one in numbers] for blind, numbers in found.items()}


def forget(work: UnitOfWork, number: int) -> None:
    """Take out what an erased child had in common with others."""
    table = CHILD_LIKENESS.c
    work.connection.execute(
        delete(CHILD_LIKENESS).where(table.tenant == work.tenant, table.number == number)
    )
