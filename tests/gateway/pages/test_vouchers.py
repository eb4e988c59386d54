from __future__ import annotations

import pytest
from google.type.money_pb2 import Money as MoneyMessage
from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import proposal_requests_pb2
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import refunds_service_pb2 as pb

from gateway.pages.finance import moving
from gateway.pages.forms import Form
from gateway.pages.steps_ahead import vouchers
from services.chassis.money import Money
from services.chassis.wire import money_to_proto
from tests.gateway.pages.journeys import date_of

ID, NORTH, SOUTH, SOURCE = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3, 4))
VOUCHER = {"number": " V-1 ", "amount": "30", **date_of("expiry", "31", "12", "2026")}
MOVE = {"origin": f"{NORTH}/{SOURCE}", "target": SOUTH, "amount": "40", "reason": "More need."}


def pounds(amount: int) -> MoneyMessage:
    return money_to_proto(Money(amount * 100))


def purchase(**money: int) -> types.Purchase:
    made = types.Purchase(id=ID, state=types.PURCHASE_STATE_ORDERED)
    for bucket, amount in money.items():
        getattr(made.money, bucket).CopyFrom(pounds(amount))
    return made


def budgets() -> list[budgets_pb.Budget]:
    """Two budgets of the same year with £100 and nothing left, and a frozen one."""
    made = [
        budgets_pb.Budget(id=NORTH, name="North"),
        budgets_pb.Budget(id=SOUTH, name="South"),
        budgets_pb.Budget(id=ID, name="Old", frozen=True),
    ]
    for budget, left in zip(made, (100, 0, 7), strict=True):
        budget.period.start_year = 2026
        pot = budget.pots.add(source_id=SOURCE, source_name="Council")
        pot.figures.available.CopyFrom(pounds(left))
    return made


def test_a_voucher_is_read_whole_and_says_what_is_on_order_after_it() -> None:
    empty, form = Form({}), Form(VOUCHER)
    made = purchase(committed=50)

    vouchers.read_voucher(empty, made)
    command = vouchers.read_voucher(form, made)
    rows = dict(vouchers.voucher_rows(form, made))

    assert [fault.field for fault in empty.errors] == ["number", "amount", "expiry-day"]
    assert isinstance(command.request, pb.IssueVoucherRequest)
    assert (command.request.number, command.request.amount) == ("V-1", pounds(30))
    assert (rows["Last day"], rows["Then on order"]) == ("31 December 2026", "£20.00")
    assert [vouchers.has_order(one) for one in (made, purchase())] == [True, False]


def test_a_loss_is_proposed_of_what_is_due_or_handed_out() -> None:
    made = purchase(refund_due=20, issued=10)
    empty, form = Form({}), Form({"amount": "25", "reason": "Gone.", "request_id": SOUTH})

    vouchers.read_write_off(empty, made)
    command = vouchers.read_write_off(form, made)
    rows = dict(vouchers.write_off_rows(form, made))

    assert [fault.field for fault in empty.errors] == ["amount", "reason"]
    assert isinstance(command.request, proposal_requests_pb2.ProposeWriteOffRequest)
    assert (command.request.purchase_id, command.request.request_id) == (ID, SOUTH)
    assert (rows["Lost"], rows["Due back or handed out"]) == ("£25.00", "£30.00")
    assert [vouchers.may_lose(one) for one in (made, purchase(spent=5))] == [True, False]


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        pytest.param({"origin": f"{NORTH}/{ID}"}, {"origin"}, id="no such pot"),
        pytest.param({"target": ID[:-1] + "9"}, {"target"}, id="no such budget"),
        pytest.param({"target": NORTH}, {"target"}, id="the same budget"),
        pytest.param({"amount": "-1"}, {"amount"}, id="no amount"),
        pytest.param({"reason": ""}, {"reason"}, id="no reason"),
        pytest.param({}, set(), id="whole"),
    ],
)
def test_what_is_wrong_with_a_move_is_named_beside_its_field(
    given: dict[str, str], faults: set[str]
) -> None:
    form = Form({**MOVE, **given})

    moving.read(form, budgets())

    assert {fault.field for fault in form.errors} == faults


def test_a_move_offers_what_is_left_and_says_what_will_be() -> None:
    form, made = Form(MOVE), budgets()

    offered = [one.text for one in moving.origins(made).values()]
    rows = dict(moving.rows(form, made))
    request = moving.read(form, made)

    assert offered == ["North, 2026: Council, £100.00 left"]
    assert (rows["Goes to"], rows["Then left of it there"]) == ("South, 2026", "£60.00")
    assert (request.budget_id, request.source_id) == (NORTH, SOURCE)
