"""Drafts: text of whoever writes them, without money and without checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.errors import StaleEtag
from services.fund.errors.papers import DraftNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables.discussion import drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft; its content is JSON of the contract, personal."""

    id: str
    tenant: str
    owner: str
    school_urn: str
    content: str
    created_at: datetime
    updated_at: datetime
    version: int = 1


def add(work: UnitOfWork, draft: Draft) -> None:
    """Insert a draft."""
    work.connection.execute(
        insert(drafts).values(
            id=draft.id,
            tenant=draft.tenant,
            owner=draft.owner,
            school_urn=draft.school_urn,
            content=draft.content,
            version=draft.version,
            created_at=draft.created_at,
            updated_at=draft.updated_at,
        )
    )


def save(work: UnitOfWork, draft: Draft) -> None:
    """Write a draft anew; its version is one above the stored one.

    Raises:
        StaleEtag: It was written by another call since it was read (ABORTED).
    """
    written = work.connection.execute(
        update(drafts)
        .where(drafts.c.id == draft.id, drafts.c.version == draft.version - 1)
        .values(
            school_urn=draft.school_urn,
            content=draft.content,
            version=draft.version,
            updated_at=draft.updated_at,
        )
    )
    if written.rowcount != 1:
        raise StaleEtag("the draft has changed; read it again", etag=str(draft.version - 1))


def get(connection: Connection, owner: tuple[str, str], draft_id: str) -> Draft:
    """Return a draft of its owner: authority and subject.

    Raises:
        DraftNotFound: They have no such draft (NOT_FOUND).
    """
    query = _of(owner).where(drafts.c.id == draft_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise DraftNotFound("you have no such draft", draft_id=draft_id)
    return _draft(row)


def remove(work: UnitOfWork, draft: Draft) -> None:
    """Delete a draft: nothing refers to it."""
    work.connection.execute(delete(drafts).where(drafts.c.id == draft.id))


def page(connection: Connection, owner: tuple[str, str], cut: Cut) -> list[Draft]:
    """Return a page of an owner's drafts, newest first."""
    query = _of(owner)
    if cut.after:
        query = query.where(drafts.c.id < cut.after)
    rows = connection.execute(query.order_by(drafts.c.id.desc()).limit(cut.size))
    return [_draft(row) for row in rows]


def _of(owner: tuple[str, str]) -> Any:
    tenant, subject = owner
    return select(drafts).where(drafts.c.tenant == tenant, drafts.c.owner == subject)


def _draft(row: Any) -> Draft:
    return Draft(
        id=row.id,
        tenant=row.tenant,
        owner=row.owner,
        school_urn=row.school_urn,
        content=row.content,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
