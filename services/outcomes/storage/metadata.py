"""The one schema of the outcomes database; each package's storage adds its tables to it."""

from __future__ import annotations

from sqlalchemy import MetaData

from services.chassis.tables import add_to

metadata = MetaData()
add_to(metadata)
