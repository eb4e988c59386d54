"""A release as an outsider has it: read from its package alone, and attacked.

What the attack needs stands in `datapackage.json`: who is divided, which columns are dimensions,
counts and amounts, to what they are rounded, and up to what they are suppressed.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.outcomes.disclosure.attack import Attack, Published
from services.outcomes.disclosure.control import AMOUNT_PART
from services.outcomes.disclosure.tables import TOTAL, Dimension, Table, cells

_ARE = "_are"
"""`children_are` beside `children` names the population of a number that stands alone."""


class PackageUnreadable(ValueError):
    """The file is no package of a release."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attack on everything that a release publishes found.

    Attributes:
        tables: Tables of children that were read.
        shown, suppressed: Cells of children in them.
        least: The smallest number of children that is shown; None when none is.
        under: Shown numbers at or below the threshold.
        recovered: Suppressed cells that could be narrowed down, in words.
    """

    tables: int
    shown: int
    suppressed: int
    least: int | None
    under: int
    recovered: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is shown that should not be, and nothing suppressed is found."""
        return not self.under and not self.recovered


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of figures of one table, and the least that it must hide."""

    quantity: str
    published: Published
    threshold: int


def attack(content: bytes) -> Verdict:
    """Attack a release's package (the bytes of its zip) by linear programs.

    Raises:
        PackageUnreadable: It is not one.
    """
    try:
        columns = list(_columns(zipfile.ZipFile(io.BytesIO(content))))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise PackageUnreadable(f"this is no package of a release: {error}") from None
    counts = [each for each in columns if not each.quantity]
    every = np.concatenate([np.zeros(0), *(each.published.values.ravel() for each in counts)])
    values = every[~np.isnan(every)]
    limit = max((each.threshold for each in counts), default=0)
    found = [name for quantity in _quantities(columns) for name in _narrowed(columns, quantity)]
    return Verdict(
        tables=len(counts),
        shown=values.size,
        suppressed=sum(len(each.published.suppressed()) for each in counts),
        least=int(values.min()) if values.size else None,
        under=int((values <= limit).sum()),
        recovered=tuple(found),
    )


def _quantities(columns: list[_Column]) -> list[str]:
    return sorted({each.quantity for each in columns})


def _narrowed(columns: list[_Column], quantity: str) -> Iterator[str]:
    """Yield the suppressed cells of one quantity that the attack narrows down."""
    mine = [each for each in columns if each.quantity == quantity]
    outsider = Attack([each.published for each in mine])
    for place, each in enumerate(mine):
        for index in each.published.suppressed():
            low, high = outsider.interval((place, index))
            wide = low / AMOUNT_PART if quantity else each.threshold + 1
            if high - low < wide - 1e-6 or (quantity and high == low > 0):
                table = each.published.table
                where = ", ".join(table.labels(index))
                yield f"{table.name}: {where}: {quantity or 'children'} {low:.0f} to {high:.0f}"


def _columns(archive: zipfile.ZipFile) -> Iterator[_Column]:
    package = json.loads(archive.read("datapackage.json"))
    for resource in package["resources"]:
        rows = list(csv.DictReader(io.StringIO(archive.read(resource["path"]).decode())))
        if "population" in resource:
            yield from _of_table(resource, rows)
        else:
            yield from _of_numbers(resource, rows)


def _of_table(resource: Any, rows: list[dict[str, str]]) -> Iterator[_Column]:
    """Yield the figures of a table of children."""
    fields = resource["schema"]["fields"]
    names = [each["name"] for each in fields if each.get("role") == "dimension"]
    dimensions = tuple(_dimension(name, rows) for name in names)
    shape = tuple(len(each.labels) for each in dimensions)
    table = Table(
        name=resource["name"],
        population=resource["population"],
        dimensions=dimensions,
        counts=np.zeros(shape, np.int64),
    )
    threshold = max(each.get("suppressedUpTo", 0) for each in fields)
    by_labels = {tuple(row[name] for name in names): row for row in rows}
    for each in fields:
        if each.get("role") not in ("count", "amount"):
            continue
        values = np.array(
            [_figure(by_labels[table.labels(index)][each["name"]]) for index in cells(table.shape)]
        ).reshape(table.shape)
        yield _column(each, table, values, threshold)


def _of_numbers(resource: Any, rows: list[dict[str, str]]) -> Iterator[_Column]:
    """Yield numbers of children that stand beside an estimate."""
    for each in resource["schema"]["fields"]:
        if each.get("role") != "count":
            continue
        stated = {row[each["name"] + _ARE]: row[each["name"]] for row in rows}
        for population, value in sorted(stated.items()):
            if population:
                table = Table(
                    name=f"{resource['name']} {population}",
                    population=population,
                    dimensions=(),
                    counts=np.zeros((), np.int64),
                )
                yield _column(each, table, np.array(_figure(value)), each["suppressedUpTo"])


def _column(field: Any, table: Table, values: npt.NDArray[np.float64], threshold: int) -> _Column:
    base = field["roundedTo"]
    if field["role"] == "count":
        return _Column("", Published(table, values, (base - 1) / 2, threshold + 1.0), threshold)
    return _Column(field["name"], Published(table, values, base / 2, 0.0), threshold)


def _dimension(name: str, rows: list[dict[str, str]]) -> Dimension:
    labels = dict.fromkeys(row[name] for row in rows if row[name] != TOTAL)
    return Dimension(name, tuple(labels))


def _figure(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
