"""ApprovalPoliciesService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import approval_policies_service_pb2 as pb
from localresponse.fund.v1.approval_policies_service_pb2_grpc import (
    ApprovalPoliciesServiceServicer,
)

from services.chassis.auth import Resource, caller, require
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.chassis.wire import timestamp_to_proto
from services.fund.access import ACTIONS
from services.fund.commands import by_rule
from services.fund.commands import policies as commands
from services.fund.mapping import policies as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import after_checks, deciders, policies
from services.fund.storage.after_checks import AfterCheck


@dataclass(frozen=True, slots=True)
class Policies(ApprovalPoliciesServiceServicer):
    """The rules that approvals are decided under."""

    commands: Commands
    database: Database
    pages: Pages

    async def ProposeApprovalPolicy(
        self, request: pb.ProposeApprovalPolicyRequest, context: Any
    ) -> pb.ApprovalPolicyProposal:
        policy = mapping.rules(request.rules)
        return await self.commands.run(
            request,
            pb.ApprovalPolicyProposal,
            lambda work: mapping.proposal(commands.propose(work, policy, request.reason)),
        )

    async def ConfirmApprovalPolicy(
        self, request: pb.ConfirmApprovalPolicyRequest, context: Any
    ) -> pb.ApprovalPolicy:
        return await self.commands.run(
            request,
            pb.ApprovalPolicy,
            lambda work: mapping.version(commands.confirm(work, request.proposal_id)),
        )

    async def GetApprovalPolicy(
        self, request: pb.GetApprovalPolicyRequest, context: Any
    ) -> pb.ApprovalPolicy:
        who = caller()
        require(ACTIONS, who, "policy.read", Resource(who.tenant))
        return await self.database.read(
            lambda connection: mapping.version(policies.version_in_force(connection, who.tenant))
        )

    async def SetCover(self, request: pb.SetCoverRequest, context: Any) -> pb.Cover:
        new = mapping.new_cover(request)
        return await self.commands.run(
            request, pb.Cover, lambda work: mapping.cover(commands.set_cover(work, new))
        )

    async def EndCover(self, request: pb.EndCoverRequest, context: Any) -> pb.Cover:
        return await self.commands.run(
            request,
            pb.Cover,
            lambda work: mapping.cover(commands.end_cover(work, request.cover_id)),
        )

    async def ListCovers(
        self, request: pb.ListCoversRequest, context: Any
    ) -> pb.ListCoversResponse:
        who = caller()
        require(ACTIONS, who, "policy.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: deciders.covers_page(connection, who.tenant, cut),
            lambda cover: cover.id,
        )
        return pb.ListCoversResponse(
            covers=[mapping.cover(each) for each in found], next_page_token=token
        )

    async def SetOverrideRight(
        self, request: pb.SetOverrideRightRequest, context: Any
    ) -> pb.OverrideRight:
        def write(work: UnitOfWork) -> pb.OverrideRight:
            right = commands.set_override(work, request.officer_id, allowed=request.allowed)
            message = mapping.override_right(right, set_by=work.caller.subject)
            message.create_time.CopyFrom(timestamp_to_proto(work.at))
            return message

        return await self.commands.run(request, pb.OverrideRight, write)

    async def ListAfterChecks(
        self, request: pb.ListAfterChecksRequest, context: Any
    ) -> pb.ListAfterChecksResponse:
        who = caller()
        require(ACTIONS, who, "after_check.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: after_checks.page(
                connection, who.tenant, cut, waiting=request.waiting
            ),
            lambda check: check.decision_id,
        )
        return pb.ListAfterChecksResponse(
            after_checks=[mapping.after_check(each) for each in found], next_page_token=token
        )

    async def RecordAfterCheck(
        self, request: pb.RecordAfterCheckRequest, context: Any
    ) -> pb.AfterCheck:
        def write(work: UnitOfWork) -> pb.AfterCheck:
            found = AfterCheck(
                decision_id=request.decision_id,
                purchase_id="",
                requester="",
                decided_at=work.at,
                found_right=request.found_right,
                reason=request.reason,
            )
            return mapping.after_check(by_rule.check_afterwards(work, found))

        return await self.commands.run(request, pb.AfterCheck, write)
