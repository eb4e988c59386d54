"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One row that breaks an invariant.

    Attributes:
        invariant: Its number, from 1 to 20.
        tenant: The authority; empty when the row does not say.
        row: The table and the key, such as `journals 0190f5a0-…`.
        message: What is wrong, with the figures; no personal data.
    """

    invariant: int
    tenant: str
    row: str
    message: str
