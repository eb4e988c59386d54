"""Writing drafts: nothing is checked but whose school it is, and nothing is held."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.errors import StaleEtag
from services.fund.storage import drafts
from services.fund.storage.drafts import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is written; no id: a new draft, no etag: not looked at."""

    draft_id: str
    etag: str
    school_urn: str
    content: str


def save(work: UnitOfWork, written: Written) -> Draft:
    """Write a new draft, or a draft anew.

    Raises:
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
        DraftNotFound: The caller has no such draft (NOT_FOUND).
        StaleEtag: It has changed since (ABORTED).
    """
    require(ACTIONS, work.caller, "draft.write", Resource(work.tenant, written.school_urn))
    if written.draft_id:
        return _again(work, written)
    draft = Draft(
        id=new_id(),
        tenant=work.tenant,
        owner=work.caller.subject,
        school_urn=written.school_urn,
        content=written.content,
        created_at=work.at,
        updated_at=work.at,
    )
    drafts.add(work, draft)
    return draft


def _again(work: UnitOfWork, written: Written) -> Draft:
    known = own(work, written.draft_id)
    if written.etag and written.etag != str(known.version):
        raise StaleEtag(
            "the draft has changed; read it again",
            etag=written.etag,
            current_etag=str(known.version),
        )
    draft = replace(
        known,
        school_urn=written.school_urn,
        content=written.content,
        updated_at=work.at,
        version=known.version + 1,
    )
    drafts.save(work, draft)
    return draft


def own(work: UnitOfWork, draft_id: str) -> Draft:
    """Return a draft of the caller.

    Raises:
        DraftNotFound: They have no such draft (NOT_FOUND).
    """
    return drafts.get(work.connection, (work.tenant, work.caller.subject), draft_id)


def discard(work: UnitOfWork, draft_id: str) -> Draft:
    """Throw a draft away and return what it was.

    Raises:
        DraftNotFound: The caller has no such draft (NOT_FOUND).
    """
    draft = own(work, draft_id)
    drafts.remove(work, draft)
    return draft
