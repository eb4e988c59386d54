"""Writing a journal for what a command moves, and moving the pots with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.ledger import Entry, Journal, Kind, PotMove, entries_of
from services.fund.storage import book, ledger, periods


def write(
    work: UnitOfWork,
    kind: Kind,
    entries: tuple[Entry, ...],
    *,
    effective_on: date | None = None,
    owner: str = "",
) -> Journal:
    """Write a journal that touches no pot's states, or whose pots were moved already.

    Args:
        work: The command.
        kind: Why.
        entries: Both sides, adding up to zero.
        effective_on: The day it counts for; None: today, Europe/London.
        owner: The purchase it belongs to; empty when none.

    Raises:
        PeriodClosed, PeriodSoftClosed: A year that it touches (FAILED_PRECONDITION).
    """
    journal = Journal(
        id=new_id(),
        tenant=work.tenant,
        kind=kind,
        actor=work.caller.subject,
        command_id=work.command_id,
        booked_at=work.at,
        effective_on=effective_on or london_date(work.at),
        entries=entries,
        purchase_id=owner,
    )
    book_in(work, journal)
    return journal


def book_in(work: UnitOfWork, journal: Journal) -> None:
    """Write a journal that the caller has made.

    Raises:
        PeriodClosed, PeriodSoftClosed: A year that it touches (FAILED_PRECONDITION).
    """
    periods.check(work, journal)
    ledger.add(work, journal)


def move(
    work: UnitOfWork,
    kind: Kind,
    moves: Iterable[PotMove],
    *,
    effective_on: date,
    purchase_id: str,
) -> Journal:
    """Move money between states of pots for a purchase, in the cache and in the journal."""
    moved = tuple(moves)
    journal = write(work, kind, entries_of(moved), effective_on=effective_on, owner=purchase_id)
    book.move(work, moved)
    return journal
