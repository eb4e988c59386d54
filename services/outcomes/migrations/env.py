"""Run by Alembic; the chassis has already opened and configured the connection."""

from __future__ import annotations

from alembic import context

with context.begin_transaction():
    context.run_migrations()
