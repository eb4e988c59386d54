"""Sources, budgets, purchases and the ledger, with the tables of the chassis.

The first version has nothing to move: it makes every table as the code describes it, and the
triggers that keep the books from being changed and decisions from being forged.
"""

from __future__ import annotations

from alembic import op

from services.chassis.tables import insert_only
from services.fund.storage.tables import INSERT_ONLY, guards, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in INSERT_ONLY:
        insert_only(connection, table.name)
    guards.install(connection, INSERT_ONLY)
