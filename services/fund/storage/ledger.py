"""Journals and entries: written with the batch's commit, read by whoever checks the books."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.ledger import Entry, Journal, Kind
from services.fund.storage.paging import Cut
from services.fund.storage.tables import entries, journals


def add(work: UnitOfWork, journal: Journal) -> None:
    """Insert a journal and its entries with the commit."""
    work.insert_later(
        journals,
        {
            "id": journal.id,
            "tenant": journal.tenant,
            "kind": journal.kind,
            "actor": journal.actor,
            "command_id": journal.command_id,
            "purchase_id": journal.purchase_id or None,
            "decision_id": journal.decision_id or None,
            "reverses_id": journal.reverses_id or None,
            "booked_at": journal.booked_at,
            "effective_on": journal.effective_on,
        },
    )
    for position, entry in enumerate(journal.entries, start=1):
        work.insert_later(
            entries,
            {
                "journal_id": journal.id,
                "position": position,
                "tenant": journal.tenant,
                "account": entry.account,
                "pot_id": entry.pot_id or None,
                "source_id": entry.source_id or None,
                "amount": entry.amount_minor,
            },
        )


def page(
    connection: Connection,
    tenant: str,
    cut: Cut,
    *,
    purchase_id: str,
    source_id: str,
) -> list[Journal]:
    """Return a page of journals, oldest first.

    Args:
        connection: A reader.
        tenant: The authority.
        cut: Which page.
        purchase_id: Only of this purchase; empty for all.
        source_id: Only with an entry of this source; empty for all.
    """
    query = select(journals).where(journals.c.tenant == tenant, journals.c.id > cut.after)
    if purchase_id:
        query = query.where(journals.c.purchase_id == purchase_id)
    if source_id:
        touched = select(entries.c.journal_id).where(entries.c.source_id == source_id)
        query = query.where(journals.c.id.in_(touched))
    rows = connection.execute(query.order_by(journals.c.id).limit(cut.size)).all()
    held = _entries(connection, [row.id for row in rows])
    return [
        Journal(
            id=row.id,
            tenant=row.tenant,
            kind=Kind(row.kind),
            actor=row.actor,
            command_id=row.command_id,
            purchase_id=row.purchase_id or "",
            decision_id=row.decision_id or "",
            reverses_id=row.reverses_id or "",
            booked_at=row.booked_at,
            effective_on=row.effective_on,
            entries=tuple(held[row.id]),
        )
        for row in rows
    ]


def _entries(connection: Connection, journal_ids: list[str]) -> dict[str, list[Entry]]:
    held: dict[str, list[Entry]] = defaultdict(list)
    query = select(entries).where(entries.c.journal_id.in_(journal_ids))
    for row in connection.execute(query.order_by(entries.c.journal_id, entries.c.position)):
        entry = Entry(row.account, row.amount, row.pot_id or "", row.source_id or "")
        held[row.journal_id].append(entry)
    return held
