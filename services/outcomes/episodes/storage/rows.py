"""Reads and writes of episodes and of the fund's facts behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from services.chassis.tables import Row
from services.outcomes.episodes.domain.episode import EpisodeState
from services.outcomes.episodes.domain.purchase import Fact
from services.outcomes.episodes.facts import fact_of
from services.outcomes.episodes.storage.tables import (
    EPISODE,
    EPISODE_CHILD,
    EPISODE_PURCHASE,
    EPISODE_VERSION,
    FUND_FACT,
    FUND_FACT_CHILD,
)
from services.outcomes.episodes.storage.versions import Version, episode_in


def add_fact(connection: Connection, tenant: str, row: Row) -> bool:
    """Keep a fact as given; False when it is already there."""
    known = connection.execute(
        select(FUND_FACT.c.sequence).where(
            FUND_FACT.c.tenant == tenant,
            FUND_FACT.c.purchase_id == row["purchase_id"],
            FUND_FACT.c.sequence == row["sequence"],
        )
    ).first()
    if known is not None:
        return False
    connection.execute(insert(FUND_FACT), {"tenant": tenant, **row})
    return True


def link_children(
    connection: Connection, tenant: str, purchase_id: str, child_ids: Iterable[str]
) -> list[str]:
    """Note whom a purchase is or was for; return all of them, in order."""
    linked = FUND_FACT_CHILD.c
    known = set(
        connection.execute(
            select(linked.child_id).where(
                linked.tenant == tenant, linked.purchase_id == purchase_id
            )
        ).scalars()
    )
    new = sorted(set(child_ids) - known)
    if new:
        connection.execute(
            insert(FUND_FACT_CHILD),
            [{"tenant": tenant, "child_id": c, "purchase_id": purchase_id} for c in new],
        )
    return sorted(known.union(new))


def hold_child(connection: Connection, tenant: str, child_id: str) -> None:
    """Hold a child's episodes until the commit, so that two replicas derive them in turn."""
    held = EPISODE_CHILD.c
    done = connection.execute(
        update(EPISODE_CHILD)
        .where(held.tenant == tenant, held.child_id == child_id)
        .values(derivations=held.derivations + 1)
    )
    if done.rowcount == 0:
        row = {"tenant": tenant, "child_id": child_id, "derivations": 1}
        connection.execute(insert(EPISODE_CHILD), row)


def facts_of_child(
    connection: Connection, tenant: str, child_id: str, *, others: Sequence[str] = ()
) -> dict[str, list[Fact]]:
    """Return every fact about purchases that were ever for a child, by purchase.

    Args:
        connection: To read with.
        tenant: The authority.
        child_id: The child.
        others: Children who were found to be this one; facts say its id in place of theirs.
    """
    fact, link = FUND_FACT.c, FUND_FACT_CHILD.c
    query = (
        select(fact.purchase_id, fact.sequence, fact.type, fact.data)
        .join(
            FUND_FACT_CHILD,
            (link.tenant == fact.tenant) & (link.purchase_id == fact.purchase_id),
        )
        .where(fact.tenant == tenant, link.child_id.in_([child_id, *others]))
        .order_by(fact.purchase_id, fact.sequence)
    )
    found: dict[str, list[Fact]] = {}
    for row in connection.execute(query):
        said = fact_of(row.type, row.data, row.sequence)
        ids = tuple(child_id if each in others else each for each in said.child_ids)
        found.setdefault(row.purchase_id, []).append(replace(said, child_ids=ids))
    return found


def current_of_child(connection: Connection, tenant: str, child_id: str) -> dict[str, Version]:
    """Return the newest version of each of a child's episodes."""
    query = select(EPISODE).where(EPISODE.c.tenant == tenant, EPISODE.c.child_id == child_id)
    return {row.id: version_of(row) for row in connection.execute(query)}


def version_of(row: Any) -> Version:
    """Return a row of the episode table as a value."""
    state = EpisodeState(row.state)
    return Version(
        id=row.id,
        child_id=row.child_id,
        school_urn=row.school_urn,
        state=state,
        version=row.version,
        derived_at=row.derived_at,
        episode=None if state is EpisodeState.VOID else episode_in(row.id, row.child_id, row.body),
        body=row.body,
        sequence=row.sequence,
    )


def save(connection: Connection, tenant: str, new: Version) -> None:
    """Add a version, keep the old ones, and make it the current one."""
    index_on = new.episode.index_on if new.episode else None
    common = {
        "tenant": tenant,
        "version": new.version,
        "child_id": new.child_id,
        "state": new.state.value,
        "body": new.body,
        "derived_at": new.derived_at,
    }
    connection.execute(insert(EPISODE_VERSION), {"episode_id": new.id, **common})
    head = {
        **common,
        "id": new.id,
        "school_urn": new.school_urn,
        "index_day": index_on.toordinal() if index_on else 0,
        "sequence": new.sequence,
    }
    if new.version == 1:
        connection.execute(insert(EPISODE), head)
    else:
        mine = (EPISODE.c.tenant == tenant) & (EPISODE.c.id == new.id)
        connection.execute(update(EPISODE).where(mine).values(head))
    _replace_purchases(connection, tenant, new)


def _replace_purchases(connection: Connection, tenant: str, new: Version) -> None:
    held = EPISODE_PURCHASE.c
    mine = (held.tenant == tenant) & (held.episode_id == new.id)
    connection.execute(delete(EPISODE_PURCHASE).where(mine))
    if new.episode is not None:
        rows = [
            {
                "tenant": tenant,
                "episode_id": new.id,
                "purchase_id": part.purchase_id,
                "category": part.category,
            }
            for part in new.episode.parts
        ]
        connection.execute(insert(EPISODE_PURCHASE), rows)


def is_in_an_episode(connection: Connection, tenant: str, purchase_id: str) -> bool:
    """Return whether a purchase is part of anybody's support now."""
    held = EPISODE_PURCHASE.c
    query = select(held.episode_id).where(held.tenant == tenant, held.purchase_id == purchase_id)
    return connection.execute(query.limit(1)).first() is not None
