"""Undoing a journal: the same entries with the other sign, once, and the caches with them.

Only journals that no step of a purchase wrote: those are undone by steps of their own.
"""

from __future__ import annotations

from collections import defaultdict

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.domain.ledger import Entry, Journal, Kind, source_account
from services.fund.domain.proposal import Proposal
from services.fund.errors import JournalAlreadyReversed, JournalNotReversible
from services.fund.storage import book, ledger, pots, source_changes
from services.fund.wire import money_events as events

_REVERSIBLE = frozenset({Kind.PLEDGE, Kind.BANK, Kind.ALLOCATE, Kind.VIRE})


def check(work: UnitOfWork, journal_id: str) -> Journal:
    """Return the journal if it may be reversed.

    Raises:
        JournalNotFound: There is no such journal (NOT_FOUND).
        JournalNotReversible: Of a kind that has a step of its own (FAILED_PRECONDITION).
        JournalAlreadyReversed: It was (ALREADY_EXISTS).
    """
    journal = ledger.get(work.connection, work.tenant, journal_id)
    if journal.kind not in _REVERSIBLE:
        raise JournalNotReversible(
            f"a journal of kind {journal.kind} is undone by a step of its own", kind=journal.kind
        )
    known = ledger.reversal_of(work.connection, journal_id)
    if known:
        raise JournalAlreadyReversed(
            "the journal has been reversed", journal_id=journal_id, reversal_id=known
        )
    return journal


def reverse(work: UnitOfWork, proposal: Proposal) -> str:
    """Undo a journal and return the id of the one that undoes it.

    Raises:
        ServiceError: As `check`; PotExhausted, SourceExhausted: The money has gone on
            (FAILED_PRECONDITION); PeriodClosed, PeriodSoftClosed (FAILED_PRECONDITION).
    """
    journal = check(work, proposal.of("journal_id"))
    mirrored = tuple(
        Entry(entry.account, -entry.amount_minor, entry.pot_id, entry.source_id)
        for entry in journal.entries
    )
    moved = _moved(mirrored)
    for pot_id, pence in sorted(moved.items()):
        pots.available(work, pot_id, -pence)
    reversal = Journal(
        id=new_id(),
        tenant=work.tenant,
        kind=Kind.REVERSE,
        actor=work.caller.subject,
        command_id=work.command_id,
        booked_at=work.at,
        effective_on=london_date(work.at),
        entries=mirrored,
        reverses_id=journal.id,
    )
    booking.book_in(work, reversal)
    for source_id in sorted({entry.source_id for entry in mirrored}):
        _shift(work, source_id, mirrored)
    for pot_id, pence in sorted(moved.items()):
        book.put_in(work, pot_id, pence)
    event = events.ledger_reversed(journal.id, reversal.id)
    work.emit(event, resource=journal.id, sequence=1)
    return reversal.id


def _moved(entries: tuple[Entry, ...]) -> dict[str, int]:
    moved: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.pot_id:
            moved[entry.pot_id] += entry.amount_minor
    return moved


def _shift(work: UnitOfWork, source_id: str, entries: tuple[Entry, ...]) -> None:
    """Move the source's own figures as its entries say."""
    own = [entry for entry in entries if entry.source_id == source_id]
    named = {state: source_account(source_id, state) for state in ("pledged", "unallocated")}
    change = {
        state: sum(entry.amount_minor for entry in own if entry.account == account)
        for state, account in named.items()
    }
    allocated = sum(entry.amount_minor for entry in own if entry.pot_id)
    source_changes.shift(work, source_id, **change, allocated=allocated)
