"""Budgets with their pots, and limits."""

from __future__ import annotations

from localresponse.fund.v1 import approvals_service_pb2 as approvals_pb
from localresponse.fund.v1 import budgets_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.commands.budgets import Allocation, NewBudget
from services.fund.commands.limits import NewLimit
from services.fund.domain.approval import Limit
from services.fund.domain.budget import Period, Pot
from services.fund.domain.shares import SharePlan
from services.fund.queries.budgets import BudgetView
from services.fund.wire.names import PERIOD_KINDS, SCOPES, SOURCE_KINDS
from services.fund.wire.values import day, day_out, figures, money, pence


def new_budget(request: pb.CreateBudgetRequest) -> NewBudget:
    """Read what a new budget is."""
    return NewBudget(
        parent_id=request.parent_id,
        scope=SCOPES.read(request.scope),
        name=request.name,
        schools=frozenset(request.school_urns),
        period=Period(PERIOD_KINDS.read(request.period.kind), request.period.start_year),
    )


def allocation(request: pb.AllocateBudgetRequest) -> Allocation:
    """Read what goes into a budget.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    return Allocation(request.budget_id, request.source_id, pence(request.amount, "amount"))


def budget(view: BudgetView) -> pb.Budget:
    """Return a budget with its money."""
    value = view.budget
    return pb.Budget(
        id=value.id,
        etag=str(value.version),
        parent_id=value.parent_id,
        scope=SCOPES.out(value.scope),
        name=value.name,
        school_urns=sorted(value.schools),
        period=period(value.period),
        frozen=value.frozen,
        pots=[_pot(each) for each in view.pots],
        own_figures=figures(view.own),
        figures=figures(view.whole),
        create_time=timestamp_to_proto(value.created_at),
        threshold_percent=value.threshold_percent,
        apportionment=pb.ApportionmentPlan(
            fixed_shares=[
                pb.FixedShare(source_id=source, basis_points=points)
                for source, points in value.shares.parts
            ],
            residual_source_id=value.shares.residual,
        ),
    )


def period(value: Period) -> pb.Period:
    """Return a year with its first and last day."""
    return pb.Period(
        kind=PERIOD_KINDS.out(value.kind),
        start_year=value.start_year,
        start_date=date_to_proto(value.starts_on),
        end_date=date_to_proto(value.ends_on),
    )


def share_plan(message: pb.ApportionmentPlan) -> SharePlan:
    """Read how purchases are to be shared."""
    parts = tuple((share.source_id, share.basis_points) for share in message.fixed_shares)
    return SharePlan(parts, message.residual_source_id)


def _pot(value: Pot) -> pb.Pot:
    return pb.Pot(
        id=value.id,
        source_id=value.source_id,
        source_name=value.source_name,
        source_kind=SOURCE_KINDS.out(value.source_kind),
        figures=figures(value.figures),
    )


def new_limit(request: approvals_pb.SetDelegatedLimitRequest) -> NewLimit:
    """Read what a new limit is.

    Raises:
        InvalidArgument: The amount or a date cannot be.
    """
    return NewLimit(
        officer=request.officer_id,
        amount=pence(request.limit, "limit"),
        valid_from=day(
            request.valid_from_date, "valid_from_date", given=request.HasField("valid_from_date")
        ),
        valid_to=day(
            request.valid_to_date, "valid_to_date", given=request.HasField("valid_to_date")
        ),
    )


def limit(value: Limit) -> approvals_pb.DelegatedLimit:
    """Return a limit."""
    return approvals_pb.DelegatedLimit(
        id=value.id,
        officer_id=value.officer,
        limit=money(value.limit_minor),
        valid_from_date=date_to_proto(value.valid_from),
        valid_to_date=day_out(value.valid_to),
        set_by_id=value.set_by,
        create_time=timestamp_to_proto(value.created_at),
    )
