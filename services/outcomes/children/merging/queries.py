"""Reads of merges, those undone among them."""

from __future__ import annotations

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.children import storage
from services.outcomes.children.merged import CHILD_MERGE, merges
from services.outcomes.children.merging.commands import Merge, merge_of
from services.outcomes.storage.ordering import latest_first


def list_merges(connection: Connection, who: Principal, *, before: str, limit: int) -> list[Merge]:
    """Return merges that are older than `before`, newest first, of the caller's schools alone."""
    seen, found = access.schools_seen(who, "child.merge"), list[Merge]()
    while len(found) < limit:
        query = latest_first(merges(who.tenant), CHILD_MERGE.c.id, before=before, limit=limit)
        rows = connection.execute(query).all()
        known = storage.children(connection, who.tenant, {row.survivor for row in rows})
        found.extend(
            merge_of(row)
            for row in rows
            if seen is None or seen.intersection(known[row.survivor].urns())
        )
        if len(rows) < limit:
            break
        before = rows[-1].id
    return found[:limit]
