"""Which children the outcomes service holds above a line of absence: an id and two switches."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table

from services.fund.storage.tables.columns import metadata

children_above = Table(
    "children_above",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(36), primary_key=True),
    Column("academic_year", Integer, primary_key=True, autoincrement=False),
    Column("persistent", Boolean, nullable=False),
    Column("severe", Boolean, nullable=False),
)
