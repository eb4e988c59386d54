"""Rules that no CHECK of one row can hold, as triggers on both databases.

Whoever writes past the product finds the same refusals. What asking for a purchase inserts is
judged by its own columns alone, so that the hot path pays no look-up for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table

from services.fund.storage.tables.guards import copies, deciding, keeping, requests
from services.fund.storage.tables.guards.writing import prepare, write


def install(connection: Connection, append_only: Iterable[Table]) -> None:
    """Put the triggers on their tables; `append_only` have theirs against changes already."""
    prepare(connection)
    for guard in (*requests.GUARDS, *deciding.GUARDS, *copies.GUARDS, *keeping.GUARDS):
        write(connection, guard)
    keeping.keep(connection)
    keeping.refuse_replacing(connection, append_only)
