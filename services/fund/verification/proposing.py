"""Proposals against the journals that doing them wrote."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.fund.domain.ledger import Kind
from services.fund.storage.tables import entries, journals
from services.fund.storage.tables.controls import proposals
from services.fund.verification.finding import Finding

_WRITES = {
    "virement": Kind.VIRE,
    "allocation": Kind.ALLOCATE,
    "write_off": Kind.WRITE_OFF,
    "reversal": Kind.REVERSE,
    "return": Kind.RETURN,
}
"""Kind of proposal -> kind of the journal that doing it writes."""


def done(connection: Connection) -> Iterator[Finding]:
    """Find proposals that were done without their journal, and journals that nobody proposed.

    What year end hands back needs no proposal.
    """
    kinds = sorted(kind.value for kind in _WRITES.values())
    query = select(journals.c.id, journals.c.kind, journals.c.tenant)
    written = {row.id: row for row in connection.execute(query.where(journals.c.kind.in_(kinds)))}
    backed = set()
    moved = (proposals.c.state == "done") & proposals.c.kind.in_(list(_WRITES))
    for row in connection.execute(select(proposals).where(moved)):
        backed.add(row.journal_id)
        journal = written.get(row.journal_id)
        if journal is None or journal.kind != _WRITES[row.kind]:
            text = f"it was done and journal {row.journal_id or 'none'} does not say so"
            yield Finding(12, row.tenant, f"proposals {row.id}", text)
    alone = _from_pots(connection)
    for journal_id, journal in sorted(written.items()):
        if journal_id not in alone and journal_id not in backed:
            yield Finding(12, journal.tenant, f"journals {journal_id}", "nobody proposed it")


def _from_pots(connection: Connection) -> set[str]:
    """Return the journals by which year end handed money of pots back."""
    query = (
        select(entries.c.journal_id)
        .join(journals, journals.c.id == entries.c.journal_id)
        .where(journals.c.kind == Kind.RETURN, entries.c.pot_id.is_not(None))
    )
    return set(connection.execute(query).scalars())
