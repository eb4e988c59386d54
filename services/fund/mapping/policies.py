"""Approval policies, cover, overrides and after-checks."""

from __future__ import annotations

from localresponse.fund.v1 import approval_policies_service_pb2 as pb
from localresponse.fund.v1.fund_types_pb2 import PaymentDuties

from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    money_from_proto,
    timestamp_to_proto,
)
from services.fund.commands.policies import NewCover, OverrideRight
from services.fund.domain.category import known_category
from services.fund.domain.duties import Duties
from services.fund.domain.policy import (
    OFFICERS,
    AutoRule,
    Policy,
    PolicyProposal,
    PolicyVersion,
    Rung,
)
from services.fund.storage.after_checks import AfterCheck
from services.fund.storage.deciders import Cover
from services.fund.wire.values import day, money, pence, pence_or_none


def rules(message: pb.ApprovalRules) -> Policy:
    """Read what a version says.

    Raises:
        InvalidArgument: An amount or a category cannot be.
    """
    auto = message.auto_approval
    return Policy(
        rungs=tuple(_rung(rung, f"rules.rungs[{n}]") for n, rung in enumerate(message.rungs)),
        auto=AutoRule(
            categories=frozenset(known_category(each) for each in auto.categories),
            up_to=money_from_proto(auto.up_to, "rules.auto_approval.up_to").minor,
            sample_percent=auto.sample_percent,
        ),
        child_cap=pence_or_none(
            message.child_cap, "rules.child_cap", given=message.HasField("child_cap")
        ),
        category_caps={
            known_category(cap.category): pence(cap.most, "rules.category_caps.most")
            for cap in message.category_caps
        },
        cap_days=message.cap_days,
        duplicate_weeks=message.duplicate_weeks,
        window_days=message.window_days,
        tolerance_basis_points=message.tolerance_basis_points,
        tolerance=money_from_proto(message.tolerance, "rules.tolerance").minor,
        expiry_working_days=message.expiry_working_days,
        duties=_duties(message.payment_duties),
    )


def _duties(message: PaymentDuties) -> Duties:
    most = money_from_proto(message.approver_pays_up_to, "rules.payment_duties.approver_pays_up_to")
    return Duties(
        recorder_may_pay=message.recorder_may_pay,
        payee_officers_may_pay=message.payee_officers_may_pay,
        approver_pays_up_to=most.minor,
    )


def _rung(rung: pb.ApprovalRung, field: str) -> Rung:
    return Rung(
        category=rung.category,
        up_to=pence_or_none(rung.up_to, f"{field}.up_to", given=rung.HasField("up_to")),
        approvers=rung.approvers,
        roles=tuple(rung.roles) or OFFICERS,
        quotes=rung.quotes,
    )


def rules_out(policy: Policy) -> pb.ApprovalRules:
    """Return what a version says."""
    return pb.ApprovalRules(
        rungs=[
            pb.ApprovalRung(
                category=rung.category,
                up_to=None if rung.up_to is None else money(rung.up_to),
                approvers=rung.approvers,
                roles=rung.roles,
                quotes=rung.quotes,
            )
            for rung in policy.rungs
        ],
        auto_approval=pb.AutoApproval(
            categories=sorted(policy.auto.categories),
            up_to=money(policy.auto.up_to),
            sample_percent=policy.auto.sample_percent,
        ),
        child_cap=None if policy.child_cap is None else money(policy.child_cap),
        category_caps=[
            pb.CategoryCap(category=category, most=money(most))
            for category, most in sorted(policy.category_caps.items())
        ],
        cap_days=policy.cap_days,
        duplicate_weeks=policy.duplicate_weeks,
        window_days=policy.window_days,
        tolerance_basis_points=policy.tolerance_basis_points,
        tolerance=money(policy.tolerance),
        expiry_working_days=policy.expiry_working_days,
        payment_duties=PaymentDuties(
            recorder_may_pay=policy.duties.recorder_may_pay,
            payee_officers_may_pay=policy.duties.payee_officers_may_pay,
            approver_pays_up_to=money(policy.duties.approver_pays_up_to),
        ),
    )


def version(value: PolicyVersion) -> pb.ApprovalPolicy:
    """Return a version in force."""
    return pb.ApprovalPolicy(
        version=value.policy.version,
        rules=rules_out(value.policy),
        proposed_by_id=value.proposed_by,
        confirmed_by_id=value.confirmed_by,
        create_time=None if value.created_at is None else timestamp_to_proto(value.created_at),
    )


def proposal(value: PolicyProposal) -> pb.ApprovalPolicyProposal:
    """Return a version that waits."""
    return pb.ApprovalPolicyProposal(
        id=value.id,
        rules=rules_out(value.policy),
        proposed_by_id=value.proposed_by,
        reason=value.reason,
        create_time=timestamp_to_proto(value.created_at),
    )


def new_cover(request: pb.SetCoverRequest) -> NewCover:
    """Read who stands in for whom.

    Raises:
        DateInvalid: There is no such day (INVALID_ARGUMENT).
    """
    return NewCover(
        delegator=request.delegator_id,
        deputy=request.deputy_id,
        valid_from=day(
            request.valid_from_date, "valid_from_date", given=request.HasField("valid_from_date")
        ),
        valid_to=date_from_proto(request.valid_to_date, "valid_to_date"),
    )


def cover(value: Cover) -> pb.Cover:
    """Return a cover."""
    return pb.Cover(
        id=value.id,
        delegator_id=value.delegator,
        deputy_id=value.deputy,
        valid_from_date=date_to_proto(value.valid_from),
        valid_to_date=date_to_proto(value.valid_to),
        set_by_id=value.set_by,
        end_time=None if value.ended_at is None else timestamp_to_proto(value.ended_at),
    )


def override_right(value: OverrideRight, *, set_by: str) -> pb.OverrideRight:
    """Return whether an officer may override."""
    return pb.OverrideRight(
        id=value.id, officer_id=value.officer, allowed=value.allowed, set_by_id=set_by
    )


def after_check(value: AfterCheck) -> pb.AfterCheck:
    """Return a check."""
    return pb.AfterCheck(
        decision_id=value.decision_id,
        purchase_id=value.purchase_id,
        decide_time=timestamp_to_proto(value.decided_at),
        found_right=value.found_right,
        checked_by_id=value.checked_by,
        reason=value.reason,
        check_time=None if value.checked_at is None else timestamp_to_proto(value.checked_at),
    )
