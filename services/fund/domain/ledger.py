"""Double entry: what moves, from which account to which, and why.

Entries are signed pence, positive into the account. Every journal sums to zero. A journal is
never changed; a mistake is reversed by another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.fund.domain.figures import Bucket

TAX_RECOVERABLE = "vat:recoverable"
TAX_CONTROL = "vat:control"


class Kind(StrEnum):
    """Why money moved: the reason code of a journal."""

    PLEDGE = "pledge"
    BANK = "bank"
    ALLOCATE = "allocate"
    RESERVE = "reserve"
    RELEASE = "release"
    COMMIT = "commit"
    RECEIVE = "receive"
    INVOICE = "invoice"
    RECOVER_TAX = "recover_tax"
    CLOSE = "close"
    CANCEL = "cancel"
    VIRE = "vire"
    WRITE_OFF = "write_off"
    ACCRUE = "accrue"
    RELEASE_ACCRUAL = "release_accrual"
    CARRY = "carry"
    LAPSE = "lapse"
    RETURN = "return"
    REVERSE = "reverse"
    PRIOR_YEAR = "prior_year"
    AMEND = "amend"
    UPLIFT = "uplift"
    EXPIRE = "expire"
    CREDIT = "credit"
    REFUND = "refund"
    ISSUE_VOUCHER = "issue_voucher"
    REDEEM_VOUCHER = "redeem_voucher"
    LAPSE_VOUCHER = "lapse_voucher"


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a journal.

    Attributes:
        account: Such as `pot:{id}:reserved`.
        amount_minor: Pence, positive into the account, never zero.
        pot_id: The pot that the account belongs to; empty outside pots.
        source_id: Whose money it is; empty for tax.
    """

    account: str
    amount_minor: int
    pot_id: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One movement of money, as it is booked.

    Attributes:
        booked_at: When it was written, aware UTC.
        effective_on: The day it counts for, Europe/London.
        purchase_id, decision_id, reverses_id: What it belongs to; empty when nothing.
    """

    id: str
    tenant: str
    kind: Kind
    actor: str
    command_id: str
    booked_at: datetime
    effective_on: date
    entries: tuple[Entry, ...]
    purchase_id: str = ""
    decision_id: str = ""
    reverses_id: str = ""

    def balanced(self) -> Journal:
        """Return it; no caller may book one that does not hold this, whatever it asks for.

        What is read is not held to it: whoever checks the books must see what is there.
        """
        assert len(self.entries) >= 2, "a journal has two sides"
        assert sum(entry.amount_minor for entry in self.entries) == 0, "a journal sums to zero"
        assert all(entry.amount_minor for entry in self.entries), "no entry is empty"
        return self


@dataclass(frozen=True, slots=True)
class PotMove:
    """Pence that go from one state of a pot to another.

    Attributes:
        pence: One or more.
    """

    pot_id: str
    source_id: str
    origin: Bucket
    target: Bucket
    pence: int


def pot_account(pot_id: str, bucket: Bucket) -> str:
    """Return the name of one state of a pot."""
    return f"pot:{pot_id}:{bucket}"


def source_account(source_id: str, state: str) -> str:
    """Return the name of a source's account, `pledged` or `unallocated`."""
    return f"source:{source_id}:{state}"


def external_account(funder_key: str) -> str:
    """Return the name of the world outside, as one funder."""
    return f"external:{funder_key}"


def year_account(year: str) -> str:
    """Return the clearing account between a year and the next; it always ends at zero."""
    return f"year:{year}:carried"


def entries_of(moves: Iterable[PotMove]) -> tuple[Entry, ...]:
    """Return both sides of each move, in the order of the moves."""
    return tuple(
        Entry(pot_account(move.pot_id, bucket), sign * move.pence, move.pot_id, move.source_id)
        for move in moves
        for bucket, sign in ((move.origin, -1), (move.target, 1))
    )


def transfer(origin: str, target: str, pence: int, *, source_id: str = "") -> tuple[Entry, ...]:
    """Return both sides of a transfer between accounts outside pots."""
    return (
        Entry(origin, -pence, source_id=source_id),
        Entry(target, pence, source_id=source_id),
    )
