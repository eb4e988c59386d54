"""The pots while one batch of commands is decided: read once, moved in memory, written once.

A hot pot serves a whole batch with one locking read and one update instead of two statements
for each command. The truth stays in the database: rows that are read here are locked until the
commit, what is written is a difference, and the constraints of the row have the last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, update

from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.figures import NOTHING, Figures
from services.fund.domain.ledger import PotMove
from services.fund.storage import totals
from services.fund.storage.tables import pots
from services.fund.storage.tables.columns import BUCKETS

T = TypeVar("T")
_DELTAS = ("allocated", *BUCKETS)
_MOVE_POT = (
    update(pots)
    .where(pots.c.id == bindparam("pot_id"), pots.c.closed.is_(False))
    .values({name: pots.c[name] + bindparam(f"d_{name}") for name in _DELTAS})
)


@dataclass(slots=True)
class Book:
    """What a batch has read, and what it will write.

    Attributes:
        staged: Pot id -> differences that the commit will write.
        found: Look-ups of this batch, such as the budget that pays for a school.
    """

    staged: dict[str, Figures] = field(default_factory=dict)
    found: dict[Any, Any] = field(default_factory=dict)

    def once(self, key: Any, look_up: Callable[[], T]) -> T:
        """Return what was found under the key, looking it up the first time."""
        if key not in self.found:
            self.found[key] = look_up()
        result: T = self.found[key]
        return result

    def forget(self) -> None:
        """Drop all look-ups: something that they read has been changed."""
        self.found.clear()

    def now(self, pot_id: str, stored: Figures) -> Figures:
        """Return a pot's money as the batch leaves it so far."""
        staged = self.staged.get(pot_id)
        return stored if staged is None else stored + staged


def book_of(work: UnitOfWork) -> Book:
    """Return the book of the batch that the command is in."""
    known: Book = work.transaction.memory.setdefault(Book, Book())
    return known


def move(work: UnitOfWork, moves: Iterable[PotMove]) -> None:
    """Move money between the states of pots. A command does it last: it cannot be refused."""
    for each in moves:
        _stage(work, each.pot_id, NOTHING.moved(each.origin, each.target, each.pence))


def change(work: UnitOfWork, pot_id: str, difference: Figures) -> None:
    """Change a pot's states; what comes in or goes out changes what it was allocated."""
    _stage(work, pot_id, difference)


def put_in(work: UnitOfWork, pot_id: str, pence: int) -> None:
    """Put money into a pot as available."""
    _stage(work, pot_id, NOTHING.added(pence))


def _stage(work: UnitOfWork, pot_id: str, difference: Figures) -> None:
    staged = book_of(work).staged
    staged[pot_id] = staged.get(pot_id, NOTHING) + difference
    work.transaction.later(_write, {"pot_id": pot_id, "difference": difference})


def _write(connection: Connection, rows: list[Row]) -> None:
    """Write each pot's differences at once, in the order of ids, so that lanes do not lock."""
    differences: dict[str, Figures] = defaultdict(Figures)
    for row in rows:
        differences[row["pot_id"]] += row["difference"]
    for pot_id, difference in sorted(differences.items()):
        values = {f"d_{name}": getattr(difference, name) for name in BUCKETS}
        values["d_allocated"] = difference.total
        written = connection.execute(_MOVE_POT, {"pot_id": pot_id, **values})
        if written.rowcount != 1:
            raise RuntimeError(f"pot {pot_id} is closed or gone")
    totals.add(connection, differences)
