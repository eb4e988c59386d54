"""An independent check: every counter and rate again, from the raw marks, by another road.

Nothing here uses the product's folding, counting, calendars or classes. Overlays are unpacked
from their bytes, DuckDB folds and counts them, classes are written down again from the
Regulations, and half-terms are cut again in SQL. What comes out must equal what queries answer,
and the blocks must be the fold of the overlays byte for byte.
"""
