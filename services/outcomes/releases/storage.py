"""Tables of releases: a draft changes only by being published, a published one by withdrawal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.data_packages.contents import Sheet, Variable
from services.outcomes.disclosure.differencing import Group
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first

RELEASE = Table(
    "release",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("title", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("data_version", String(20), nullable=False),
    Column("analysis_run_id", String(36), nullable=False),
    Column("method_version", String(20), nullable=False),
    Column("rules", Text, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("changes", Text, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("drafted_by", String(120), nullable=False),
    Column("drafted_at", UtcDateTime, nullable=False),
    Column("published_by", String(120), nullable=False),
    Column("published_at", UtcDateTime),
    Column("withdrawn_at", UtcDateTime),
    Column("withdraw_reason", Text, nullable=False),
    Index("release_title", "tenant", "title", "published_at"),
)
RELEASE_TABLE = Table(
    "release_table",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("release_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(60), nullable=False),
    Column("title", Text, nullable=False),
    Column("population", String(60), nullable=False),
    Column("variables", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
)
RELEASE_GROUP = Table(
    "release_group",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("release_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("cell", Text, nullable=False),
    Column("members", LargeBinary, nullable=False),
)


class ReleaseState(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since the release before; `kind` is `major`, `minor` or `patch`."""

    kind: str
    table: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release without its tables."""

    id: str
    tenant: str
    title: str
    state: ReleaseState
    analysis_run_id: str
    method_version: str
    rules: str
    as_of: datetime
    drafted_by: str
    drafted_at: datetime
    data_version: str = ""
    changes: tuple[Change, ...] = ()
    manifest_sha256: str = ""
    published_by: str = ""
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdraw_reason: str = ""


def add(
    connection: Connection, release: Release, sheets: Sequence[Sheet], groups: Sequence[Group]
) -> None:
    """Keep a draft with its tables and the children behind every shown cell."""
    row = asdict(release) | {"state": release.state.value, "changes": "[]"}
    connection.execute(insert(RELEASE), row)
    key = {"tenant": release.tenant, "release_id": release.id}
    connection.execute(
        insert(RELEASE_TABLE),
        [
            {
                **key,
                "number": number,
                "name": sheet.name,
                "title": sheet.title,
                "population": sheet.population,
                "variables": json.dumps([asdict(each) for each in sheet.variables]),
                "content": sheet.content,
                "sha256": sheet.sha256,
            }
            for number, sheet in enumerate(sheets)
        ],
    )
    rows = [
        {**key, "number": number, "cell": group.where, "members": _packed(group.members)}
        for number, group in enumerate(groups)
    ]
    if rows:
        connection.execute(insert(RELEASE_GROUP), rows)


def find(connection: Connection, tenant: str, release_id: str) -> Release | None:
    """Return one release of an authority."""
    table = RELEASE.c
    query = select(RELEASE).where(table.tenant == tenant, table.id == release_id)
    row = connection.execute(query).first()
    return _release(row) if row else None


def page(connection: Connection, tenant: str, *, before: str, limit: int) -> list[Release]:
    """Return releases, latest first."""
    table = RELEASE.c
    query = select(RELEASE).where(table.tenant == tenant)
    rows = connection.execute(latest_first(query, table.id, before=before, limit=limit))
    return [_release(row) for row in rows]


def published_before(connection: Connection, release: Release) -> Release | None:
    """Return the release of the same title that was published last, withdrawn or not."""
    table = RELEASE.c
    query = (
        select(RELEASE)
        .where(
            table.tenant == release.tenant,
            table.title == release.title,
            table.published_at.is_not(None),
        )
        .order_by(table.published_at.desc(), table.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _release(row) if row else None


def sheets(connection: Connection, release: Release) -> list[Sheet]:
    """Return the tables of a release."""
    table = RELEASE_TABLE.c
    query = (
        select(RELEASE_TABLE)
        .where(table.tenant == release.tenant, table.release_id == release.id)
        .order_by(table.number)
    )
    return [
        Sheet(
            row.name,
            row.title,
            tuple(Variable(**each) for each in json.loads(row.variables)),
            bytes(row.content),
            row.population,
        )
        for row in connection.execute(query)
    ]


def groups(connection: Connection, release: Release) -> list[Group]:
    """Return the children behind the shown cells of a release."""
    table = RELEASE_GROUP.c
    query = select(RELEASE_GROUP).where(
        table.tenant == release.tenant, table.release_id == release.id
    )
    return [Group(row.cell, _unpacked(row.members)) for row in connection.execute(query)]


def released_groups(connection: Connection, tenant: str) -> list[Group]:
    """Return the children behind every cell that was ever published, withdrawn ones too."""
    table, release = RELEASE_GROUP.c, RELEASE.c
    query = (
        select(release.title, release.data_version, table.cell, table.members)
        .join(RELEASE, (release.tenant == table.tenant) & (release.id == table.release_id))
        .where(table.tenant == tenant, release.published_at.is_not(None))
    )
    return [
        Group(f"{row.title} {row.data_version}, {row.cell}", _unpacked(row.members))
        for row in connection.execute(query)
    ]


def change_state(connection: Connection, release: Release, values: Row) -> bool:
    """Change a release that is still in the state it was read in; False when it is not."""
    table = RELEASE.c
    done = connection.execute(
        update(RELEASE)
        .where(
            table.tenant == release.tenant,
            table.id == release.id,
            table.state == release.state.value,
        )
        .values(**values)
    )
    return done.rowcount == 1


def changes_text(changes: Iterable[Change]) -> str:
    """Return changes as they are stored."""
    return json.dumps([asdict(each) for each in changes])


def _packed(members: frozenset[int]) -> bytes:
    return np.array(sorted(members), dtype="<i4").tobytes()


def _unpacked(stored: bytes) -> frozenset[int]:
    return frozenset(np.frombuffer(bytes(stored), dtype="<i4").tolist())


def _release(row: Any) -> Release:
    held = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
    held["state"] = ReleaseState(held["state"])
    held["changes"] = tuple(Change(**each) for each in json.loads(held["changes"]))
    return Release(**held)
