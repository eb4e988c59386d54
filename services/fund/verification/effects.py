"""Commands against their effects: each has one, and each move of money is told."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from services.fund.storage.tables import entries, journals, metadata, purchase_facts, purchases
from services.fund.verification.finding import Finding

_OUTBOX = metadata.tables["outbox"]


def one_effect(connection: Connection) -> Iterator[Finding]:
    """Find commands that wrote journals for more than one purchase, as a second effect would."""
    query = (
        select(
            journals.c.tenant,
            journals.c.command_id,
            journals.c.actor,
            func.count(journals.c.purchase_id.distinct()).label("number"),
        )
        .where(journals.c.kind == "reserve")
        .group_by(journals.c.tenant, journals.c.command_id, journals.c.actor)
        .having(func.count(journals.c.purchase_id.distinct()) > 1)
    )
    for row in connection.execute(query):
        text = f"it reserved for {row.number} purchases"
        yield Finding(9, row.tenant, f"idempotency {row.command_id}", text)


def told(connection: Connection) -> Iterator[Finding]:
    """Find purchases whose events are not numbered from 1 to the last, and untold journals."""
    counted = (
        select(
            _OUTBOX.c.resource,
            func.count().label("number"),
            func.max(_OUTBOX.c.sequence).label("last"),
        )
        .group_by(_OUTBOX.c.resource)
        .subquery()
    )
    query = select(purchases.c.id, purchases.c.tenant, purchases.c.sequence, counted).join(
        counted, counted.c.resource == purchases.c.id, isouter=True
    )
    for row in connection.execute(query):
        if (row.number, row.last) != (row.sequence, row.sequence):
            text = f"it had {row.sequence} events and {row.number or 0} are kept"
            yield Finding(11, row.tenant, f"purchases {row.id}", text)
    yield from _told_nowhere(connection)


def _told_nowhere(connection: Connection) -> Iterator[Finding]:
    silent = (
        select(journals.c.id, journals.c.tenant)
        .join(
            purchase_facts,
            (purchase_facts.c.purchase_id == journals.c.purchase_id)
            & (purchase_facts.c.at == journals.c.booked_at),
            isouter=True,
        )
        .where(journals.c.purchase_id.is_not(None), purchase_facts.c.purchase_id.is_(None))
        .distinct()
    )
    for row in connection.execute(silent):
        yield Finding(11, row.tenant, f"journals {row.id}", "no step of its purchase wrote it")
    empty = select(journals.c.id, journals.c.tenant).where(
        ~select(entries.c.journal_id).where(entries.c.journal_id == journals.c.id).exists()
    )
    for row in connection.execute(empty):
        yield Finding(11, row.tenant, f"journals {row.id}", "it moves nothing")
