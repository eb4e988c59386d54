"""The fund's machine with sources whose terms change, and requests that state more or less."""
# ruff: noqa: FBT001  (Hypothesis passes every drawn value by name)

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from localresponse.fund.v1 import purchase_changes_service_pb2 as changes
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import sources_service_pb2 as pb

from tests.fund.machine import PENCE, PICK, TERMS, FundMachine, text
from tests.fund.world import MANAGER, OFFICER, PRACTITIONER, SCHOOL, pounds, rid, submission

BOUND: tuple[dict[str, Any], ...] = (
    {},
    {"year_groups": [3, 4]},
    {"areas": ["north"], "phases": [pb.PHASE_PRIMARY]},
    {"cohorts": ["autumn"], "most_per_child": pounds("40")},
    {"vat_treatment": pb.VAT_TREATMENT_NET},
    {"vat_treatment": pb.VAT_TREATMENT_GROSS},
)
STATED: tuple[dict[str, Any], ...] = ({}, {"year_groups": [3]}, {"cohort": "autumn"})
VAT = st.sampled_from([types.VAT_RECOVERY_YES, types.VAT_RECOVERY_NO])


class TermsMachine(FundMachine):
    """The same fund, whose restricted money pays or does not."""

    @rule(place=PICK, terms=st.sampled_from(BOUND))
    def set_terms(self, place: int, terms: dict[str, Any]) -> None:
        place %= len(self.sources)
        kept = {"carry_forward_rule": TERMS[place]["carry_forward_rule"]}
        request = pb.SetSourceTermsRequest(
            request_id=rid(),
            source_id=self.sources[place],
            terms=pb.SourceTerms(**kept, **terms),
        )
        self.do(self.world.call(OFFICER, "SetSourceTerms", request))

    @rule(areas=st.sampled_from([[], ["north"], ["south"]]), primary=st.booleans())
    def record_school(self, areas: list[str], primary: bool) -> None:
        phase = pb.SCHOOL_PHASE_PRIMARY if primary else pb.SCHOOL_PHASE_NOT_APPLICABLE
        request = pb.SetSchoolFactsRequest(
            request_id=rid(), school_urn=SCHOOL, phase=phase, areas=areas
        )
        self.do(self.world.call(MANAGER, "SetSchoolFacts", request))

    @rule(amount=PENCE, stated=st.sampled_from(STATED), vat=VAT)
    def submit_stated(self, amount: int, stated: dict[str, Any], vat: Any) -> None:
        asked = self._asked(amount, stated, vat)
        made = self.do(self.world.call(PRACTITIONER, "SubmitPurchase", asked))
        if made is not None:
            self.purchases.append(made.id)

    @rule(place=PICK, amount=PENCE, stated=st.sampled_from(STATED), vat=VAT)
    def amend(self, place: int, amount: int, stated: dict[str, Any], vat: Any) -> None:
        if self.purchases:
            request = changes.AmendPurchaseRequest(
                request_id=rid(),
                purchase_id=self.purchases[place % len(self.purchases)],
                reason="because",
                purchase=self._asked(amount, stated, vat),
            )
            self.do(self.world.call(PRACTITIONER, "AmendPurchase", request))

    def _asked(self, amount: int, stated: dict[str, Any], vat: Any) -> Any:
        line = types.PurchaseLine(
            description="shoes",
            quantity=1,
            unit_price=pounds(text(amount)),
            vat_rate_basis_points=2000,
            vat_recovery=vat,
        )
        return submission(lines=[line], **stated)
