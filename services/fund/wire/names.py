"""Enums of the contract and ours: the same names, so that neither list is written twice."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Generic, TypeVar

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import discussion_service_pb2 as discussion_pb
from localresponse.fund.v1 import fund_types_pb2 as types_pb
from localresponse.fund.v1 import periods_service_pb2 as periods_pb
from localresponse.fund.v1 import proposals_service_pb2 as proposals_pb
from localresponse.fund.v1 import purchase_changes_service_pb2 as changes_pb
from localresponse.fund.v1 import purchase_types_pb2 as purchase_pb
from localresponse.fund.v1 import sources_service_pb2 as sources_pb
from localresponse.fund.v1 import suppliers_service_pb2 as suppliers_pb

from services.fund.domain.budget import PeriodKind, Scope
from services.fund.domain.closing import YearEndStep
from services.fund.domain.disputes import InvoiceState, Resolution
from services.fund.domain.lines import VatRecovery
from services.fund.domain.papers import PaperKind
from services.fund.domain.payee import PayeeState
from services.fund.domain.periods import PeriodState
from services.fund.domain.proposal import ProposalKind, ProposalState
from services.fund.domain.purchase import Direction, State, Urgency
from services.fund.domain.source import SourceKind
from services.fund.domain.terms import CarryForward, Phase, SchoolPhase, VatTreatment

E = TypeVar("E", bound=StrEnum)


class Names(Generic[E]):
    """One enum in both forms.

    Args:
        ours: The domain's enum.
        theirs: The contract's enum.
        prefix: What its values' names begin with, `SOURCE_KIND_`.
        unspecified: What the zero value stands for; None when the contract refuses it.
    """

    def __init__(
        self, ours: type[E], theirs: Any, prefix: str, *, unspecified: E | None = None
    ) -> None:
        self._numbers = {member: theirs.Value(f"{prefix}{member.name}") for member in ours}
        self._members = {number: member for member, number in self._numbers.items()}
        if unspecified is not None:
            self._members[0] = unspecified

    def out(self, member: E) -> Any:
        """Return the contract's number."""
        return self._numbers[member]

    def read(self, number: int) -> E:
        """Return our member; the contract has refused every number that has none."""
        return self._members[number]


SOURCE_KINDS = Names(SourceKind, types_pb.SourceKind, "SOURCE_KIND_")
CARRY_FORWARD = Names(
    CarryForward,
    sources_pb.CarryForwardRule,
    "CARRY_FORWARD_RULE_",
    unspecified=CarryForward.ASK,
)
PHASES = Names(Phase, sources_pb.Phase, "PHASE_")
SCHOOL_PHASES = Names(SchoolPhase, sources_pb.SchoolPhase, "SCHOOL_PHASE_")
VAT_TREATMENTS = Names(
    VatTreatment, sources_pb.VatTreatment, "VAT_TREATMENT_", unspecified=VatTreatment.COST
)
SCOPES = Names(Scope, budgets_pb.BudgetScope, "BUDGET_SCOPE_")
PERIOD_KINDS = Names(PeriodKind, budgets_pb.PeriodKind, "PERIOD_KIND_")
STATES = Names(State, purchase_pb.PurchaseState, "PURCHASE_STATE_")
URGENCIES = Names(Urgency, purchase_pb.Urgency, "URGENCY_", unspecified=Urgency.TEN_DAYS)
DIRECTIONS = Names(Direction, purchase_pb.Direction, "DIRECTION_")
VAT_RECOVERY = Names(
    VatRecovery, purchase_pb.VatRecovery, "VAT_RECOVERY_", unspecified=VatRecovery.UNKNOWN
)
PROPOSAL_KINDS = Names(ProposalKind, proposals_pb.ProposalKind, "PROPOSAL_KIND_")
PROPOSAL_STATES = Names(ProposalState, proposals_pb.ProposalState, "PROPOSAL_STATE_")
PERIOD_STATES = Names(PeriodState, periods_pb.PeriodState, "PERIOD_STATE_")
YEAR_END_STEPS = Names(YearEndStep, periods_pb.YearEndStep, "YEAR_END_STEP_")
PAPER_KINDS = Names(PaperKind, discussion_pb.AttachmentKind, "ATTACHMENT_KIND_")
PAYEE_STATES = Names(PayeeState, suppliers_pb.PayeeChangeState, "PAYEE_CHANGE_STATE_")
INVOICE_STATES = Names(InvoiceState, purchase_pb.InvoiceState, "INVOICE_STATE_")
RESOLUTIONS = Names(Resolution, changes_pb.InvoiceResolution, "INVOICE_RESOLUTION_")
