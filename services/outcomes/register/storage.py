"""Tables of registers: blocks as they are now, and every change in the order it was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children.enrolments import ENROLMENT
from services.outcomes.register.domain.blocks import (
    Block,
    Merged,
    folded,
    unpacked,
    unsqueezed,
)
from services.outcomes.register.domain.checks import Roll
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first

_IN_MAX = 500
_ROWS_AT_ONCE = 10_000

REGISTER_BLOCK = Table(
    "register_block",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("children", LargeBinary, nullable=False),
    Column("codes", LargeBinary, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
REGISTER_CHANGE = Table(
    "register_change",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("import_id", String(36), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("overlay", LargeBinary, nullable=False),
    Column("overlay_sha256", LargeBinary(32), nullable=False),
    Index("register_change_recorded", "tenant", "recorded_at"),
)
REGISTER_IMPORT = Table(
    "register_import",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("mapping", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("imported_by", String(120), nullable=False),
    Column("marks", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("children", Integer, nullable=False),
    Column("urns", Text, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A block as the store holds it.

    Attributes:
        urn: The school.
        week: Weeks since Monday, 1 January of the year 1.
        block: Its marks.
        version: How many changes made it.
        changed_at: When the last of them was recorded.
    """

    urn: str
    week: int
    block: Block
    version: int
    changed_at: datetime


def blocks(
    connection: Connection,
    tenant: str,
    *,
    urns: Iterable[str] | None = None,
    weeks: tuple[int, int] | None = None,
    as_of: datetime | None = None,
) -> Iterator[Held]:
    """Return blocks in order of school and week.

    Args:
        connection: To read with.
        tenant: The authority.
        urns: Only these schools.
        weeks: First and last week wanted.
        as_of: The moment to fold changes up to; the register as it is now when None.
    """
    table = REGISTER_BLOCK if as_of is None else REGISTER_CHANGE
    query = select(table).where(table.c.tenant == tenant)
    if weeks is not None:
        query = query.where(table.c.week.between(*weeks))
    for part in _narrowed(query, table, urns):
        if as_of is None:
            yield from _current(connection, part)
        else:
            until = part.where(table.c.recorded_at <= as_of)
            yield from _past(connection, until.order_by(table.c.version))


def _narrowed(
    query: Select[Any], table: Table, urns: Iterable[str] | None
) -> Iterator[Select[Any]]:
    ordered = query.order_by(table.c.urn, table.c.week)
    if urns is None:
        yield ordered
        return
    wanted = sorted(set(urns))
    for start in range(0, len(wanted), _IN_MAX):
        yield ordered.where(table.c.urn.in_(wanted[start : start + _IN_MAX]))


def _current(connection: Connection, query: Select[Any]) -> Iterator[Held]:
    for row in connection.execute(query):
        block = unpacked(row.children, row.codes)
        yield Held(row.urn, row.week, block, row.version, row.changed_at)


def _past(connection: Connection, query: Select[Any]) -> Iterator[Held]:
    """Fold the changes of each block; they come in order of school, week and version."""
    gathered: list[Any] = []
    for row in connection.execute(query):
        if gathered and (row.urn, row.week) != (gathered[0].urn, gathered[0].week):
            yield _fold(gathered)
            gathered = []
        gathered.append(row)
    if gathered:
        yield _fold(gathered)


def _fold(rows: Sequence[Any]) -> Held:
    block = folded(unsqueezed(row.overlay) for row in rows)
    assert block is not None
    last = rows[-1]
    return Held(last.urn, last.week, block, last.version, last.recorded_at)


@dataclass(frozen=True, slots=True)
class Written:
    """A block to write.

    Attributes:
        urn: The school.
        week: The week.
        known: What the store holds; None when nothing.
        merged: What it is to hold, and what changed.
    """

    urn: str
    week: int
    known: Held | None
    merged: Merged


def write_blocks(
    connection: Connection,
    tenant: str,
    written: Sequence[Written],
    *,
    import_id: str,
    at: datetime,
) -> None:
    """Write blocks and their changes. The caller holds the schools' rows."""
    new: list[Row] = []
    replaced: list[Row] = []
    changes: list[Row] = []
    for one in written:
        children, codes = one.merged.block.packed()
        version = one.known.version + 1 if one.known else 1
        moment = max(at, one.known.changed_at) if one.known else at
        row = {"urn": one.urn, "week": one.week}
        content = {"version": version, "children": children, "codes": codes, "changed_at": moment}
        if one.known is None:
            new.append({"tenant": tenant, **row, **content})
        else:
            replaced.append({"at_urn": one.urn, "at_week": one.week, **content})
        overlay = one.merged.overlay.squeezed()
        change = {"version": version, "import_id": import_id, "recorded_at": moment}
        digest = hashlib.sha256(overlay).digest()
        changes.append(
            {"tenant": tenant, **row, **change, "overlay": overlay, "overlay_sha256": digest}
        )
    if new:
        connection.execute(insert(REGISTER_BLOCK), new)
    if replaced:
        _replace(connection, tenant, replaced)
    if changes:
        connection.execute(insert(REGISTER_CHANGE), changes)


def _replace(connection: Connection, tenant: str, rows: list[Row]) -> None:
    table = REGISTER_BLOCK.c
    connection.execute(
        update(REGISTER_BLOCK)
        .where(
            table.tenant == tenant,
            table.urn == bindparam("at_urn"),
            table.week == bindparam("at_week"),
        )
        .values({name: bindparam(name) for name in ("version", "children", "codes", "changed_at")}),
        rows,
    )


def roll(connection: Connection, tenant: str, urns: Sequence[str]) -> Roll:
    """Return the enrolments at schools, keyed by the place of the school in `urns`."""
    table, places = ENROLMENT.c, {urn: place for place, urn in enumerate(urns)}
    parts = [np.zeros((0, 4), np.int64)]
    wanted = sorted(places)
    for start in range(0, len(wanted), _IN_MAX):
        query = (
            select(table.urn, table.number, table.first_day, table.last_day)
            .where(table.tenant == tenant, table.urn.in_(wanted[start : start + _IN_MAX]))
            .order_by(table.urn, table.number, table.first_day, table.version)
        )
        for rows in connection.execute(query).partitions(_ROWS_AT_ONCE):
            urn_of, *numbers = zip(*rows, strict=True)
            part = [[places[urn] for urn in urn_of], *numbers]
            parts.append(np.array(part, np.int64).T)
    return _latest(np.concatenate(parts))


def _latest(rows: np.ndarray[Any, np.dtype[np.int64]]) -> Roll:
    """Keep the newest version of each enrolment; versions of one stand together, newest last."""
    key, first = (rows[:, 0] << 32) | rows[:, 1], rows[:, 2]
    newest = np.ones(len(rows), np.bool_)
    newest[:-1] = (key[1:] != key[:-1]) | (first[1:] != first[:-1])
    kept = np.flatnonzero(newest)
    order = kept[np.argsort(key[kept], kind="stable")]
    if not len(order):
        order = np.zeros(0, np.intp)
    return Roll(key[order], first[order].astype(np.int32), rows[order, 3].astype(np.int32))


def add_import(connection: Connection, row: Row) -> None:
    """Insert the row of an import."""
    connection.execute(insert(REGISTER_IMPORT), [row])


def get_import(connection: Connection, tenant: str, import_id: str) -> Any:
    """Return the row of an import, or None."""
    table = REGISTER_IMPORT.c
    return connection.execute(
        select(REGISTER_IMPORT).where(table.tenant == tenant, table.id == import_id)
    ).one_or_none()


def imports(connection: Connection, tenant: str, *, before: str, limit: int) -> list[Any]:
    """Return rows of imports, newest first; ids are in order of time."""
    table = REGISTER_IMPORT.c
    query = select(REGISTER_IMPORT).where(table.tenant == tenant)
    return list(connection.execute(latest_first(query, table.id, before=before, limit=limit)))
