"""Journals and entries on their own: they sum to zero, and nobody has touched them since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from services.fund.domain.chain import FIRST, FORMAT, canonical, link
from services.fund.storage import ledger
from services.fund.storage.tables import entries, journals
from services.fund.verification.finding import Finding

_AT_ONCE = 500


def balanced(connection: Connection) -> Iterator[Finding]:
    """Find journals that do not balance, and entries without a journal."""
    query = (
        select(
            journals.c.id,
            journals.c.tenant,
            func.count(entries.c.position).label("number"),
            func.coalesce(func.sum(entries.c.amount), 0).label("pence"),
        )
        .join(entries, entries.c.journal_id == journals.c.id, isouter=True)
        .group_by(journals.c.id, journals.c.tenant)
        .having((func.count(entries.c.position) < 2) | (func.sum(entries.c.amount) != 0))
    )
    for row in connection.execute(query):
        text = f"it has {row.number} entries that sum to {int(row.pence)} pence"
        yield Finding(1, row.tenant, f"journals {row.id}", text)
    orphans = (
        select(entries.c.journal_id, entries.c.tenant)
        .join(journals, journals.c.id == entries.c.journal_id, isouter=True)
        .where(journals.c.id.is_(None))
        .distinct()
    )
    for row in connection.execute(orphans):
        yield Finding(1, row.tenant, f"journals {row.journal_id}", "its entries stand alone")


def all_balanced(connection: Connection) -> Iterator[Finding]:
    """Find authorities whose entries do not sum to zero."""
    query = select(entries.c.tenant, func.sum(entries.c.amount).label("pence"))
    for row in connection.execute(query.group_by(entries.c.tenant)):
        if row.pence:
            text = f"all entries sum to {int(row.pence)} pence"
            yield Finding(2, row.tenant, "entries", text)


def chained(connection: Connection) -> Iterator[Finding]:
    """Find where the chain of hashes breaks: a journal altered, added, moved or gone."""
    tenant, sequence, last = "", 0, FIRST
    rows = connection.execute(
        select(journals).order_by(journals.c.tenant, journals.c.sequence),
        execution_options={"yield_per": _AT_ONCE},
    )
    for part in rows.partitions(_AT_ONCE):
        held = ledger.with_entries(connection, part)
        for row, journal in zip(part, held, strict=True):
            if row.tenant != tenant:
                tenant, sequence, last = row.tenant, 0, FIRST
            broken = _broken(row, sequence, link(last, canonical(journal, row.sequence)))
            if broken:
                yield Finding(10, row.tenant, f"journals {row.id}", broken)
            sequence, last = row.sequence, row.hash


def _broken(row: Any, before: int, expected: bytes) -> str:
    if row.sequence != before + 1:
        return f"number {row.sequence} follows number {before}"
    if row.format != FORMAT:
        return f"format {row.format} is unknown"
    return "" if expected == row.hash else "its hash is not that of its content"


def reversed_once(connection: Connection) -> Iterator[Finding]:
    """Find reversals that are not the mirror of what they reverse."""
    query = select(journals).where(journals.c.reverses_id.is_not(None))
    rows = connection.execute(query).all()
    known = ledger.with_entries(connection, rows)
    wanted = select(journals).where(journals.c.id.in_([each.reverses_id for each in known]))
    origins = {
        each.id: each for each in ledger.with_entries(connection, connection.execute(wanted).all())
    }
    seen: set[str] = set()
    for journal in known:
        origin = origins.get(journal.reverses_id)
        mirrored = origin and [(each.account, -each.amount_minor) for each in origin.entries]
        same = mirrored == [(each.account, each.amount_minor) for each in journal.entries]
        if not same or journal.reverses_id in seen:
            text = f"it does not undo {journal.reverses_id} once"
            yield Finding(10, journal.tenant, f"journals {journal.id}", text)
        seen.add(journal.reverses_id)
