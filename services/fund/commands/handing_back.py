"""Handing money that is in no budget back to its funder."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.domain.amounts import name_key
from services.fund.domain.ledger import Kind, external_account, source_account, transfer
from services.fund.domain.proposal import Proposal
from services.fund.domain.source import Source
from services.fund.errors import SourceExhausted
from services.fund.storage import source_changes, sources
from services.fund.wire import money_events as events


def check(work: UnitOfWork, proposal: Proposal) -> Source:
    """Return the source, locked.

    Raises:
        SourceNotFound: No such source (NOT_FOUND).
        SourceExhausted: Less is banked and unallocated (FAILED_PRECONDITION).
    """
    source = sources.get(work.connection, work.tenant, proposal.of("source_id"), lock=True)
    if source.unallocated < proposal.amount:
        raise SourceExhausted(
            f"{proposal.amount} pence are asked and {source.unallocated} are unallocated",
            source_id=source.id,
            asked_minor=proposal.amount,
            unallocated_minor=source.unallocated,
        )
    return source


def hand_back(work: UnitOfWork, proposal: Proposal) -> str:
    """Hand the money back and return the journal's id.

    Raises:
        ServiceError: As `check`; PeriodClosed (FAILED_PRECONDITION).
    """
    source = check(work, proposal)
    entries = transfer(
        source_account(source.id, "unallocated"),
        external_account(name_key(source.funder)),
        proposal.amount,
        source_id=source.id,
    )
    journal = booking.write(work, Kind.RETURN, entries)
    sequence, total = source_changes.hand_back(work, source.id, unallocated=proposal.amount)
    event = events.source_returned(source.id, "", proposal.amount, total=total)
    work.emit(event, resource=source.id, sequence=sequence)
    return journal.id
