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
_SPEND_PART = 5
"""The range of a suppressed cell of spend stays at least this part (a fifth) of it."""


@dataclass(frozen=True, slots=True)
class Controlled:
    """A table that may be published.

    Attributes:
        table: What it was made of.
        hidden: Which cells are suppressed, with totals.
        counts: Rounded counts with totals, those of hidden cells too: ask `count`.
        spend: Rounded pence, likewise; None when the table says nothing of money.
    """

    table: Table
    hidden: Hidden
    counts: Numbers
    spend: Numbers | None

    def count(self, index: Index) -> int | None:
        """Return what is published of a cell's children; None when it is suppressed."""
        return None if self.hidden[index] else int(self.counts[index])

    def spend_minor(self, index: Index) -> int | None:
        """Return what is published of a cell's spend, pence; None when it is suppressed."""
        return None if self.spend is None or self.hidden[index] else int(self.spend[index])

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
        more = _nearly_equal(safe, rules) or _alone(safe) or _beside(safe, recovered(safe, rules))
        if not more:
            return safe
        for place, index in more:
            hidden[place][index] = True
    return [_controlled(table, each, rules) for table, each in zip(tables, hidden, strict=True)]


def recovered(released: Sequence[Controlled], rules: Rules) -> list[Cell]:
    """Return suppressed cells that an outsider can narrow down from everything published.

    A count is recovered when its range is no wider than the threshold, spend when the range is
    narrower than a fifth of it.
    """
    counts = Attack([_counts_seen(each, rules) for each in released])
    found = dict.fromkeys(counts.exposed(lambda _: float(rules.protection)))
    money = [place for place, each in enumerate(released) if each.spend is not None]
    if money:
        seen = [_spend_seen(released[place], rules) for place in money]
        wide = [with_totals(_spend_of(each.table)) for each in released]
        exposed = Attack(seen).exposed(
            lambda cell: float(wide[money[cell[0]]][cell[1]]) / _SPEND_PART
        )
        found.update(dict.fromkeys((money[place], index) for place, index in exposed))
    return list(found)


def _counts_seen(each: Controlled, rules: Rules) -> Published:
    values = np.where(each.hidden, np.nan, each.counts.astype(np.float64))
    return Published(each.table, values, (rules.base - 1) / 2, float(rules.threshold + 1))


def _spend_seen(each: Controlled, rules: Rules) -> Published:
    assert each.spend is not None
    values = np.where(each.hidden, np.nan, each.spend.astype(np.float64))
    return Published(each.table, values, rules.spend_base / 2, 0.0)


def _spend_of(table: Table) -> Numbers:
    return np.zeros_like(table.counts) if table.spend is None else table.spend


def _primary(table: Table, rules: Rules) -> Hidden:
    hidden: Hidden = with_totals(table.counts) <= rules.threshold
    if table.spend is not None and table.largest is not None:
        spend, largest = with_totals(table.spend), with_largest(table.largest)
        hidden |= 100 * largest > rules.dominance_percent * spend
    return hidden


def _controlled(table: Table, hidden: Hidden, rules: Rules) -> Controlled:
    half = rules.base // 2
    counts = with_totals((table.counts + half) // rules.base * rules.base)
    spend = None
    if table.spend is not None:
        base = rules.spend_base
        spend = with_totals((table.spend + base // 2) // base * base)
    return Controlled(table, hidden.copy(), counts, spend)


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
    """Return the smaller cell of each shown pair that differs by a few children only."""
    known = [
        (len(members), place, index, members)
        for place, each in enumerate(released)
        for index, members in each.table.children().items()
        if not each.hidden[index]
    ]
    known.sort(key=lambda each: each[:3])
    found: dict[Cell, None] = {}
    for small, large in combinations(known, 2):
        if large[0] - small[0] <= rules.threshold and _near(small[3], large[3], rules.threshold):
            found[small[1], small[2]] = None
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
