"""The DfE's published daily counts by register code, replayed as single marks and compared.

`run` is the command; `python -m services.outcomes.imports.dfe_daily FILE --check` is the same.
"""

from services.outcomes.imports.dfe_daily.command import run

__all__ = ["run"]
