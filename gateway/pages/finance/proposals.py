"""What one officer proposed: the list, one of them, and a second officer's word on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localresponse.fund.v1 import proposals_service_pb2 as pb
from localresponse.fund.v1.money_rules_pb2 import MoneyRules
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.finance import reading
from gateway.pages.finance.sending import sent
from gateway.pages.finance.words import PROPOSAL_STATES, PROPOSALS
from gateway.pages.forms import Form
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.ids import new_id

ON_A_PAGE = 50
Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Names:
    """What budgets and sources are called, by id."""

    budgets: Mapping[str, str]
    sources: Mapping[str, str]

    @classmethod
    async def of(cls, site: Site, visit: Visit) -> Names:
        """Read them."""
        return cls(
            {one.id: one.name for one in await reading.budgets(site, visit)},
            {one.id: one.name for one in await reading.sources(site, visit)},
        )

    def about(self, proposal: pb.Proposal) -> str:
        """Return what a proposal is about, in a few words."""
        source = self.sources.get(proposal.source_id, "")
        budget = proposal.budget.name or self.budgets.get(proposal.budget_id, "")
        target = self.budgets.get(proposal.target_budget_id, "")
        year = f"year {proposal.period.start_year}" if proposal.HasField("period") else ""
        told = f"{budget} to {target}" if target else budget
        return ", ".join(filter(None, (source, told, year)))


class ProposalPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, and one proposal with the form that decides it."""
        page, one = self._site.page, "/proposals/{proposal_id:uuid}"
        return [
            Route("/proposals", page(self.index, roles=SEES_BUDGETS)),
            Route(one, page(self.show, roles=SEES_BUDGETS)),
            Route(one, page(self.decide, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show what waits for a second officer, or everything that was ever proposed."""
        everything = request.query_params.get("show") == "all"
        asked = pb.ListProposalsRequest(
            state=pb.PROPOSAL_STATE_UNSPECIFIED if everything else pb.PROPOSAL_STATE_WAITING,
            page_size=ON_A_PAGE,
            page_token=request.query_params.get("after", ""),
        )
        answer = await ask(visit, self._site.services.proposals.ListProposals, asked)
        names = await Names.of(self._site, visit)
        return self._site.show(
            "finance/proposals.html",
            visit,
            title="Proposals",
            here="/finance",
            back="/finance",
            wide=True,
            proposals=[(one, names.about(one)) for one in answer.proposals],
            after=answer.next_page_token,
            everything=everything,
            kinds=PROPOSALS,
            states=PROPOSAL_STATES,
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show one, and to a second officer what to say to it."""
        return await self._show(request, visit, Form({"request_id": new_id()}))

    async def decide(self, request: Request, visit: Visit) -> Response:
        """Confirm it, which does it at once, or reject it; who proposed may take it back."""
        form = await self._site.form(request, visit)
        missing = "Select what you decide"
        decision = form.choice("decision", ("confirm", "reject"), missing=missing)
        if form.errors:
            return await self._show(request, visit, form)
        proposal_id = str(request.path_params["proposal_id"])
        request_id, stub = form.values.get("request_id", ""), self._site.services.proposals
        if decision == "confirm":
            confirmed = pb.ConfirmProposalRequest(request_id=request_id, proposal_id=proposal_id)
            done = await sent(visit, stub.ConfirmProposal, confirmed, form=form)
        else:
            rejected = pb.RejectProposalRequest(request_id=request_id, proposal_id=proposal_id)
            done = await sent(visit, stub.RejectProposal, rejected, form=form)
        if done is None:
            return await self._show(request, visit, form)
        return see(f"/proposals/{proposal_id}?done={decision}")

    async def _show(self, request: Request, visit: Visit, form: Form) -> Response:
        asked = pb.GetProposalRequest(proposal_id=str(request.path_params["proposal_id"]))
        proposal = await ask(visit, self._site.services.proposals.GetProposal, asked)
        waits = proposal.state == pb.PROPOSAL_STATE_WAITING
        return self._site.show(
            "finance/proposal.html",
            visit,
            errors=form.errors,
            title=PROPOSALS.get(proposal.kind, "Proposal"),
            here="/finance",
            back="/proposals",
            proposal=proposal,
            rows=_rows(proposal, await Names.of(self._site, visit)),
            states=PROPOSAL_STATES,
            mine=proposal.proposer_id == visit.subject,
            decides=waits and visit.is_one_of(DECIDERS),
            values=form.values,
            done=request.query_params.get("done", ""),
        )


def _rows(proposal: pb.Proposal, names: Names) -> Rows:
    """Return what is proposed, a fact a line."""
    rows = [("What about", names.about(proposal))]
    if proposal.HasField("amount"):
        rows.append(("Amount", words.pounds(proposal.amount)))
    if proposal.HasField("rules"):
        rows.extend(_rule_rows(proposal.rules))
    return [(name, value) for name, value in rows if value]


def _rule_rows(rules: MoneyRules) -> Rows:
    """Return which sums would need a second officer."""
    allocations, returns = rules.HasField("allocation_above"), rules.HasField("return_above")
    return [
        ("Moves by two officers", f"Above {words.pounds(rules.virement_above)}"),
        (
            "Allocations by two officers",
            f"Above {words.pounds(rules.allocation_above)}" if allocations else "None",
        ),
        (
            "Hand-backs by two officers",
            f"Above {words.pounds(rules.return_above)}" if returns else "Every one",
        ),
        ("New budgets by two officers", "Every one" if rules.budget_by_two else "None"),
    ]
