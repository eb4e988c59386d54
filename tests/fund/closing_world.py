"""Proposals and year end, as officers ask for them."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import ledger_service_pb2 as ledger
from localresponse.fund.v1 import money_rules_pb2 as money_rules
from localresponse.fund.v1 import periods_service_pb2 as periods
from localresponse.fund.v1 import proposal_requests_pb2 as requests
from localresponse.fund.v1 import proposals_service_pb2 as proposals
from localresponse.fund.v1 import sources_service_pb2 as sources

from services.chassis.auth import Principal
from tests.fund.world import OFFICER, SECOND_OFFICER, World, pounds, rid

YEAR = budgets.Period(kind=budgets.PERIOD_KIND_FINANCIAL_YEAR, start_year=2026)
STEPS = ("OPEN_NEXT", "RELEASE_UNAPPROVED", "ACCRUE", "CARRY_COMMITMENTS", "SETTLE_AVAILABLE")


async def propose(world: World, what: str, who: Principal = OFFICER, **fields: Any) -> Any:
    """Call `Propose<what>`; an amount is pounds in text."""
    if "amount" in fields:
        fields["amount"] = pounds(fields["amount"])
    kind = getattr(requests, f"Propose{what}Request")
    request = kind(request_id=rid(), reason="because", **fields)
    return await world.call(who, f"Propose{what}", request)


async def confirm(world: World, proposal: Any, who: Principal = SECOND_OFFICER) -> Any:
    request = proposals.ConfirmProposalRequest(request_id=rid(), proposal_id=proposal.id)
    return await world.call(who, "ConfirmProposal", request)


async def reject(world: World, proposal: Any, who: Principal = SECOND_OFFICER) -> Any:
    request = proposals.RejectProposalRequest(request_id=rid(), proposal_id=proposal.id)
    return await world.call(who, "RejectProposal", request)


async def rules(world: World, **sums: str) -> Any:
    """Set the rules for second officers, by two of them; sums are pounds in text."""
    asked = money_rules.MoneyRules(**{name: pounds(text) for name, text in sums.items()})
    return await confirm(world, await propose(world, "MoneyRules", rules=asked))


async def soft_close(world: World) -> Any:
    request = periods.SoftClosePeriodRequest(request_id=rid(), period=YEAR)
    return await world.call(OFFICER, "SoftClosePeriod", request)


async def close(world: World) -> Any:
    request = periods.ClosePeriodRequest(request_id=rid(), period=YEAR)
    return await world.call(OFFICER, "ClosePeriod", request)


async def run(world: World, step: str, **fields: Any) -> Any:
    request = periods.RunYearEndStepRequest(
        request_id=rid(),
        period=YEAR,
        step=periods.YearEndStep.Value(f"YEAR_END_STEP_{step}"),
        **fields,
    )
    return await world.call(OFFICER, "RunYearEndStep", request)


async def answered(world: World, source_id: str, rule: str) -> Any:
    request = periods.DecideCarryForwardRequest(
        request_id=rid(),
        period=YEAR,
        source_id=source_id,
        rule=sources.CarryForwardRule.Value(f"CARRY_FORWARD_RULE_{rule}"),
        reference="letter of 2 March",
    )
    return await world.call(OFFICER, "DecideCarryForward", request)


async def balance(world: World, account: str, **at: Any) -> int:
    request = ledger.GetBalanceRequest(account=account, **at)
    found = await world.call(OFFICER, "GetBalance", request)
    return int(found.balance_minor)
