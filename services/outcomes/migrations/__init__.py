"""The outcomes database's Alembic history."""
