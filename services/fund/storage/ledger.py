"""Journals and entries: chained with the batch's commit, read by whoever checks the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from services.chassis.database.bulk import inserting
from services.chassis.database.together import Asked, Result, Statement, Step
from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.chain import FIRST, FORMAT, canonical, link
from services.fund.domain.ledger import Entry, Journal, Kind
from services.fund.errors import JournalNotFound
from services.fund.storage import periods
from services.fund.storage.locks import locking_journals
from services.fund.storage.paging import Cut
from services.fund.storage.tables import entries, journals

_KINDS: dict[str, Any] = {kind.value: kind for kind in Kind}
_END = Statement(
    select(journals.c.sequence, journals.c.hash)
    .where(journals.c.tenant == bindparam("tenant"))
    .order_by(journals.c.sequence.desc())
    .limit(1)
)


def add(work: UnitOfWork, journal: Journal) -> None:
    """Insert a journal and its entries, chained to those before, with the commit."""
    work.transaction.later(_CHAIN, {"journal": journal.balanced()})


class _Chain:
    """Chains a batch's journals to those before them: one look-up, one insert for all of them."""

    def asks(self, dialect: str, rows: Sequence[Row]) -> Sequence[Asked]:
        """Return, for each authority, its lock, its years and the end of its chain."""
        return [asked for tenant in _tenants(rows) for asked in self._of(dialect, tenant)]

    def writes(
        self, connection: Connection, rows: Sequence[Row], known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return the insert of the journals with their places and hashes, and of their entries.

        Raises:
            Outdated: Another replica has closed a year since the commands looked.
        """
        booked: dict[str, list[Journal]] = defaultdict(list)
        for row in rows:
            booked[row["journal"].tenant].append(row["journal"])
        linked: list[Row] = []
        answers = iter(known)
        for tenant in _tenants(rows):
            *others, end = [next(answers) for _ in self._of(connection.dialect.name, tenant)]
            if others:
                periods.check_again(connection, others[-1].rows, booked[tenant])
            sequence, last = end.rows[0] if end.rows else (0, FIRST)
            for journal in booked[tenant]:
                sequence += 1
                last = link(last, canonical(journal, sequence))
                linked.append(_journal_row(journal, sequence, last))
        sides = [each for row in rows for each in _rows(row["journal"])]
        return inserting((journals, linked), (entries, sides))

    @staticmethod
    def _of(dialect: str, tenant: str) -> list[Asked]:
        lock = locking_journals(dialect, tenant)
        return [*lock, *([periods.asking(tenant)] if lock else []), _END.asked(tenant=tenant)]


_CHAIN = _Chain()


def _tenants(rows: Sequence[Row]) -> list[str]:
    """Return the authorities in a fixed order, so that two replicas cannot wait for each other."""
    return sorted({row["journal"].tenant for row in rows})


def _journal_row(journal: Journal, sequence: int, hashed: bytes) -> Row:
    return {
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
        "sequence": sequence,
        "format": FORMAT,
        "hash": hashed,
    }


def _rows(journal: Journal) -> Iterator[Row]:
    for position, entry in enumerate(journal.entries, start=1):
        yield {
            "journal_id": journal.id,
            "position": position,
            "tenant": journal.tenant,
            "account": entry.account,
            "pot_id": entry.pot_id or None,
            "source_id": entry.source_id or None,
            "amount": entry.amount_minor,
        }


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
    return with_entries(connection, rows)


def get(connection: Connection, tenant: str, journal_id: str) -> Journal:
    """Return a journal.

    Raises:
        JournalNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = select(journals).where(journals.c.tenant == tenant, journals.c.id == journal_id)
    found = with_entries(connection, connection.execute(query).all())
    if not found:
        raise JournalNotFound("there is no such journal", journal_id=journal_id)
    return found[0]


def reversal_of(connection: Connection, journal_id: str) -> str:
    """Return the id of the journal that reverses this one; empty when none does."""
    query = select(journals.c.id).where(journals.c.reverses_id == journal_id)
    return connection.execute(query).scalar_one_or_none() or ""


def with_entries(connection: Connection, rows: Sequence[Any]) -> list[Journal]:
    """Return the journals of rows, with their entries, in the same order."""
    held = _entries(connection, [row.id for row in rows])
    return [
        Journal(
            id=row.id,
            tenant=row.tenant,
            # What somebody wrote behind our back is shown as it is.
            kind=_KINDS.get(row.kind, row.kind),
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
