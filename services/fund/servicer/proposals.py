"""ProposalsService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import money_rules_pb2 as rules_pb
from localresponse.fund.v1 import proposal_requests_pb2 as requests_pb
from localresponse.fund.v1 import proposals_service_pb2 as pb
from localresponse.fund.v1.proposals_service_pb2_grpc import ProposalsServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.access import ACTIONS
from services.fund.commands import proposing as commands
from services.fund.mapping import proposals as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import proposals
from services.fund.wire.names import PROPOSAL_STATES


class Proposals(ProposalsServiceServicer):
    """What one officer proposes and another confirms."""

    def __init__(self, commands_: Commands, database: Database, pages: Pages) -> None:
        self._commands = commands_
        self._database = database
        self._pages = pages

    async def ProposeVirement(
        self, request: requests_pb.ProposeVirementRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.virement(request))

    async def ProposeAllocation(
        self, request: requests_pb.ProposeAllocationRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.allocation(request))

    async def ProposeBudget(
        self, request: requests_pb.ProposeBudgetRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.new_budget(request))

    async def ProposeReturn(
        self, request: requests_pb.ProposeReturnRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.handing_back(request))

    async def ProposeWriteOff(
        self, request: requests_pb.ProposeWriteOffRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.write_off(request))

    async def ProposeReversal(
        self, request: requests_pb.ProposeReversalRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.reversal(request))

    async def ProposeReopening(
        self, request: requests_pb.ProposeReopeningRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.reopening(request))

    async def ProposeMoneyRules(
        self, request: requests_pb.ProposeMoneyRulesRequest, context: Any
    ) -> pb.Proposal:
        return await self._propose(request, mapping.rules_draft(request))

    async def GetMoneyRules(
        self, request: pb.GetMoneyRulesRequest, context: Any
    ) -> rules_pb.MoneyRules:
        who = caller()
        require(ACTIONS, who, "proposal.read", Resource(who.tenant))
        return await self._database.read(
            lambda connection: mapping.rules(proposals.rules(connection, who.tenant))
        )

    async def GetProposal(self, request: pb.GetProposalRequest, context: Any) -> pb.Proposal:
        who = caller()
        require(ACTIONS, who, "proposal.read", Resource(who.tenant))
        return await self._database.read(
            lambda connection: mapping.proposal(
                proposals.get(connection, who.tenant, request.proposal_id)
            )
        )

    async def ListProposals(
        self, request: pb.ListProposalsRequest, context: Any
    ) -> pb.ListProposalsResponse:
        who = caller()
        require(ACTIONS, who, "proposal.read", Resource(who.tenant))
        state = PROPOSAL_STATES.read(request.state) if request.state else None
        found, token = await self._pages.read(
            request,
            lambda connection, cut: proposals.page(connection, who.tenant, cut, state),
            lambda proposal: proposal.id,
        )
        return pb.ListProposalsResponse(
            proposals=[mapping.proposal(each) for each in found], next_page_token=token
        )

    async def ConfirmProposal(
        self, request: pb.ConfirmProposalRequest, context: Any
    ) -> pb.Proposal:
        return await self._commands.run(
            request,
            pb.Proposal,
            lambda work: mapping.proposal(commands.confirm(work, request.proposal_id)),
        )

    async def RejectProposal(self, request: pb.RejectProposalRequest, context: Any) -> pb.Proposal:
        return await self._commands.run(
            request,
            pb.Proposal,
            lambda work: mapping.proposal(commands.reject(work, request.proposal_id)),
        )

    async def _propose(self, request: Any, draft: commands.Draft) -> pb.Proposal:
        return await self._commands.run(
            request, pb.Proposal, lambda work: mapping.proposal(commands.propose(work, draft))
        )
