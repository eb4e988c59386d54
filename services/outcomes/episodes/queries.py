"""Reads of episodes, each checked against the caller's schools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, or_, select

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.episodes.domain.episode import EpisodeState
from services.outcomes.episodes.storage.rows import version_of
from services.outcomes.episodes.storage.tables import (
    EPISODE,
    EPISODE_PURCHASE,
    EPISODE_VERSION,
)
from services.outcomes.episodes.storage.versions import Version
from services.outcomes.episodes.views import View, views_of
from services.outcomes.errors import EpisodeNotFound

ACTION = "episode.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which episodes are listed; empty fields ask for any."""

    child_id: str = ""
    school_urn: str = ""
    category: str = ""
    purchase_id: str = ""
    state: EpisodeState | None = None
    with_windows: bool = False


def get_episode(
    connection: Connection, who: Principal, episode_id: str, *, as_of: datetime | None = None
) -> View:
    """Return one episode with its windows.

    Raises:
        EpisodeNotFound: No such episode in the authority, or not yet then (EPISODE_NOT_FOUND).
        PermissionDenied: It is another school's (ACTION_NOT_ALLOWED).
    """
    current = _current().where(EPISODE.c.tenant == who.tenant, EPISODE.c.id == episode_id)
    query = current if as_of is None else _at(who.tenant, as_of).where(EPISODE.c.id == episode_id)
    row = connection.execute(query).first()
    if row is None:
        raise EpisodeNotFound(episode_id)
    access.require_school(who, ACTION, row.school_urn)
    versions = [version_of(row)]
    return views_of(connection, who.tenant, versions, with_windows=True, as_of=as_of)[0]


def list_episodes(
    connection: Connection,
    who: Principal,
    wanted: Filter,
    *,
    after: tuple[int, str] | None,
    limit: int,
) -> list[View]:
    """Return a page of episodes, latest index date first, of the caller's schools alone."""
    table = EPISODE.c
    query = _current().where(table.tenant == who.tenant)
    schools = access.schools_seen(who, ACTION)
    if schools is not None:
        query = query.where(table.school_urn.in_(sorted(schools)))
    for column in ("child_id", "school_urn"):
        if getattr(wanted, column):
            query = query.where(table[column] == getattr(wanted, column))
    if wanted.state is not None:
        query = query.where(table.state == wanted.state.value)
    if wanted.category or wanted.purchase_id:
        query = query.where(table.id.in_(_holding(who.tenant, wanted)))
    if after is not None:
        day, last = after
        later = and_(table.index_day == day, table.id > last)
        query = query.where(or_(table.index_day < day, later))
    query = query.order_by(table.index_day.desc(), table.id).limit(limit)
    versions = [version_of(row) for row in connection.execute(query)]
    return views_of(connection, who.tenant, versions, with_windows=wanted.with_windows)


def all_versions(
    connection: Connection, tenant: str, *, as_of: datetime | None = None
) -> list[Version]:
    """Return every episode of an authority as it was derived by a moment, in order of id."""
    query = _current().where(EPISODE.c.tenant == tenant) if as_of is None else _at(tenant, as_of)
    return [version_of(row) for row in connection.execute(query.order_by(EPISODE.c.id))]


def position(view: View) -> tuple[int, str]:
    """Return where a listed episode stands in the order of the list."""
    index_on = view.version.episode.index_on if view.version.episode else None
    return (index_on.toordinal() if index_on else 0), view.version.id


def _current() -> Select[tuple[object, ...]]:
    return select(EPISODE)


def _at(tenant: str, as_of: datetime) -> Select[tuple[object, ...]]:
    """Return a query for the newest version of each episode that was there at a moment."""
    held, kept = EPISODE.c, EPISODE_VERSION.c
    newest = (
        select(kept.episode_id, func.max(kept.version).label("version"))
        .where(kept.tenant == tenant, kept.derived_at <= as_of)
        .group_by(kept.episode_id)
        .subquery()
    )
    return (
        select(
            held.id,
            held.school_urn,
            held.sequence,
            kept.child_id,
            kept.state,
            kept.version,
            kept.body,
            kept.derived_at,
        )
        .join(
            EPISODE_VERSION, and_(kept.tenant == EPISODE.c.tenant, kept.episode_id == EPISODE.c.id)
        )
        .join(
            newest, and_(newest.c.episode_id == kept.episode_id, newest.c.version == kept.version)
        )
        .where(held.tenant == tenant)
    )


def _holding(tenant: str, wanted: Filter) -> Select[tuple[str]]:
    table = EPISODE_PURCHASE.c
    query = select(table.episode_id).where(table.tenant == tenant)
    if wanted.category:
        query = query.where(table.category == wanted.category)
    if wanted.purchase_id:
        query = query.where(table.purchase_id == wanted.purchase_id)
    return query
