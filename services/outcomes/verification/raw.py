"""The append-only facts as they lie in the database, unpacked byte by byte from the format."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.reference.storage import CALENDAR_SPAN
from services.outcomes.register.storage import REGISTER_BLOCK, REGISTER_CHANGE
from services.outcomes.verification.findings import Difference, Kind

_POSITIONS = 14
_ROW = struct.calcsize("<i") + _POSITIONS

Key = tuple[str, int]
"""A school and a week."""


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block as its row holds it."""

    version: int
    children: bytes
    codes: bytes


@dataclass(slots=True)
class Overlays:
    """The unpacked history of some schools.

    Attributes:
        marks: Columns of every code in every overlay.
        children: Columns of every child named in an overlay.
        versions: How many changes each block has.
        found: What is wrong with the history itself.
    """

    marks: list[pa.Table] = field(default_factory=list)
    children: list[pa.Table] = field(default_factory=list)
    versions: dict[Key, int] = field(default_factory=dict)
    found: list[Difference] = field(default_factory=list)


def tenants(connection: Connection) -> list[str]:
    """Return the authorities that have a register, a trace of one, or events of children."""
    every: set[str] = set()
    for table in (REGISTER_CHANGE, REGISTER_BLOCK, CHILD_EVENT):
        every.update(connection.execute(select(table.c.tenant).distinct()).scalars())
    return sorted(every)


def schools(connection: Connection, tenant: str) -> list[str]:
    """Return the URNs of an authority's registers."""
    every: set[str] = set()
    for table in (REGISTER_CHANGE, REGISTER_BLOCK):
        query = select(table.c.urn).where(table.c.tenant == tenant).distinct()
        every.update(connection.execute(query).scalars())
    return sorted(every)


def blocks(connection: Connection, tenant: str, urns: Sequence[str]) -> dict[Key, StoredBlock]:
    """Return the blocks of some schools."""
    table = REGISTER_BLOCK.c
    query = select(table.urn, table.week, table.version, table.children, table.codes).where(
        table.tenant == tenant, table.urn.in_(urns)
    )
    return {
        (urn, week): StoredBlock(version, bytes(children), bytes(codes))
        for urn, week, version, children, codes in connection.execute(query)
    }


def overlays(connection: Connection, tenant: str, urns: Sequence[str]) -> Overlays:
    """Return the history of some schools."""
    table, history = REGISTER_CHANGE.c, Overlays()
    query = (
        select(table.urn, table.week, table.version, table.overlay, table.overlay_sha256)
        .where(table.tenant == tenant, table.urn.in_(urns))
        .order_by(table.urn, table.week, table.version)
    )
    for row in connection.execute(query):
        key = (row.urn, row.week)
        expected = history.versions.get(key, 0) + 1
        if row.version != expected:
            history.found.append(_gap(tenant, row, expected))
        history.versions[key] = row.version
        _unpack(tenant, row, history)
    return history


def _gap(tenant: str, row: Any, expected: int) -> Difference:
    place = f"school {row.urn}, week {row.week}"
    return Difference(
        tenant, Kind.HISTORY, place, f"change {row.version}", f"change {expected} first"
    )


def _unpack(tenant: str, row: Any, history: Overlays) -> None:
    overlay = bytes(row.overlay)
    place = f"school {row.urn}, week {row.week}, change {row.version}"
    digest = hashlib.sha256(overlay).digest()
    if digest != bytes(row.overlay_sha256):
        difference = Difference(
            tenant, Kind.OVERLAY, place, bytes(row.overlay_sha256).hex()[:16], digest.hex()[:16]
        )
        history.found.append(difference)
    try:
        content = zlib.decompress(overlay)
    except zlib.error:
        content = b"?"
    count, rest = divmod(len(content), _ROW)
    if rest:
        history.found.append(
            Difference(tenant, Kind.OVERLAY, place, "bytes that cannot be read", "marks")
        )
        return
    numbers = np.frombuffer(content, "<i4", count)
    codes = np.frombuffer(content, "u1", offset=4 * count).reshape(count, _POSITIONS)
    child, position = np.nonzero(codes)
    history.marks.append(
        _table(
            row.urn,
            len(child),
            week=np.full(len(child), row.week),
            version=np.full(len(child), row.version),
            child=numbers[child],
            position=position,
            code=codes[child, position],
        )
    )
    history.children.append(_table(row.urn, count, week=np.full(count, row.week), child=numbers))


def _table(urn: str, count: int, **columns: NDArray[Any]) -> pa.Table:
    arrays = {name: pa.array(column.astype(np.int32)) for name, column in columns.items()}
    return pa.table({"urn": pa.repeat(urn, count), **arrays})


def spans(connection: Connection, tenant: str) -> Iterator[tuple[str, int, int, int, int, int]]:
    """Yield the calendar's spans: school, number, first and last day, kind, sessions."""
    table = CALENDAR_SPAN.c
    query = select(
        table.urn,
        table.number,
        table.first_day,
        table.last_day,
        table.kind,
        table.sessions,
    ).where(table.tenant == tenant)
    for row in connection.execute(query):
        yield tuple(row)
