"""Which recorded value holds on a day, as it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.outcomes.children.characteristics.kinds import RULES, Kind, Purpose
from services.outcomes.errors.children import CharacteristicInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody says of a child.

    Attributes:
        kind: Which characteristic.
        value: Its code, in capitals; empty when something is taken back, for a reader who may not
            see it, and once the child is erased.
        first: First day on which it holds.
        last: Last such day; None until further notice.
        supersedes: Number of the statement that it takes the place of; 0 for none.
        taken_back: Whether it only takes that statement back and says nothing in its place.
    """

    kind: Kind
    value: str
    first: date
    last: date | None = None
    supersedes: int = 0
    taken_back: bool = False

    def holds(self, day: date) -> bool:
        """Return whether it speaks of a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A statement as it was recorded.

    Attributes:
        number: From 1 for each child, in the order recorded.
        statement: What was said.
        purposes: What it may be used for.
        source: Where it comes from, such as the name of a system.
        recorded_at: When it became known here.
        recorded_by: Subject of the token.
    """

    number: int
    statement: Statement
    purposes: Purpose
    source: str
    recorded_at: datetime
    recorded_by: str


def check(statement: Statement, place: int) -> None:
    """Do nothing when a statement can be recorded.

    Raises:
        CharacteristicInvalid: The code is not one of the kind's, was not in force on the first
            day, or the last day is before the first (CHARACTERISTIC_INVALID).
    """
    field = f"statements[{place}]"
    rule = RULES[statement.kind]
    if statement.last is not None and statement.last < statement.first:
        raise CharacteristicInvalid("it ends before it begins", field=f"{field}.last_date")
    if statement.taken_back:
        if statement.value or not statement.supersedes:
            raise CharacteristicInvalid(
                "what is taken back is a statement, and it has no value", field=f"{field}.value"
            )
        return
    code = rule.find(statement.value)
    if code is None:
        known = ", ".join(code.code for code in rule.codes)
        raise CharacteristicInvalid(
            f"{rule.column} is one of {known}", field=f"{field}.value", kind=rule.column
        )
    if not code.in_force(statement.first):
        raise CharacteristicInvalid(
            f"code {code.code} of {rule.column} may not begin on {statement.first}",
            field=f"{field}.first_date",
            kind=rule.column,
        )


def standing(recorded: Iterable[Characteristic]) -> list[Characteristic]:
    """Return the statements that no later one has taken the place of, in the order recorded."""
    every = sorted(recorded, key=lambda one: one.number)
    replaced = {one.statement.supersedes for one in every}
    return [one for one in every if one.number not in replaced and not one.statement.taken_back]


def in_force(recorded: Iterable[Characteristic], day: date) -> dict[Kind, Characteristic]:
    """Return what holds on a day: of statements that overlap, the one recorded last."""
    return {one.statement.kind: one for one in standing(recorded) if one.statement.holds(day)}
