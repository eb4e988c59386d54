"""The first schema: recipients, templates, messages with attempts, webhooks, escalations.

Revision ID: notify_0001
"""

from __future__ import annotations

from alembic import op

from services.chassis.tables import insert_only
from services.notify.storage.tables import INSERT_ONLY, metadata

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in INSERT_ONLY:
        insert_only(connection, table)


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
