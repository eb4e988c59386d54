"""Facts of children as they become known: asserted, corrected and taken back by adding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.feeds.tables import FEED_ERASED, FEED_FACT

_FIELDS = (
    "child_id",
    "measure",
    "span",
    "value",
    "symbol",
    "valid_from",
    "valid_to",
    "age_years",
    "phase",
    "gone",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is known of one child, measure and window.

    Attributes:
        span: The window, such as `1:follow_up_1`: of the child's first episode.
        value: In the measure's unit, rounded to 6 digits; None with a symbol.
        symbol: `z` or `x`; empty with a value.
        valid_from, valid_to: Half-terms, such as `2025/26 HT1`.
        gone: It no longer holds and nothing took its place.
    """

    child_id: str
    measure: str
    span: str
    value: float | None = None
    symbol: str = ""
    valid_from: str = ""
    valid_to: str = ""
    age_years: int | None = None
    phase: str = ""
    gone: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about; a later fact of the same key takes its place."""
        return self.child_id, self.measure, self.span


def add(connection: Connection, tenant: str, facts: Sequence[Fact]) -> None:
    """Write facts with the transaction of whoever learnt them."""
    if facts:
        rows = [{"tenant": tenant, "number": None, **asdict(fact)} for fact in facts]
        connection.execute(insert(FEED_FACT), rows)


def latest(connection: Connection, tenant: str, child_id: str = "") -> dict[tuple[str, ...], Fact]:
    """Return the facts that hold now, by key: of one child, or of all."""
    table = FEED_FACT.c
    query = select(*(table[name] for name in _FIELDS)).where(table.tenant == tenant)
    if child_id:
        query = query.where(table.child_id == child_id)
    found: dict[tuple[str, ...], Fact] = {}
    for row in connection.execute(query.order_by(table.id)):
        fact = Fact(**dict(zip(_FIELDS, row, strict=True)))
        found[fact.key] = fact
    return {key: fact for key, fact in found.items() if not fact.gone}


def ever_told(connection: Connection, tenant: str) -> set[str]:
    """Return every child of whom a fact was ever written: who had it may remember it."""
    query = select(FEED_FACT.c.child_id).where(FEED_FACT.c.tenant == tenant).distinct()
    return set(connection.execute(query).scalars())


def changes(known: dict[tuple[str, ...], Fact], now: Iterable[Fact]) -> list[Fact]:
    """Return what must be added for the facts of `now` to hold, and no others."""
    held = {fact.key: fact for fact in now}
    new = [fact for key, fact in sorted(held.items()) if known.get(key) != fact]
    return new + [_taken_back(fact) for key, fact in sorted(known.items()) if key not in held]


def retract_child(work: UnitOfWork, child_id: str) -> int:
    """Take back every fact of a child that is read through another now; return how many.

    Should the two be parted again, what is known then is asserted anew.
    """
    known = latest(work.connection, work.tenant, child_id)
    add(work.connection, work.tenant, [_taken_back(fact) for fact in known.values()])
    return len(known)


def erase_child(work: UnitOfWork, child_id: str) -> int:
    """Take back every fact of a child, for good, and return how many there were.

    Each feed that ever had the child gets a retraction from the sequencer.
    """
    retracted = retract_child(work, child_id)
    if child_id not in erased(work.connection, work.tenant):
        row = {"tenant": work.tenant, "child_id": child_id, "erased_at": work.at}
        work.connection.execute(insert(FEED_ERASED), row)
    return retracted


def erased(connection: Connection, tenant: str) -> set[str]:
    """Return the children of whom nothing may be said again."""
    query = select(FEED_ERASED.c.child_id).where(FEED_ERASED.c.tenant == tenant)
    return set(connection.execute(query).scalars())


def _taken_back(fact: Fact) -> Fact:
    return replace(fact, value=None, symbol="", age_years=None, phase="", gone=True)
