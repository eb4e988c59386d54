"""Statistical neighbours by date: with whom an authority may be compared, and since when.

The DfE draws the neighbours anew from time to time. Each edition is data that ships beside
`authorities`, with its notice; a comparison names the edition that it used, so that the next
one changes no result that was given before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.outcomes.errors import AuthorityNotFound
from services.outcomes.reference.authorities import Authority, by_number, by_ons_code

LICENCE = "Open Government Licence v3.0"
SOURCE = "Department for Education, local authority interactive tool"


@dataclass(frozen=True, slots=True)
class Edition:
    """One drawing of neighbours.

    Attributes:
        name: As its publisher names it.
        first: First day from which it is used.
    """

    name: str
    first: date


EDITIONS = (Edition("May 2025", date(2025, 5, 1)),)
"""Oldest first. The children's services comparators of before 2025 are not at hand."""


@dataclass(frozen=True, slots=True)
class StatisticalNeighbour:
    """A neighbour.

    Attributes:
        rank: 1 is the nearest.
        authority: The neighbour; its ONS code is empty when it was abolished since.
        closeness: extremely-close, very-close, close, somewhat-close or not-close.
    """

    rank: int
    authority: Authority
    closeness: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """An authority's neighbours of one edition.

    Attributes:
        authority: Whose they are.
        edition: The edition in use on the day asked; the oldest for a day before it.
        neighbours: Ten, the nearest first.
    """

    authority: Authority
    edition: Edition
    neighbours: tuple[StatisticalNeighbour, ...]

    def ons_codes(self) -> list[str]:
        """Return the codes of those that still exist, the nearest first."""
        codes = (one.authority.ons_code for one in self.neighbours)
        return [code for code in codes if code]


def neighbours(authority: str, on: date) -> Neighbours:
    """Return the statistical neighbours of an authority as of a day.

    Args:
        authority: Its nine-character ONS code, or its three-digit number.
        on: The day; one before the oldest edition is answered from that edition.

    Raises:
        AuthorityNotFound: No authority has that code (AUTHORITY_NOT_FOUND).
    """
    found = by_ons_code().get(authority) or by_number().get(authority)
    if found is None:
        raise AuthorityNotFound(authority)
    begun = [edition for edition in EDITIONS if edition.first <= on]
    edition = begun[-1] if begun else EDITIONS[0]
    every = by_number()
    return Neighbours(
        authority=found,
        edition=edition,
        neighbours=tuple(
            StatisticalNeighbour(rank, every[one.number], one.closeness)
            for rank, one in enumerate(found.neighbours, start=1)
        ),
    )
