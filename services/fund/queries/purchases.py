"""Purchases as a caller may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.chassis.clock import london_date
from services.fund.access import ACTIONS
from services.fund.domain.approving import Part, broken_rules
from services.fund.domain.figures import NOTHING
from services.fund.domain.purchase import Purchase, State
from services.fund.queries.scoping import narrowed, visible_schools
from services.fund.queries.views import DecisionContext, PurchaseView
from services.fund.storage import absence, approvals, budgets, deciders, policies, purchases
from services.fund.storage.paging import Cut

_ACADEMIC_YEAR_STARTS = 8
"""As the outcomes service cuts years of registers: on 1 August."""


def get(connection: Connection, who: Principal, purchase_id: str, at: datetime) -> PurchaseView:
    """Return a purchase with its history, and what a decision would leave.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
    """
    purchase = readable(connection, who, purchase_id)
    return PurchaseView(
        purchase,
        purchases.facts_of(connection, purchase.id),
        purchases.papers_of(connection, purchase.id),
        _context(connection, who, purchase, at),
    )


def readable(connection: Connection, who: Principal, purchase_id: str) -> Purchase:
    """Return a purchase that the caller may see.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
    """
    purchase = purchases.get(connection, who.tenant, purchase_id)
    require(ACTIONS, who, "purchase.read", Resource(purchase.tenant, purchase.school_urn))
    return purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of purchases asks for.

    Attributes:
        states: Only these; empty for all.
        school_urn: Only this school's; empty for all that the caller may see.
        mine: Only what the caller asked for.
    """

    states: frozenset[State]
    school_urn: str
    mine: bool


def page(connection: Connection, who: Principal, cut: Cut, filters: Filters) -> list[PurchaseView]:
    """Return a page of the purchases that the caller may see, newest first."""
    wanted = purchases.Wanted(
        states=filters.states,
        schools=narrowed(visible_schools(who, "purchase.read"), filters.school_urn),
        requester=who.subject if filters.mine else "",
    )
    return [PurchaseView(each) for each in purchases.page(connection, who.tenant, cut, wanted)]


def _context(
    connection: Connection, who: Principal, purchase: Purchase, at: datetime
) -> DecisionContext | None:
    if purchase.state is not State.SUBMITTED or who.role not in ACTIONS["purchase.approve"]:
        return None
    held = purchase.money.reserved
    budget = budgets.get(connection, purchase.tenant, purchase.budget_id)
    pots = budgets.pots_of(connection, [budget.id]).get(budget.id, [])
    own = sum((pot.figures for pot in pots), start=NOTHING).available
    policy = policies.in_force(connection, who.tenant)
    came = approvals.counted(connection, purchase, policy, at=at)
    counted, _ = came.with_purchase(held)
    limit = approvals.limit_of(connection, who.tenant, who.subject, london_date(at))
    within = limit is not None and counted <= limit.limit_minor
    took = deciders.took_part(connection, purchase)
    apart = who.subject not in {purchase.requester, *(each.person for each in took)}
    broken = broken_rules(purchase, came, policy, pence=held, explained=False)
    asked_on = london_date(purchase.submitted_at)
    year = asked_on.year if asked_on.month >= _ACADEMIC_YEAR_STARTS else asked_on.year - 1
    persistent, severe = absence.above_lines(connection, who.tenant, purchase.child_ids, year=year)
    return DecisionContext(
        left_if_approved=own,
        left_if_declined=own + held,
        counted=counted,
        limit=None if limit is None else limit.limit_minor,
        may_approve=within and apart,
        approvers_needed=policy.rung(purchase.category, counted).approvers,
        approvals=sum(each.part is Part.APPROVED for each in took),
        warnings=tuple(each.reason for each in broken),
        persistently_absent=persistent,
        severely_absent=severe,
    )
