"""Proposals and the rules for second officers."""

from __future__ import annotations

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import money_rules_pb2 as rules_pb
from localresponse.fund.v1 import proposal_requests_pb2 as requests_pb
from localresponse.fund.v1 import proposals_service_pb2 as pb

from services.chassis.wire import money_from_proto, timestamp_to_proto
from services.fund.commands.proposing import Draft
from services.fund.domain.budget import PeriodKind, Scope
from services.fund.domain.proposal import MoneyRules, Proposal, ProposalKind
from services.fund.wire.names import PERIOD_KINDS, PROPOSAL_KINDS, PROPOSAL_STATES, SCOPES
from services.fund.wire.values import money, pence


def virement(request: requests_pb.ProposeVirementRequest) -> Draft:
    """Read what is to be moved.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    return Draft(
        kind=ProposalKind.VIREMENT,
        reason=request.reason,
        amount=pence(request.amount, "amount"),
        content={
            "budget_id": request.budget_id,
            "target_budget_id": request.target_budget_id,
            "source_id": request.source_id,
        },
    )


def allocation(request: requests_pb.ProposeAllocationRequest) -> Draft:
    """Read what is to go into a budget.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    return Draft(
        kind=ProposalKind.ALLOCATION,
        reason=request.reason,
        amount=pence(request.amount, "amount"),
        content={"budget_id": request.budget_id, "source_id": request.source_id},
    )


def write_off(request: requests_pb.ProposeWriteOffRequest) -> Draft:
    """Read what is lost.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    return Draft(
        kind=ProposalKind.WRITE_OFF,
        reason=request.reason,
        amount=pence(request.amount, "amount"),
        content={"purchase_id": request.purchase_id},
    )


def reversal(request: requests_pb.ProposeReversalRequest) -> Draft:
    """Read which journal is to be undone."""
    return Draft(
        kind=ProposalKind.REVERSAL,
        reason=request.reason,
        content={"journal_id": request.journal_id},
    )


def reopening(request: requests_pb.ProposeReopeningRequest) -> Draft:
    """Read which year is to be opened again."""
    return Draft(
        kind=ProposalKind.REOPENING,
        reason=request.reason,
        content={
            "period_kind": PERIOD_KINDS.read(request.period.kind).value,
            "start_year": request.period.start_year,
        },
    )


def rules_draft(request: requests_pb.ProposeMoneyRulesRequest) -> Draft:
    """Read which rules are to be in force.

    Raises:
        InvalidArgument: A sum cannot be.
    """
    asked = request.rules
    given = asked.HasField("allocation_above")
    return Draft(
        kind=ProposalKind.MONEY_RULES,
        reason=request.reason,
        content={
            "virement_above": money_from_proto(asked.virement_above, "rules.virement_above").minor,
            "allocation_above": money_from_proto(
                asked.allocation_above, "rules.allocation_above"
            ).minor
            if given
            else None,
            "return_above": money_from_proto(asked.return_above, "rules.return_above").minor
            if asked.HasField("return_above")
            else 0,
            "budget_by_two": int(asked.budget_by_two),
        },
    )


def handing_back(request: requests_pb.ProposeReturnRequest) -> Draft:
    """Read what is to go back to its funder.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    return Draft(
        kind=ProposalKind.RETURN,
        reason=request.reason,
        amount=pence(request.amount, "amount"),
        content={"source_id": request.source_id},
    )


def new_budget(request: requests_pb.ProposeBudgetRequest) -> Draft:
    """Read which budget is to be."""
    asked = request.budget
    return Draft(
        kind=ProposalKind.BUDGET,
        reason=request.reason,
        content={
            "parent_id": asked.parent_id,
            "scope": SCOPES.read(asked.scope).value,
            "name": asked.name,
            "school_urns": " ".join(sorted(asked.school_urns)),
            "period_kind": PERIOD_KINDS.read(asked.period.kind).value,
            "start_year": asked.period.start_year,
        },
    )


def rules(value: MoneyRules) -> rules_pb.MoneyRules:
    """Return the rules."""
    above = value.allocation_above
    return rules_pb.MoneyRules(
        version=value.version,
        virement_above=money(value.virement_above),
        allocation_above=None if above is None else money(above),
        return_above=money(value.return_above),
        budget_by_two=value.budget_by_two,
    )


def proposal(value: Proposal) -> pb.Proposal:
    """Return a proposal."""
    message = pb.Proposal(
        id=value.id,
        etag=str(value.version),
        kind=PROPOSAL_KINDS.out(value.kind),
        state=PROPOSAL_STATES.out(value.state),
        second_officer_needed=value.second_needed,
        amount=money(value.amount) if value.amount else None,
        budget_id=value.of("budget_id"),
        target_budget_id=value.of("target_budget_id"),
        source_id=value.of("source_id"),
        purchase_id=value.of("purchase_id"),
        journal_id=value.of("journal_id"),
        reason=value.reason,
        proposer_id=value.proposer,
        propose_time=timestamp_to_proto(value.proposed_at),
        decider_id=value.decider,
        result_journal_id=value.journal_id,
    )
    if value.decided_at is not None:
        message.decide_time.CopyFrom(timestamp_to_proto(value.decided_at))
    _particular(message, value)
    return message


def _particular(message: pb.Proposal, value: Proposal) -> None:
    content = value.content
    if value.kind in {ProposalKind.REOPENING, ProposalKind.BUDGET}:
        kind = PERIOD_KINDS.out(PeriodKind(value.of("period_kind")))
        start_year = int(content["start_year"] or 0)
        message.period.CopyFrom(budgets_pb.Period(kind=kind, start_year=start_year))
    if value.kind is ProposalKind.BUDGET:
        new = budgets_pb.CreateBudgetRequest(
            parent_id=value.of("parent_id"),
            scope=SCOPES.out(Scope(value.of("scope"))),
            name=value.of("name"),
            school_urns=value.of("school_urns").split(),
            period=message.period,
        )
        message.budget.CopyFrom(new)
    if value.kind is ProposalKind.MONEY_RULES:
        above = content.get("allocation_above")
        proposed = MoneyRules(
            0,
            int(content["virement_above"] or 0),
            None if above is None else int(above),
            int(content.get("return_above") or 0),
            bool(content.get("budget_by_two")),
        )
        message.rules.CopyFrom(rules(proposed))
