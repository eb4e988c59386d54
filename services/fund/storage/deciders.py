"""Who took part in a decision, who stands in for whom, and who may override."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import Decision
from services.fund.domain.approving import Part, Took
from services.fund.domain.purchase import Purchase
from services.fund.errors.approvals import CoverNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables import decisions
from services.fund.storage.tables.approving import (
    approval_people,
    cover_ends,
    covers,
    override_rights,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One officer deciding under another's limit; days Europe/London, both included."""

    id: str
    tenant: str
    delegator: str
    deputy: str
    valid_from: date
    valid_to: date
    set_by: str
    ended_at: datetime | None = None


def took_part(connection: Connection, purchase: Purchase) -> list[Took]:
    """Return who took part in the version that stands now."""
    columns = approval_people.c
    query = select(approval_people).where(
        columns.purchase_id == purchase.id, columns.revision == purchase.revision
    )
    return [
        Took(row.person, Part(row.part), row.decision_id or "") for row in connection.execute(query)
    ]


def add_people(work: UnitOfWork, purchase: Purchase, people: Iterable[Took]) -> None:
    """Insert who takes part; the table refuses the requester and anybody a second time."""
    work.connection.execute(
        insert(approval_people),
        [
            {
                "purchase_id": purchase.id,
                "revision": purchase.revision,
                "person": each.person,
                "tenant": purchase.tenant,
                "part": each.part,
                "requester": purchase.requester,
                "decision_id": each.decision_id or None,
                "created_at": work.at,
            }
            for each in people
        ],
    )


def endorsements(connection: Connection, purchase: Purchase) -> list[Decision]:
    """Return the first approvals of the version that stands now."""
    query = select(decisions).where(
        decisions.c.purchase_id == purchase.id,
        decisions.c.revision == purchase.revision,
        decisions.c.outcome == "endorsed",
    )
    return [decision_of(row) for row in connection.execute(query.order_by(decisions.c.id))]


def decisions_of(connection: Connection, purchase_id: str) -> list[Decision]:
    """Return every decision on a purchase, oldest first."""
    query = select(decisions).where(decisions.c.purchase_id == purchase_id)
    return [decision_of(row) for row in connection.execute(query.order_by(decisions.c.id))]


def approvers_of(connection: Connection, purchase_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return who approved or raised each purchase, deputies and whom they stood in for."""
    found: dict[str, set[str]] = defaultdict(set)
    columns = decisions.c
    query = select(columns.purchase_id, columns.decider, columns.on_behalf_of).where(
        columns.purchase_id.in_(sorted(set(purchase_ids))), columns.outcome != "declined"
    )
    for row in connection.execute(query):
        found[row.purchase_id] |= {row.decider, row.on_behalf_of} - {""}
    return found


def latest_approval(connection: Connection, purchase: Purchase) -> Decision | None:
    """Return what the money of the version was last decided by; None before an approval."""
    query = (
        select(decisions)
        .where(
            decisions.c.purchase_id == purchase.id,
            decisions.c.revision == purchase.revision,
            decisions.c.outcome.in_(("approved", "uplifted")),
        )
        .order_by(decisions.c.purchase_version.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else decision_of(row)


def decision_of(row: Any) -> Decision:
    """Return the decision of a row."""
    return Decision(
        id=row.id,
        tenant=row.tenant,
        purchase_id=row.purchase_id,
        purchase_version=row.purchase_version,
        revision=row.revision,
        outcome=row.outcome,
        decider=row.decider,
        requester=row.requester,
        decided_at=row.decided_at,
        amount_minor=row.amount,
        limit_id=row.limit_id or "",
        limit_minor=row.limit_amount,
        counted_minor=row.counted,
        policy_version=row.policy_version,
        content_hash=row.content_hash,
        on_behalf_of=row.on_behalf_of,
        approver_number=row.approver_number,
        approvers_needed=row.approvers_needed,
        overridden=tuple(filter(None, row.overridden.split(","))),
    )


def add_cover(work: UnitOfWork, cover: Cover) -> None:
    """Insert a cover."""
    work.connection.execute(
        insert(covers).values(
            id=cover.id,
            tenant=cover.tenant,
            delegator=cover.delegator,
            deputy=cover.deputy,
            valid_from=cover.valid_from,
            valid_to=cover.valid_to,
            set_by=cover.set_by,
            created_at=work.at,
        )
    )


def end_cover(work: UnitOfWork, cover_id: str) -> Cover:
    """End a cover now and return it.

    Raises:
        CoverNotFound: Unknown, another authority's, or ended (NOT_FOUND).
    """
    query = _covers().where(
        covers.c.tenant == work.tenant, covers.c.id == cover_id, cover_ends.c.ended_at.is_(None)
    )
    row = work.connection.execute(query).one_or_none()
    if row is None:
        raise CoverNotFound("there is no such cover", cover_id=cover_id)
    work.connection.execute(
        insert(cover_ends).values(
            cover_id=cover_id, tenant=work.tenant, ended_by=work.caller.subject, ended_at=work.at
        )
    )
    return _cover(row, work.at)


def covered(connection: Connection, cover: tuple[str, str, str], on: date) -> bool:
    """Return whether, on a day, a deputy stands in: tenant, deputy, delegator."""
    tenant, deputy, delegator = cover
    query = _covers().where(
        covers.c.tenant == tenant,
        covers.c.deputy == deputy,
        covers.c.delegator == delegator,
        covers.c.valid_from <= on,
        covers.c.valid_to >= on,
        cover_ends.c.ended_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def covers_page(connection: Connection, tenant: str, cut: Cut) -> list[Cover]:
    """Return a page of covers, newest first."""
    query = _covers().where(covers.c.tenant == tenant)
    if cut.after:
        query = query.where(covers.c.id < cut.after)
    rows = connection.execute(query.order_by(covers.c.id.desc()).limit(cut.size))
    return [_cover(row, row.ended_at) for row in rows]


def _covers() -> Any:
    joined = covers.outerjoin(cover_ends, cover_ends.c.cover_id == covers.c.id)
    return select(covers, cover_ends.c.ended_at).select_from(joined)


def _cover(row: Any, ended_at: datetime | None) -> Cover:
    return Cover(
        id=row.id,
        tenant=row.tenant,
        delegator=row.delegator,
        deputy=row.deputy,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        set_by=row.set_by,
        ended_at=ended_at,
    )


def set_override(work: UnitOfWork, right_id: str, officer: str, *, allowed: bool) -> None:
    """Insert whether an officer may override from now on."""
    work.connection.execute(
        insert(override_rights).values(
            id=right_id,
            tenant=work.tenant,
            officer=officer,
            allowed=allowed,
            set_by=work.caller.subject,
            created_at=work.at,
        )
    )


def may_override(connection: Connection, tenant: str, officer: str) -> bool:
    """Return whether an officer holds the right now: the newest row says."""
    columns = override_rights.c
    query = (
        select(columns.allowed)
        .where(columns.tenant == tenant, columns.officer == officer)
        .order_by(columns.created_at.desc(), columns.id.desc())
        .limit(1)
    )
    return bool(connection.execute(query).scalar_one_or_none())
