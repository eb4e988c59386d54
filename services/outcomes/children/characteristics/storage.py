"""The table of characteristics: only added to; values that tell too much are sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    func,
    insert,
    select,
)

from services.chassis.sealing import seal, unseal
from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children.characteristics.domain import Characteristic, Statement
from services.outcomes.children.characteristics.kinds import RULES, Kind, Purpose
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

_IN_MAX = 5_000
_FOREVER = date.max.toordinal()

CHARACTERISTIC = Table(
    "characteristic",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    Column("value", String(16), nullable=False),
    Column("sealed", LargeBinary),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("supersedes", Integer, nullable=False),
    Column("taken_back", SmallInteger, nullable=False),
    Column("purposes", SmallInteger, nullable=False),
    Column("source", String(120), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Index("characteristic_kind", "tenant", "kind", "child"),
)


def counts(connection: Connection, tenant: str, children: Iterable[int]) -> dict[int, int]:
    """Return how many statements each child has; children without any are left out."""
    table, found = CHARACTERISTIC.c, dict[int, int]()
    wanted = sorted(set(children))
    for start in range(0, len(wanted), _IN_MAX):
        query = (
            select(table.child, func.max(table.number))
            .where(
                table.tenant == tenant,
                one_of(connection, table.child, wanted[start : start + _IN_MAX]),
            )
            .group_by(table.child)
        )
        found.update((child, number) for child, number in connection.execute(query))
    return found


def row_of(tenant: str, child: int, given: Characteristic, *, child_id: str, key: bytes) -> Row:
    """Return a characteristic as a row, its value sealed where the kind is."""
    said = given.statement
    hidden = RULES[said.kind].sealed and not said.taken_back
    bound = _about(tenant, child_id, given.number)
    return {
        "tenant": tenant,
        "child": child,
        "number": given.number,
        "kind": int(said.kind),
        "value": "" if hidden else said.value,
        "sealed": seal(key, said.value.encode(), *bound) if hidden else None,
        "first_day": said.first.toordinal(),
        "last_day": said.last.toordinal() if said.last else _FOREVER,
        "supersedes": said.supersedes,
        "taken_back": int(said.taken_back),
        "purposes": int(given.purposes),
        "source": given.source,
        "recorded_at": given.recorded_at,
        "recorded_by": given.recorded_by,
    }


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert characteristics."""
    if rows:
        connection.execute(insert(CHARACTERISTIC), list(rows))


def recorded(
    connection: Connection,
    tenant: str,
    children: Iterable[int],
    *,
    kinds: Iterable[Kind] | None = None,
    as_of: datetime | None = None,
) -> dict[int, list[tuple[Characteristic, bytes | None]]]:
    """Return what was recorded of children, in order, each with its sealed value or None.

    Args:
        connection: To read with.
        tenant: The authority.
        children: Their numbers.
        kinds: Only these; every kind when None.
        as_of: What was recorded by then; by now when None.
    """
    table, wanted = CHARACTERISTIC.c, sorted(set(children))
    found: dict[int, list[tuple[Characteristic, bytes | None]]] = {}
    for start in range(0, len(wanted), _IN_MAX):
        query = (
            select(CHARACTERISTIC)
            .where(
                table.tenant == tenant,
                one_of(connection, table.child, wanted[start : start + _IN_MAX]),
            )
            .order_by(table.child, table.number)
        )
        if kinds is not None:
            query = query.where(table.kind.in_([int(kind) for kind in kinds]))
        if as_of is not None:
            query = query.where(table.recorded_at <= as_of)
        for row in connection.execute(query):
            sealed = bytes(row.sealed) if row.sealed is not None else None
            found.setdefault(row.child, []).append((_characteristic(row), sealed))
    return found


def unsealed(
    tenant: str,
    child_id: str,
    given: Iterable[tuple[Characteristic, bytes | None]],
    keys: Mapping[str, bytes],
) -> list[Characteristic]:
    """Return a child's characteristics, the sealed ones with their value when there is a key."""
    key, found = keys.get(child_id), list[Characteristic]()
    for one, sealed in given:
        if sealed is not None and key is not None:
            value = unseal(key, sealed, *_about(tenant, child_id, one.number)).decode()
            found.append(replace(one, statement=replace(one.statement, value=value)))
        else:
            found.append(one)
    return found


def _about(tenant: str, child_id: str, number: int) -> tuple[str, str, str, str]:
    return (tenant, "characteristic", child_id, str(number))


def _characteristic(row: Any) -> Characteristic:
    forever = row.last_day >= _FOREVER
    said = Statement(
        kind=Kind(row.kind),
        value=row.value,
        first=date.fromordinal(row.first_day),
        last=None if forever else date.fromordinal(row.last_day),
        supersedes=row.supersedes,
        taken_back=bool(row.taken_back),
    )
    return Characteristic(
        number=row.number,
        statement=said,
        purposes=Purpose(row.purposes),
        source=row.source,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
