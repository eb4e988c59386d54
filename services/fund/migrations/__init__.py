"""The fund's Alembic history."""
