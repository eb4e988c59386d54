"""What the policy asks for besides people: quotes, caps, duplicates, rules and overrides."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from localresponse.fund.v1 import fund_types_pb2 as money
from localresponse.fund.v1 import purchase_types_pb2 as types

from tests.fund.approving import THIRD_OFFICER, approve, in_force, jobs, refusal, rules
from tests.fund.world import MANAGER, OFFICER, PRACTITIONER, SECOND_OFFICER, World, pounds, rid


async def opened(world: World, **changed: Any) -> None:
    await world.money()
    await in_force(world, **changed)
    await world.limit(OFFICER, "900")


async def test_the_shipped_policy_holds_until_two_officers_change_it(world: World) -> None:
    shipped = await world.call(MANAGER, "GetApprovalPolicy", policies.GetApprovalPolicyRequest())
    confirmed = await in_force(world)
    now = await world.call(MANAGER, "GetApprovalPolicy", policies.GetApprovalPolicyRequest())

    assert shipped.version == 1
    assert [rung.approvers for rung in shipped.rules.rungs] == [1, 2]
    assert not shipped.rules.auto_approval.categories
    assert now == confirmed
    assert now.rules == rules(
        rungs=[
            policies.ApprovalRung(up_to=pounds("100"), approvers=1, roles=["finance_officer"]),
            policies.ApprovalRung(approvers=2, roles=["finance_officer"]),
        ],
        auto_approval=policies.AutoApproval(up_to=pounds("0")),
        payment_duties=money.PaymentDuties(approver_pays_up_to=pounds("0")),
    )
    assert (now.version, now.proposed_by_id, now.confirmed_by_id) == (2, "officer-1", "officer-2")


async def test_nobody_confirms_their_own_policy_and_none_is_confirmed_twice(fund: World) -> None:
    propose = policies.ProposeApprovalPolicyRequest(request_id=rid(), rules=rules(), reason="why")
    proposal = await fund.call(OFFICER, "ProposeApprovalPolicy", propose)

    def confirm(proposal_id: str) -> policies.ConfirmApprovalPolicyRequest:
        return policies.ConfirmApprovalPolicyRequest(request_id=rid(), proposal_id=proposal_id)

    own = fund.call(OFFICER, "ConfirmApprovalPolicy", confirm(proposal.id))
    unknown = fund.call(SECOND_OFFICER, "ConfirmApprovalPolicy", confirm(rid()))
    assert await refusal(own) == "PROPOSER_MAY_NOT_CONFIRM"
    assert await refusal(unknown) == "PROPOSAL_NOT_FOUND"
    await fund.call(SECOND_OFFICER, "ConfirmApprovalPolicy", confirm(proposal.id))
    again = fund.call(SECOND_OFFICER, "ConfirmApprovalPolicy", confirm(proposal.id))
    assert await refusal(again) == "PROPOSAL_DECIDED"


WRONG = [
    pytest.param([policies.ApprovalRung(up_to=pounds("5"), approvers=1)], id="an open top"),
    pytest.param(
        [
            policies.ApprovalRung(up_to=pounds("50"), approvers=1),
            policies.ApprovalRung(up_to=pounds("5"), approvers=1),
            policies.ApprovalRung(approvers=2),
        ],
        id="rungs that fall",
    ),
    pytest.param(
        [
            policies.ApprovalRung(category="gold", approvers=1),
            policies.ApprovalRung(approvers=2),
        ],
        id="a category that is not",
    ),
]


@pytest.mark.parametrize("rungs", WRONG)
async def test_a_policy_that_does_not_answer_for_every_sum_is_refused(
    fund: World, rungs: list[policies.ApprovalRung]
) -> None:
    assert await refusal(in_force(fund, rungs=rungs)) == "POLICY_INVALID"


RULES = [
    pytest.param(
        {"rungs": [policies.ApprovalRung(approvers=1, quotes=2)]}, "QUOTES_MISSING", id="quotes"
    ),
    pytest.param({"child_cap": pounds("90")}, "CHILD_CAP_REACHED", id="a child's cap"),
    pytest.param(
        {"category_caps": [policies.CategoryCap(category="uniform", most=pounds("90"))]},
        "CATEGORY_CAP_REACHED",
        id="a category's cap",
    ),
    pytest.param({"duplicate_weeks": 4}, "DUPLICATE_UNEXPLAINED", id="a duplicate"),
]


@pytest.mark.parametrize(("changed", "reason"), RULES)
async def test_a_rule_of_the_policy_refuses_and_an_override_is_told_of(
    world: World, changed: dict[str, Any], reason: str
) -> None:
    await opened(world)
    first = await world.submit("49")
    await approve(world, OFFICER, first.id)
    await in_force(world, **changed)
    second = await world.submit("49")

    plain = approve(world, OFFICER, second.id, reason="")
    assert await refusal(plain) == reason
    override = {"reason": "", "override_reason": "the family moves tomorrow"}
    without = approve(world, OFFICER, second.id, **override)
    assert await refusal(without) == "NO_OVERRIDE_RIGHT"
    await right(world, OFFICER.subject)
    approved = await approve(world, OFFICER, second.id, **override)

    assert approved.state == types.PURCHASE_STATE_APPROVED
    assert "approval.overridden" in await world.events()


async def right(world: World, officer: str, *, allowed: bool = True) -> Any:
    request = policies.SetOverrideRightRequest(
        request_id=rid(), officer_id=officer, allowed=allowed
    )
    return await world.call(SECOND_OFFICER, "SetOverrideRight", request)


async def test_the_right_to_override_is_never_ones_own_and_can_be_taken_away(fund: World) -> None:
    await opened(fund, rungs=[policies.ApprovalRung(approvers=1, quotes=1)])
    asked = await fund.submit("10")
    await right(fund, OFFICER.subject)
    fund.clock.advance(seconds=1)
    await right(fund, OFFICER.subject, allowed=False)

    own = right(fund, SECOND_OFFICER.subject)
    late = approve(fund, OFFICER, asked.id, override_reason="still")
    assert await refusal(own) == "OWN_OVERRIDE_RIGHT"
    assert await refusal(late) == "NO_OVERRIDE_RIGHT"


async def test_a_reason_is_enough_for_a_duplicate(fund: World) -> None:
    await opened(fund, duplicate_weeks=4)
    first = await fund.submit("20")
    await approve(fund, OFFICER, first.id)
    second = await fund.submit("20")

    seen = await fund.get(second.id, OFFICER)
    approved = await approve(fund, OFFICER, second.id, reason="outgrown")

    assert list(seen.decision_context.warnings) == ["DUPLICATE_UNEXPLAINED"]
    assert approved.state == types.PURCHASE_STATE_APPROVED


async def test_the_context_says_how_many_must_approve_and_how_many_have(fund: World) -> None:
    await opened(fund)
    await fund.limit(SECOND_OFFICER, "900")
    asked = await fund.submit("200")
    await approve(fund, OFFICER, asked.id)

    mine = (await fund.get(asked.id, OFFICER)).decision_context
    other = (await fund.get(asked.id, SECOND_OFFICER)).decision_context

    assert (mine.approvers_needed, mine.approvals, mine.may_approve) == (2, 1, False)
    assert other.may_approve


async def test_a_sum_that_other_roles_decide_is_refused(fund: World) -> None:
    await opened(fund, rungs=[policies.ApprovalRung(approvers=1, roles=["section_151"])])
    asked = await fund.submit("10")

    assert await refusal(approve(fund, OFFICER, asked.id)) == "APPROVER_ROLE_NOT_ALLOWED"


AUTO = policies.AutoApproval(categories=["uniform"], up_to=pounds("60"), sample_percent=100)


async def test_a_small_sum_is_approved_by_rule_and_looked_at_afterwards(world: World) -> None:
    await opened(world, auto_approval=AUTO)
    asked = await world.submit("50")

    await jobs(world).approve_by_rule()

    approved = await world.get(asked.id)
    assert approved.state == types.PURCHASE_STATE_APPROVED
    assert approved.timeline[-1].actor_id == "system"
    waiting = policies.ListAfterChecksRequest(waiting=True)
    (drawn,) = (await world.call(MANAGER, "ListAfterChecks", waiting)).after_checks
    look = policies.RecordAfterCheckRequest(
        request_id=rid(), decision_id=drawn.decision_id, found_right=True, reason="a fair price"
    )
    done = await world.call(THIRD_OFFICER, "RecordAfterCheck", look)
    assert (done.purchase_id, done.found_right) == (asked.id, True)
    assert not (await world.call(MANAGER, "ListAfterChecks", waiting)).after_checks
    look.request_id = rid()
    again = world.call(THIRD_OFFICER, "RecordAfterCheck", look)
    assert await refusal(again) == "AFTER_CHECK_DONE"


LEFT = [
    pytest.param("61", {}, id="too much"),
    pytest.param("50", {"category": "travel"}, id="another category"),
    pytest.param("40", {}, id="split in two"),
]


@pytest.mark.parametrize(("cost", "changed"), LEFT)
async def test_a_rule_leaves_to_people_what_it_does_not_reach(
    fund: World, cost: str, changed: dict[str, Any]
) -> None:
    await opened(fund, auto_approval=AUTO)
    await fund.submit("30")
    await jobs(fund).approve_by_rule()
    asked = await fund.submit(cost, **changed)

    await jobs(fund).approve_by_rule()

    assert (await fund.get(asked.id)).state == types.PURCHASE_STATE_SUBMITTED


async def test_a_rule_leaves_to_people_what_somebody_has_looked_at(fund: World) -> None:
    await opened(fund, auto_approval=AUTO)
    asked = await fund.submit("50")
    await fund.step(OFFICER, "QueryPurchase", asked.id, reason="which?")
    await fund.step(PRACTITIONER, "AnswerPurchase", asked.id, reason="these")

    await jobs(fund).approve_by_rule()

    assert (await fund.get(asked.id)).state == types.PURCHASE_STATE_SUBMITTED


async def test_without_a_rule_nothing_is_approved_by_itself(fund: World) -> None:
    await fund.money()
    asked = await fund.submit("1")

    await jobs(fund).approve_by_rule()

    assert (await fund.get(asked.id)).state == types.PURCHASE_STATE_SUBMITTED
