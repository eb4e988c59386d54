"""`verify ledger`: every invariant of the books that a live database can be asked for.

Each check names the invariant by its number and the row that breaks it. The list of invariants
and what holds those that no database can be asked for stand in `invariants`.
"""

from services.fund.verification.finding import Finding
from services.fund.verification.invariants import INVARIANTS, verify

__all__ = ["INVARIANTS", "Finding", "verify"]
