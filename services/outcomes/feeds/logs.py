"""The authority's log of releases: one leaf each, in the same form as the feeds' logs."""

from __future__ import annotations

from localresponse.client.note import Checkpoint
from localresponse.client.tree import Frontier, leaf_hash
from sqlalchemy import insert, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.tables import FEED, FEED_CHECKPOINT, FEED_ITEM

RELEASES = "releases"
"""Where the log of releases stands among those of the feeds, whose ids are UUIDs."""


def log_release(work: UnitOfWork, manifest: str, keys: FeedKeys) -> None:
    """Append a release's manifest to the authority's log, and sign the log's new end."""
    connection, key = work.connection, {"tenant": work.tenant, "id": RELEASES}
    query = select(FEED).where(FEED.c.tenant == work.tenant, FEED.c.id == RELEASES)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        fresh = {"fact_number": 0, "size": 0, "peaks": b"", "retractions": 0}
        connection.execute(insert(FEED), {**key, **fresh})
    tree = Frontier.read(row.size, bytes(row.peaks)) if row else Frontier()
    tree.append(leaf_hash(manifest.encode()))
    item = {
        "tenant": work.tenant,
        "feed_id": RELEASES,
        "feed_seq": tree.size,
        "subject": "",
        "slot": RELEASES,
        "measure": "",
        "period": "",
        "retracts": False,
        "recorded_at": work.at,
        "line": manifest,
    }
    connection.execute(insert(FEED_ITEM), item)
    point = Checkpoint(f"localresponse.outcomes/{work.tenant}/releases", tree.size, tree.root())
    signed = {"note": keys.signer(work.tenant).sign(point), "signed_at": work.at}
    place = {"tenant": work.tenant, "feed_id": RELEASES, "size": tree.size}
    connection.execute(insert(FEED_CHECKPOINT), {**place, **signed})
    connection.execute(
        update(FEED)
        .where(FEED.c.tenant == work.tenant, FEED.c.id == RELEASES)
        .values(size=tree.size, peaks=tree.stored())
    )
