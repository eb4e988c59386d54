"""Reading the chains again: what `localresponse verify audit` runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row, select

from services.chassis.audit.chain import AUDIT, FIRST, FORMAT, link
from services.chassis.audit.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a chain does not hold.

    Attributes:
        kind: `gap` (deleted or reordered), `changed` (flipped or reordered), `format`,
            `truncated` or `rewritten` (against a checkpoint).
    """

    tenant: str
    sequence: int
    kind: str
    message: str


@dataclass(slots=True)
class _Place:
    tenant: str
    sequence: int = 0
    last: bytes = FIRST


def verify(connection: Connection, checkpoints: Iterable[Checkpoint] = ()) -> list[Finding]:
    """Return every place where a chain does not hold; none means that all of them do.

    Args:
        connection: A snapshot; the chains are read in order, in constant memory.
        checkpoints: From outside the database. Without them a chain that was rewritten as a
            whole, or cut at its end, cannot be told from a true one.
    """
    expected = {(point.tenant, point.sequence): point for point in checkpoints}
    findings: list[Finding] = []
    ends: dict[str, int] = {}
    place = _Place("")
    rows = connection.execute(
        select(AUDIT).order_by(AUDIT.c.tenant, AUDIT.c.sequence),
        execution_options={"yield_per": 1000},
    )
    for row in rows:
        if row.tenant != place.tenant:
            place = _Place(row.tenant)
        findings += _broken(row, place)
        place.sequence, place.last = row.sequence, row.hash
        ends[row.tenant] = row.sequence
        point = expected.get((row.tenant, row.sequence))
        if point is not None and point.hash != row.hash.hex():
            findings.append(_finding(row, "rewritten", "the signed checkpoint has another hash"))
    return findings + _cut(expected.values(), ends)


def _broken(row: Row[Any], place: _Place) -> list[Finding]:
    if row.sequence != place.sequence + 1:
        return [_finding(row, "gap", f"it follows {place.sequence}")]
    if row.format != FORMAT:
        return [_finding(row, "format", f"format {row.format} is unknown")]
    if link(place.last, row.body) != row.hash or not _canonical(row):
        return [_finding(row, "changed", "the hash is not that of its content")]
    return []


def _canonical(row: Row[Any]) -> bool:
    """Return whether the content is canonical and says the same place as its row."""
    try:
        content = json.loads(row.body)
        same = rfc8785.dumps(content) == row.body.encode()
    except ValueError:
        return False
    return same and (content.get("tenant"), content.get("sequence")) == (row.tenant, row.sequence)


def _cut(checkpoints: Iterable[Checkpoint], ends: dict[str, int]) -> list[Finding]:
    return [
        Finding(
            point.tenant,
            point.sequence,
            "truncated",
            f"a signed checkpoint has {point.sequence} rows, the chain {ends.get(point.tenant, 0)}",
        )
        for point in checkpoints
        if point.sequence > ends.get(point.tenant, 0)
    ]


def _finding(row: Row[Any], kind: str, message: str) -> Finding:
    return Finding(row.tenant, row.sequence, kind, message)
