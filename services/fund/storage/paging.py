"""Where a page of a list begins and how long it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """A page to be.

    Attributes:
        after: The id of the last row of the page before; empty at the start.
        size: The most rows to return.
    """

    after: str
    size: int
