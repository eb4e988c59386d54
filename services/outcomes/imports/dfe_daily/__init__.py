"""The DfE's published daily counts by register code, replayed as single marks and compared.

`run` is `localresponse import dfe-daily FILE`.
"""

from services.outcomes.imports.dfe_daily.command import run

__all__ = ["run"]
