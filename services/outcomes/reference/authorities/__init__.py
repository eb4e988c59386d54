"""England's authorities and the ten statistical neighbours of each, as the DfE publishes them.

The data ships with its notice beside this module. Authorities that were abolished stay: old
registers and old neighbours name them, and they have no ONS code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A statistical neighbour.

    Attributes:
        number: The other authority's three-digit number.
        closeness: extremely-close, very-close, close, somewhat-close or not-close.
    """

    number: str
    closeness: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority.

    Attributes:
        number: Three digits; the first three of a LAESTAB.
        ons_code: Nine characters, the tenant's; empty once abolished.
        name: As the DfE writes it.
        region: One of the DfE's ten, London in two.
        kind: ILB, OLB, MD, UA or SC.
        neighbours: Ten, the nearest first.
    """

    number: str
    ons_code: str
    name: str
    region: str
    kind: str
    neighbours: tuple[Neighbour, ...]


@cache
def by_number() -> dict[str, Authority]:
    """Return every authority by its three-digit number."""
    return {authority.number: authority for authority in _read()}


@cache
def by_ons_code() -> dict[str, Authority]:
    """Return the authorities of today by their ONS code."""
    every = by_number().values()
    return {authority.ons_code: authority for authority in every if authority.ons_code}


def comparable(ons_code: str) -> list[str]:
    """Return the ONS codes of an authority's statistical neighbours, the nearest first.

    Neighbours that were abolished since are left out; an unknown authority has none.
    """
    authority = by_ons_code().get(ons_code)
    if authority is None:
        return []
    found = (by_number().get(neighbour.number) for neighbour in authority.neighbours)
    return [one.ons_code for one in found if one is not None and one.ons_code]


def _read() -> Iterator[Authority]:
    file = resources.files(__package__).joinpath("authorities.csv")
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        neighbours = (each.partition(":") for each in row.pop("neighbours").split())
        yield Authority(
            **row, neighbours=tuple(Neighbour(number, how) for number, _, how in neighbours)
        )
