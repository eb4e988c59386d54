"""What changes a source besides banking and allocating: reversals, returns, other terms."""

from __future__ import annotations

from sqlalchemy import update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.source import Source
from services.fund.domain.terms import Terms
from services.fund.errors import SourceExhausted
from services.fund.storage.book import book_of
from services.fund.storage.sources import add_terms
from services.fund.storage.tables import sources


def shift(
    work: UnitOfWork, source_id: str, *, pledged: int = 0, unallocated: int = 0, allocated: int = 0
) -> None:
    """Move a source's figures by differences in pence, as a reversal does.

    Raises:
        SourceExhausted: The money has gone on (FAILED_PRECONDITION).
    """
    columns = sources.c
    written = work.connection.execute(
        update(sources)
        .where(
            columns.id == source_id,
            columns.pledged + pledged >= 0,
            columns.unallocated + unallocated >= 0,
            columns.allocated + allocated >= 0,
        )
        .values(
            pledged=columns.pledged + pledged,
            banked=columns.banked + unallocated + allocated,
            unallocated=columns.unallocated + unallocated,
            allocated=columns.allocated + allocated,
            version=columns.version + 1,
        )
    )
    if written.rowcount != 1:
        raise SourceExhausted("the source's money has gone on", source_id=source_id)


def hand_back(
    work: UnitOfWork, source_id: str, *, allocated: int = 0, unallocated: int = 0
) -> tuple[int, int]:
    """Count pence of a budget, or of none, as handed back.

    The caller has locked the source and looked. Returns the event's number and the new total.
    """
    columns = sources.c
    row = work.connection.execute(
        update(sources)
        .where(columns.id == source_id)
        .values(
            allocated=columns.allocated - allocated,
            unallocated=columns.unallocated - unallocated,
            returned=columns.returned + allocated + unallocated,
            version=columns.version + 1,
            sequence=columns.sequence + 1,
        )
        .returning(columns.sequence, columns.returned)
    ).one()
    return row.sequence, row.returned


def set_terms(work: UnitOfWork, source: Source, terms: Terms) -> int:
    """Put other terms in force and return the number of the event that tells it."""
    add_terms(work, source.id, terms)
    book_of(work).forget()
    sequence: int = work.connection.execute(
        update(sources)
        .where(sources.c.id == source.id)
        .values(
            terms_version=terms.version,
            version=sources.c.version + 1,
            sequence=sources.c.sequence + 1,
        )
        .returning(sources.c.sequence)
    ).scalar_one()
    return sequence


def next_sequence(work: UnitOfWork, source_id: str) -> int:
    """Return the number of a source's next event."""
    sequence: int = work.connection.execute(
        update(sources)
        .where(sources.c.id == source_id)
        .values(sequence=sources.c.sequence + 1)
        .returning(sources.c.sequence)
    ).scalar_one()
    return sequence
