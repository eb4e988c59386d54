"""Funding sources: who gives money, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.fund.domain.terms import Terms


class SourceKind(StrEnum):
    """Where money comes from."""

    COUNCIL = "council"
    PUPIL_PREMIUM = "pupil_premium"
    PHILANTHROPIC = "philanthropic"
    BUSINESS = "business"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One funder's money on one set of terms. Amounts are pence.

    Attributes:
        pledged: Agreed and not banked.
        banked: Banked in all: unallocated, allocated and returned together.
    """

    id: str
    tenant: str
    name: str
    kind: SourceKind
    funder: str
    terms: Terms
    created_at: datetime
    pledged: int = 0
    banked: int = 0
    unallocated: int = 0
    allocated: int = 0
    returned: int = 0
    version: int = 1
    sequence: int = 0
