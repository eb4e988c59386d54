"""Tables made safe: primary suppression, rounding, and further suppression until none leaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from services.outcomes.disclosure.attack import Attack, Cell, Published
from services.outcomes.disclosure.rules import Rules
from services.outcomes.disclosure.tables import (
    Index,
    Numbers,
    Table,
    cells,
    lines,
    with_largest,
    with_totals,
)

Hidden = npt.NDArray[np.bool_]
_Identity = tuple[str, frozenset[tuple[str, str]]]
_Lines = dict[_Identity, list[list[Cell]]]
AMOUNT_PART = 5
"""The range of a suppressed amount stays at least this part (a fifth) of it."""


@dataclass(frozen=True, slots=True)
class Controlled:
    """A table that may be published.

    Attributes:
        table: What it was made of.
        hidden: Which cells are suppressed, with totals.
        counts: Rounded counts with totals, those of hidden cells too: ask `count`.
        amounts: Rounded amounts, likewise, in the order of the table's: ask `amount`.
    """

    table: Table
    hidden: Hidden
    counts: Numbers
    amounts: tuple[Numbers, ...]

    def count(self, index: Index) -> int | None:
        """Return what is published of a cell's children; None when it is suppressed."""
        return None if self.hidden[index] else int(self.counts[index])

    def amount(self, place: int, index: Index) -> int | None:
        """Return what is published of a cell's quantity; None when it is suppressed."""
        return None if self.hidden[index] else int(self.amounts[place][index])

    def shown(self) -> Iterator[Index]:
        """Yield the cells that are published."""
        return (index for index in cells(self.table.shape) if not self.hidden[index])


def control(tables: Sequence[Table], rules: Rules, *, secondary: bool = True) -> list[Controlled]:
    """Return the tables of one release made safe together.

    Args:
        tables: A cell that two of them share is suppressed in both.
        rules: The thresholds.
        secondary: False leaves out the further suppression, which an audit must notice.
    """
    hidden = [_primary(table, rules) for table in tables]
    while secondary:
        _share(tables, hidden)
        safe = [_controlled(table, each, rules) for table, each in zip(tables, hidden, strict=True)]
        # What is seen at a glance is suppressed first: a linear program is solved for the rest.
        more = _nearly_equal(safe, rules) or _alone(safe) or _beside(safe, _narrowed(safe, rules))
        if not more:
            return safe
        for place, index in more:
            hidden[place][index] = True
    return [_controlled(table, each, rules) for table, each in zip(tables, hidden, strict=True)]


def recovered(released: Sequence[Controlled], rules: Rules) -> list[Cell]:
    """Return suppressed cells that an outsider can narrow down from everything published.

    A count is recovered when its range is no wider than the threshold, an amount when the range
    is narrower than a fifth of it.
    """
    return list(dict.fromkeys(cell for found in _attacks(released, rules) for cell in found))


def _narrowed(released: Sequence[Controlled], rules: Rules) -> list[Cell]:
    """Return what the first attack recovers that recovers anything."""
    return next((found for found in _attacks(released, rules) if found), [])


def _attacks(released: Sequence[Controlled], rules: Rules) -> Iterator[list[Cell]]:
    counts = Attack([_counts_seen(each, rules) for each in released])
    yield counts.exposed(lambda _: float(rules.protection))
    names = {each.quantity.name for table in released for each in table.table.amounts}
    for name in sorted(names):
        yield _exposed_amounts(released, name)


def _exposed_amounts(released: Sequence[Controlled], name: str) -> list[Cell]:
    """Return the cells whose amount of one quantity can be narrowed down."""
    places, seen, true = [], [], []
    for place, each in enumerate(released):
        for at, amounts in enumerate(each.table.amounts):
            if amounts.quantity.name == name:
                places.append(place)
                values = np.where(each.hidden, np.nan, each.amounts[at].astype(np.float64))
                seen.append(Published(each.table, values, amounts.quantity.base / 2, 0.0))
                true.append(with_totals(amounts.values))
    exposed = Attack(seen).exposed(lambda cell: float(true[cell[0]][cell[1]]) / AMOUNT_PART)
    return [(places[place], index) for place, index in exposed]


def _counts_seen(each: Controlled, rules: Rules) -> Published:
    values = np.where(each.hidden, np.nan, each.counts.astype(np.float64))
    return Published(each.table, values, (rules.base - 1) / 2, float(rules.threshold + 1))


def _primary(table: Table, rules: Rules) -> Hidden:
    # A table without a dimension is one number, which numpy would turn into a scalar.
    hidden: Hidden = np.asarray(with_totals(table.counts) <= rules.threshold)
    for each in table.amounts:
        whole, largest = with_totals(each.values), with_largest(each.largest)
        hidden = np.asarray(hidden | (100 * largest > rules.dominance_percent * whole))
    return hidden


def _controlled(table: Table, hidden: Hidden, rules: Rules) -> Controlled:
    counts = with_totals(_rounded(table.counts, rules.base))
    amounts = (_rounded(each.values, each.quantity.base) for each in table.amounts)
    return Controlled(table, hidden.copy(), counts, tuple(map(with_totals, amounts)))


def _rounded(values: Numbers, base: int) -> Numbers:
    return np.asarray((values + base // 2) // base * base)


def _share(tables: Sequence[Table], hidden: Sequence[Hidden]) -> None:
    """Suppress in every table what is suppressed in one."""
    gone = {
        _identity(table, index)
        for table, each in zip(tables, hidden, strict=True)
        for index in cells(table.shape)
        if each[index]
    }
    for table, each in zip(tables, hidden, strict=True):
        for index in cells(table.shape):
            each[index] |= _identity(table, index) in gone


def _identity(table: Table, index: Index) -> _Identity:
    return table.population, table.identity(index)


def _nearly_equal(released: Sequence[Controlled], rules: Rules) -> list[Cell]:
    """Return one cell of each shown pair that differs by a few children only.

    It is the smaller, unless one of the two is of a table that gives way.
    """
    known = [
        (len(members), place, index, members)
        for place, each in enumerate(released)
        for index, members in each.table.children().items()
        if not each.hidden[index]
    ]
    known.sort(key=lambda each: each[:3])
    found: dict[Cell, None] = {}
    for small, large in combinations(known, 2):
        one, other = (small[1], small[2]), (large[1], large[2])
        if one in found or other in found or large[0] - small[0] > rules.threshold:
            continue
        if _near(small[3], large[3], rules.threshold):
            yields = [released[place].table.yields for place, _ in (one, other)]
            found[other if yields == [False, True] else one] = None
    return list(found)


def _near(one: frozenset[int], other: frozenset[int], most: int) -> bool:
    return 0 < len(one ^ other) <= most


def _beside(released: Sequence[Controlled], exposed: Sequence[Cell]) -> list[Cell]:
    """Return more cells to suppress: one near each exposed cell; a line is asked once a round."""
    through = _lines_through(released)
    found: dict[Cell, None] = {}
    for place, index in exposed:
        near = _nearest(released, through, _identity(released[place].table, index))
        if near and not any(cell in found for cell in near):
            found[min(near, key=lambda cell: _cost(released, cell))] = None
    return list(found)


def _nearest(released: Sequence[Controlled], through: _Lines, start: _Identity) -> list[Cell]:
    """Return the shown cells of the nearest lines that have any, going through hidden cells."""
    known, ring = {start}, [start]
    while ring:
        around = [line for identity in ring for line in through[identity]]
        shown = [(p, i) for line in around for p, i in line if not released[p].hidden[i]]
        if shown:
            return shown
        reached = {_identity(released[p].table, i) for line in around for p, i in line}
        ring = sorted(reached - known, key=repr)
        known |= reached
    return []


def _alone(released: Sequence[Controlled]) -> list[Cell]:
    """Return the cheapest shown cell of each line in which one cell alone is suppressed."""
    found: dict[Cell, None] = {}
    for place, each in enumerate(released):
        for total, parts in lines(each.table.shape):
            shown = [(place, index) for index in (total, *parts) if not each.hidden[index]]
            # As many shown as there are parts: one of the line's cells is hidden, alone.
            if len(shown) == len(parts) and not any(cell in found for cell in shown):
                found[min(shown, key=lambda cell: _cost(released, cell))] = None
    return list(found)


def _lines_through(released: Sequence[Controlled]) -> _Lines:
    found: _Lines = {}
    for place, each in enumerate(released):
        for total, parts in lines(each.table.shape):
            line = [(place, index) for index in (total, *parts)]
            for _, index in line:
                found.setdefault(_identity(each.table, index), []).append(line)
    return found


def _cost(released: Sequence[Controlled], cell: Cell) -> tuple[int, int, Cell]:
    """Order cells by what is lost when they go: totals last, then the most children."""
    place, index = cell
    each = released[place]
    totals = len(index) - len(each.table.identity(index))
    return totals, int(each.counts[index]), cell
