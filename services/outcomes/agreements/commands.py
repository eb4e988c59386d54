"""Writes of agreements, and the one check that a reader is entitled to what it asks for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.access import ACTIONS
from services.outcomes.agreements import storage
from services.outcomes.agreements.storage import Agreement, AgreementState, Terms
from services.outcomes.disclosure.rules import FLOOR
from services.outcomes.errors import AgreementInvalid, AgreementLapsed, AgreementNotFound

EVALUATOR = "evaluator"


def create(work: UnitOfWork, terms: Terms, *, first: date, last: date) -> Agreement:
    """Record an agreement.

    Raises:
        AgreementInvalid: It ends before it begins, or its groups are under the floor.
    """
    require(ACTIONS, work.caller, "agreement.edit", Resource(work.tenant))
    if last < first:
        raise AgreementInvalid(
            f"an agreement ends on its first day or later, not on {last}",
            field="terms.last_date",
            first_date=first.isoformat(),
            last_date=last.isoformat(),
        )
    if terms.minimum_group < FLOOR:
        raise AgreementInvalid(
            f"a group of fewer than {FLOOR} children says too much of each",
            field="terms.minimum_group",
            minimum_group=terms.minimum_group,
        )
    agreement = Agreement(
        id=new_id(),
        tenant=work.tenant,
        terms=terms,
        first=first,
        last=last,
        created_at=work.at,
        created_by=work.caller.subject,
    )
    storage.add(work.connection, agreement)
    return agreement


def end(work: UnitOfWork, agreement_id: str, *, reason: str) -> Agreement:
    """End an agreement now.

    Raises:
        AgreementNotFound: No such agreement (AGREEMENT_NOT_FOUND).
        AgreementLapsed: It was ended already (AGREEMENT_LAPSED).
    """
    require(ACTIONS, work.caller, "agreement.edit", Resource(work.tenant))
    agreement = known(work.connection, work.caller, agreement_id)
    if not storage.end(work.connection, agreement, at=work.at, reason=reason):
        raise _lapsed(agreement)
    return known(work.connection, work.caller, agreement_id)


def known(connection: Connection, who: Principal, agreement_id: str) -> Agreement:
    """Return an agreement that the caller may know of; an evaluator, only its own.

    Raises:
        AgreementNotFound: No such agreement, or another evaluator's (AGREEMENT_NOT_FOUND).
    """
    agreement = storage.find(connection, who.tenant, agreement_id)
    if agreement is None or (who.role == EVALUATOR and not agreement.admits(who.subject)):
        raise AgreementNotFound(agreement_id)
    return agreement


def in_force(
    connection: Connection, who: Principal, agreement_id: str, *, today: date
) -> Agreement:
    """Return an agreement under which the caller may read today.

    Raises:
        AgreementNotFound: No such agreement, or another evaluator's (AGREEMENT_NOT_FOUND).
        AgreementLapsed: It is not in force (AGREEMENT_LAPSED).
    """
    agreement = known(connection, who, agreement_id)
    if agreement.state(today) is not AgreementState.CURRENT:
        raise _lapsed(agreement)
    return agreement


def _lapsed(agreement: Agreement) -> AgreementLapsed:
    return AgreementLapsed(
        f"the agreement runs from {agreement.first} to {agreement.last} and is not in force",
        agreement_id=agreement.id,
        first_date=agreement.first.isoformat(),
        last_date=agreement.last.isoformat(),
    )
