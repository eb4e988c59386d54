"""The DfE's weekly figures as first published and as later corrected, replayed as corrections.

Each publication date is a moment: what was published on it is recorded then, as marks that differ
from those before, and `as_of` that moment returns it. Source: ADR-0021.
"""

from services.outcomes.imports.dfe_weekly.command import run

__all__ = ["run"]
