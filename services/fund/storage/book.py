"""The pots while one batch of commands is decided: read once, moved in memory, written once.

A hot pot serves a whole batch with one locking read and one update instead of two statements
for each command. The truth stays in the database: rows that are read here are locked until the
commit, what is written is a difference, and the constraints of the row have the last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, update

from services.chassis.database.together import Asked, Result, Statement, Step
from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.figures import NOTHING, Figures
from services.fund.domain.ledger import PotMove
from services.fund.storage import totals
from services.fund.storage.tables import pots
from services.fund.storage.tables.columns import BUCKETS

T = TypeVar("T")
_DELTAS = ("allocated", *BUCKETS)
_MOVE_POT = Statement(
    update(pots)
    .where(pots.c.id == bindparam("pot_id"), pots.c.closed.is_(False))
    .values({name: pots.c[name] + bindparam(f"d_{name}") for name in _DELTAS})
)


@dataclass(slots=True)
class Book:
    """What a batch has read, and what it will write.

    Attributes:
        found: Look-ups of this batch, such as the budget that pays for a school.
        staged: Pot id -> differences that the commit will write.
    """

    found: dict[Any, Any] = field(default_factory=dict)
    staged: dict[str, Figures] = field(default_factory=dict)

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
    memory = work.transaction.memory
    known: Book | None = memory.get(Book)
    if known is None:
        known = memory[Book] = Book(work.transaction.found)
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
    work.transaction.later(_MOVES, {"pot_id": pot_id, "difference": difference})


class _Moves:
    """Writes each pot's differences at once, in the order of ids, so that lanes do not lock."""

    def asks(self, _dialect: str, _rows: Sequence[Row]) -> Sequence[Asked]:
        """Return nothing: the pots were locked when they were read."""
        return ()

    def writes(
        self, connection: Connection, rows: Sequence[Row], _known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return the updates of the pots and of what is left above them."""
        differences: dict[str, Figures] = defaultdict(Figures)
        for row in rows:
            differences[row["pot_id"]] += row["difference"]
        moves = [_Move(pot_id, moved) for pot_id, moved in sorted(differences.items())]
        return [*moves, *totals.adding(connection, differences)]


_MOVES = _Moves()


@dataclass(frozen=True, slots=True)
class _Move:
    pot_id: str
    difference: Figures
    reads = False

    def now(self, connection: Connection) -> Result:
        return self._checked(self._asked().now(connection))

    def send(self, raw: Any) -> Any:
        return self._asked().send(raw)

    def received(self, cursor: Any) -> Result:
        return self._checked(self._asked().received(cursor))

    def _asked(self) -> Asked:
        values = {f"d_{name}": getattr(self.difference, name) for name in BUCKETS}
        return _MOVE_POT.asked(pot_id=self.pot_id, d_allocated=self.difference.total, **values)

    def _checked(self, result: Result) -> Result:
        if result.size != 1:
            raise RuntimeError(f"pot {self.pot_id} is closed or gone")
        return result
