"""Whatever officers and practitioners ask for, in whatever order, the books hold.

The rules go the whole way in: servicer, command, lane, database. What is refused is refused; the
invariants are asked of the database after every step, and of a small model beside it.
"""
# ruff: noqa: FBT001  (Hypothesis passes every drawn value by name)

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import payments_service_pb2 as payments
from localresponse.fund.v1 import purchase_changes_service_pb2 as changes
from localresponse.fund.v1 import refunds_service_pb2 as refunds
from localresponse.fund.v1 import sources_service_pb2 as sources
from localresponse.fund.v1.approval_policies_service_pb2 import ApprovalRung
from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.chassis.errors import ServiceError
from services.fund import verification
from services.fund.storage import tables
from tests.fund.approving import THIRD_OFFICER, in_force, uplift
from tests.fund.closing_world import (
    STEPS,
    YEAR,
    answered,
    close,
    confirm,
    propose,
    run,
    soft_close,
)
from tests.fund.test_payees import confirm as confirm_payee
from tests.fund.test_payees import propose as propose_payee
from tests.fund.test_payees import reject as reject_payee
from tests.fund.test_paying import answer as answer_file
from tests.fund.test_paying import answered as answered_file
from tests.fund.test_paying import create as create_file
from tests.fund.test_paying import with_payee
from tests.fund.walking import STAGES, came_back, supplier_of
from tests.fund.world import (
    LIAISON,
    OFFICER,
    OTHER_SCHOOL,
    PRACTITIONER,
    SCHOOL,
    SECOND_OFFICER,
    World,
    pence,
    pounds,
    rid,
    submission,
)
from tests.support.clock import FakeClock

PENCE = st.integers(1, 20_000)
PICK = st.integers(0, 50)
SELDOM = st.sampled_from([False, False, False, True])
TERMS: tuple[dict[str, Any], ...] = (
    {"carry_forward_rule": sources.CARRY_FORWARD_RULE_KEEP, "categories": ["uniform"]},
    {"carry_forward_rule": sources.CARRY_FORWARD_RULE_RETURN, "most_share_basis_points": 5000},
    {"carry_forward_rule": sources.CARRY_FORWARD_RULE_ASK},
)
STEP_NAMES = (
    "DeclinePurchase",
    "WithdrawPurchase",
    "OrderPurchase",
    "RecordDelivery",
    "ClosePurchase",
    "CancelPurchase",
    "QueryPurchase",
    "AnswerPurchase",
)


def text(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


class FundMachine(RuleBasedStateMachine):
    """One fund on one database, and how much of each source was banked.

    Attributes:
        make_url: Makes a fresh, migrated database.
        steps_taken, refused: Counts over all examples, printed at the end.
    """

    make_url: ClassVar[Callable[[], str]]
    steps_taken: ClassVar[int] = 0
    refused: ClassVar[dict[str, int]] = defaultdict(int)

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = World(type(self).make_url(), FakeClock())
        self.world.database.start()
        self.banked: dict[str, int] = defaultdict(int)
        self.purchases: list[str] = []
        self.proposals: list[Any] = []
        self.sent: list[tuple[Principal, Any, str]] = []
        self.number = 0
        self.supplier = ""
        self.disputed: list[tuple[str, str]] = []
        self.files: list[Any] = []

    def teardown(self) -> None:
        self.world.database.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def do(self, act: Coroutine[Any, Any, Any]) -> Any:
        """Return the answer, or None when it is refused; anything else fails the example.

        No two commands have the same moment: what came first is told by it.
        """
        type(self).steps_taken += 1
        self.world.clock.advance(seconds=1)
        try:
            return self.loop.run_until_complete(act)
        except ServiceError as error:
            type(self).refused[error.reason] += 1
            return None

    @initialize()
    def begin(self) -> None:
        world = self.world
        self.sources = [
            self.do(world.source(f"S{place}", "100", **terms)).id
            for place, terms in enumerate(TERMS)
        ]
        self.banked.update(dict.fromkeys(self.sources, 10_000))
        fund = self.do(world.budget(name="fund"))
        school = self.do(
            world.budget("SCHOOL", name="school", parent_id=fund.id, school_urns=[SCHOOL])
        )
        self.budgets = [fund.id, school.id]
        for officer in (OFFICER, SECOND_OFFICER, THIRD_OFFICER):
            self.do(world.limit(officer, "5000"))
        for source in self.sources:
            for budget in self.budgets:
                self.do(world.allocate(budget, source, "45"))
        self.do(with_payee(world))
        self.supplier = self.do(supplier_of(world))
        for stage, above in ((2, False), (3, False), (4, False), (4, True)):
            self._bring(1000, stage, above=above)

    @rule(place=PICK, amount=PENCE)
    def bank(self, place: int, amount: int) -> None:
        source = self.sources[place % len(self.sources)]
        self.number += 1
        if self.do(self.world.bank(source, text(amount), reference=f"again {self.number}")):
            self.banked[source] += amount

    @rule(place=PICK, budget=PICK, amount=PENCE)
    def allocate(self, place: int, budget: int, amount: int) -> None:
        source = self.sources[place % len(self.sources)]
        self.do(self.world.allocate(self.budgets[budget % 2], source, text(amount)))

    @rule(amount=PENCE, own=st.booleans(), category=st.sampled_from(["uniform", "travel"]))
    def submit(self, amount: int, own: bool, category: str) -> None:
        school = SCHOOL if own else OTHER_SCHOOL
        asked = submission(text(amount), school_urn=school, category=category)
        who = PRACTITIONER if own else LIAISON
        self.sent.append((who, asked, ""))
        made = self.do(self.world.call(who, "SubmitPurchase", asked))
        if made is not None:
            self.purchases.append(made.id)
            self.sent[-1] = (who, asked, made.id)

    @rule(place=PICK)
    def send_again(self, place: int) -> None:
        """A command that is sent again has the answer that it had, refused or not."""
        if self.sent:
            who, asked, made = self.sent[place % len(self.sent)]
            again = self.do(self.world.call(who, "SubmitPurchase", asked))
            assert (again.id if again else "") == made

    @rule(place=PICK, amount=PENCE, whole=st.booleans(), second=st.booleans())
    def approve(self, place: int, amount: int, whole: bool, second: bool) -> None:
        fields = {} if whole else {"approved_amount": self._money(amount)}
        self._step(place, "ApprovePurchase", SECOND_OFFICER if second else OFFICER, **fields)

    @rule(place=PICK, name=st.sampled_from(STEP_NAMES))
    def step(self, place: int, name: str) -> None:
        mine = name in {"WithdrawPurchase", "RecordDelivery", "AnswerPurchase"}
        fields = {} if name in {"OrderPurchase", "RecordDelivery"} else {"reason": "because"}
        self._step(place, name, PRACTITIONER if mine else OFFICER, **fields)

    @rule(amount=st.integers(100, 2000), stage=st.integers(2, len(STAGES)), above=SELDOM)
    def brought(self, amount: int, stage: int, above: bool) -> None:
        """The whole way to an order, a delivery, an invoice or the end: single steps seldom go."""
        self._bring(amount, stage, above=above)

    def _bring(self, amount: int, stage: int, *, above: bool) -> None:
        made = self.do(self.world.submit(text(amount)))
        if made is None:
            return
        self.purchases.append(made.id)
        self.number += 1
        paper = {"invoice_number": f"B {self.number}", "net": self._money(amount + 500 * above)}
        for who, name in STAGES[:stage]:
            fields = paper if name == "RecordInvoice" else {}
            seen = self.do(self.world.step(who, name, made.id, **fields))
            if seen is not None and seen.timeline[-1].action == "disputed":
                self.disputed.append((seen.id, seen.invoices[-1].id))

    @rule(place=PICK, amount=st.integers(1, 3000))
    def invoice(self, place: int, amount: int) -> None:
        self.number += 1
        paper = {"invoice_number": f"I {self.number}", "net": self._money(amount)}
        seen = self._step(place, "RecordInvoice", OFFICER, **paper)
        if seen is not None and seen.timeline[-1].action == "disputed":
            self.disputed.append((seen.id, seen.invoices[-1].id))

    @rule(place=PICK, how=st.sampled_from(changes.InvoiceResolution.values()[1:]))
    def resolve(self, place: int, how: Any) -> None:
        if self.disputed:
            self.number += 1
            purchase_id, invoice_id = self.disputed[place % len(self.disputed)]
            request = changes.ResolveInvoiceRequest(
                request_id=rid(),
                purchase_id=purchase_id,
                invoice_id=invoice_id,
                reason="because",
                resolution=how,
                credit_note_number=f"D {self.number}",
            )
            self.do(self.world.call(OFFICER, "ResolveInvoice", request))

    @rule(
        place=PICK,
        more=st.sampled_from(["1", "20", "40"]),
        who=st.sampled_from([OFFICER, SECOND_OFFICER, THIRD_OFFICER]),
    )
    def uplift(self, place: int, more: str, who: Principal) -> None:
        if self.purchases:
            purchase_id = self.purchases[place % len(self.purchases)]
            self.do(uplift(self.world, purchase_id, more, who))

    @rule(two=st.booleans())
    def rungs_change(self, two: bool) -> None:
        """From £30 on, two officers decide, or one."""
        rungs = [ApprovalRung(up_to=pounds("30"), approvers=1), ApprovalRung(approvers=1 + two)]
        self.do(in_force(self.world, rungs=rungs))

    @rule(stop=st.booleans(), same=st.booleans())
    def payee_changes(self, stop: bool, same: bool) -> None:
        change = self.do(propose_payee(self.world, self.supplier))
        who = OFFICER if same else SECOND_OFFICER
        if change and self.do(confirm_payee(self.world, change.id, who)) and stop:
            self.do(reject_payee(self.world, change.id))

    @rule(who=st.sampled_from([OFFICER, THIRD_OFFICER, THIRD_OFFICER]))
    def pay(self, who: Principal) -> None:
        file = self.do(create_file(self.world, who=who))
        if file is not None:
            self.files.append(file)

    @rule(place=PICK, taken_back=st.booleans())
    def end_file(self, place: int, taken_back: bool) -> None:
        if not self.files:
            return
        file = self.files[place % len(self.files)]
        if taken_back:
            request = payments.CancelPaymentFileRequest(request_id=rid(), payment_file_id=file.id)
            self.do(self.world.call(OFFICER, "CancelPaymentFile", request))
        else:
            amounts = [text(pence(line.amount)) for line in file.lines]
            self.do(answer_file(self.world, file, answered_file(self.world, file, *amounts)))

    @rule(place=PICK, amount=PENCE)
    def part_delivery(self, place: int, amount: int) -> None:
        self._step(place, "RecordDelivery", PRACTITIONER, amount=self._money(amount))

    @rule(place=PICK, amount=PENCE, name=st.sampled_from(["RecordCreditNote", "RecordRefund"]))
    def give_back(self, place: int, amount: int, name: str) -> None:
        self.number += 1
        if not self.purchases:
            return
        target: dict[str, Any] = {
            "request_id": rid(),
            "purchase_id": self.purchases[place % len(self.purchases)],
        }
        money = self._money(amount)
        request: Any = refunds.RecordRefundRequest(
            **target, reference=f"R {self.number}", amount=money
        )
        if name == "RecordCreditNote":
            request = refunds.RecordCreditNoteRequest(
                **target, reason="because", credit_note_number=f"C {self.number}", net=money
            )
        self.do(self.world.call(OFFICER, name, request))

    @rule(place=PICK, amount=PENCE, back=st.booleans())
    def vire(self, place: int, amount: int, back: bool) -> None:
        origin, target = self.budgets[::-1] if back else self.budgets
        fields: dict[str, Any] = {
            "budget_id": origin,
            "target_budget_id": target,
            "source_id": self.sources[place % len(self.sources)],
            "amount": text(amount * 9),
        }
        self._proposed(self.do(propose(self.world, "Virement", **fields)))

    @rule(place=PICK, amount=PENCE)
    def hand_back(self, place: int, amount: int) -> None:
        source = self.sources[place % len(self.sources)]
        fields: dict[str, Any] = {"source_id": source, "amount": text(amount * 9)}
        self._proposed(self.do(propose(self.world, "Return", **fields)))

    @rule(place=PICK, amount=PENCE)
    def write_off(self, place: int, amount: int) -> None:
        if self.purchases:
            purchase_id = self.purchases[place % len(self.purchases)]
            fields: dict[str, Any] = {"purchase_id": purchase_id, "amount": text(amount)}
            self._proposed(self.do(propose(self.world, "WriteOff", **fields)))

    @rule(place=PICK)
    def reverse(self, place: int) -> None:
        journals = self.loop.run_until_complete(self.world.journals())
        journal = journals[place % len(journals)]
        proposal = self.do(propose(self.world, "Reversal", journal_id=journal.id))
        done = proposal and self.do(confirm(self.world, proposal))
        if done and journal.kind == "bank":
            self.banked[journal.entries[0].source_id] -= sum(
                entry.amount_minor
                for entry in journal.entries
                if entry.account.endswith(":unallocated")
            )

    @rule(place=PICK, same=st.booleans())
    def confirm_one(self, place: int, same: bool) -> None:
        if self.proposals:
            proposal = self.proposals[place % len(self.proposals)]
            self.do(confirm(self.world, proposal, OFFICER if same else SECOND_OFFICER))

    @rule(frozen=SELDOM, budget=PICK)
    def freeze(self, frozen: bool, budget: int) -> None:
        name = "FreezeBudget" if frozen else "UnfreezeBudget"
        request = getattr(budgets, f"{name}Request")(
            request_id=rid(), budget_id=self.budgets[budget % 2], reason="because"
        )
        self.do(self.world.call(OFFICER, name, request))

    @rule(hours=st.integers(1, 300))
    def time_passes(self, hours: int) -> None:
        self.world.clock.advance(hours=hours)

    @rule(step=st.sampled_from(STEPS), keep=st.booleans())
    def year_end(self, step: str, keep: bool) -> None:
        self.do(answered(self.world, self.sources[2], "KEEP" if keep else "RETURN"))
        self.do(run(self.world, step))

    @rule(now=SELDOM, hard=st.booleans())
    def close_year(self, now: bool, hard: bool) -> None:
        if not now:
            return
        self.do(soft_close(self.world))
        if hard:
            for step in STEPS:
                self.do(run(self.world, step))
            self.do(close(self.world))

    @rule()
    def reopen(self) -> None:
        proposal = self.do(propose(self.world, "Reopening", period=YEAR))
        if proposal:
            self.do(confirm(self.world, proposal))

    @invariant()
    def the_books_hold(self) -> None:
        found = self.loop.run_until_complete(self.world.database.read(self._check))
        assert found == [], found

    def _check(self, connection: Connection) -> list[verification.Finding]:
        banked = connection.execute(select(tables.sources.c.id, tables.sources.c.banked)).all()
        came = came_back(connection)
        assert {row.id: row.banked - came[row.id] for row in banked} == dict(self.banked)
        return verification.verify(connection)

    def _step(self, place: int, name: str, who: Principal, **fields: Any) -> Any:
        mine = self.purchases and self.purchases[place % len(self.purchases)]
        return self.do(self.world.step(who, name, mine, **fields)) if mine else None

    def _proposed(self, proposal: Any) -> None:
        if proposal is not None:
            self.proposals.append(proposal)

    @staticmethod
    def _money(amount: int) -> Any:
        return pounds(text(amount))
