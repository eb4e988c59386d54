from __future__ import annotations

import pytest
from google.type.money_pb2 import Money as MoneyMessage
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import refunds_service_pb2 as pb

from gateway.pages.forms import Form
from gateway.pages.rendering import ENVIRONMENT
from gateway.pages.steps_ahead import returning
from services.chassis.money import Money
from services.chassis.wire import money_to_proto
from tests.gateway.pages.journeys import date_of

ID, DISPUTED, PAID = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
NOTE = {
    "covers": "charged",
    "credit_note_number": " CN-9 ",
    **date_of("credited", "20", "7", "2026"),
    "net": "40",
    "vat": "8",
    "recovery": "no",
}
CAME = {"reference": "BACS 7", "amount": "30", **date_of("received", "21", "7", "2026")}


def pounds(amount: int) -> MoneyMessage:
    return money_to_proto(Money(amount * 100))


def purchase(**facts: int) -> types.Purchase:
    """A request with £100 spent, £48 due, one invoice charged and one of £60 in dispute."""
    made = types.Purchase(id=ID, etag="7", state=types.PURCHASE_STATE_ORDERED)
    made.money.spent.CopyFrom(pounds(100))
    made.money.refund_due.CopyFrom(pounds(48))
    for invoice_id, number, state in (
        (PAID, "A-1", types.INVOICE_STATE_CHARGED),
        (DISPUTED, "A-2", types.INVOICE_STATE_DISPUTED),
    ):
        made.invoices.add(id=invoice_id, number=number, net=pounds(50), vat=pounds(10), state=state)
    for action, amount in facts.items():
        made.timeline.add(action=action, amount=pounds(amount))
    return made


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        pytest.param({"covers": ""}, {"covers"}, id="for nothing"),
        pytest.param({"covers": "another's"}, {"covers"}, id="for no invoice"),
        pytest.param({"credit_note_number": " "}, {"credit_note_number"}, id="no number"),
        pytest.param({"credited-month": "13"}, {"credited-day"}, id="no such day"),
        pytest.param({"net": "0"}, {"net"}, id="for no money"),
        pytest.param({"vat": "x", "recovery": "yes"}, {"vat"}, id="VAT is no amount"),
        pytest.param({"recovery": ""}, {"recovery"}, id="VAT, not who has it"),
        pytest.param({"recovery": "", "vat": "0"}, set(), id="no VAT"),
        pytest.param({"recovery": "", "covers": DISPUTED}, set(), id="the invoice knows"),
    ],
)
def test_what_is_wrong_with_a_credit_note_is_named_beside_its_field(
    given: dict[str, str], faults: set[str]
) -> None:
    form = Form({**NOTE, **given})

    returning.read_credit(form, purchase())

    assert {fault.field for fault in form.errors} == faults


def test_a_credit_note_becomes_its_command_with_the_id_and_etag_of_the_page() -> None:
    form = Form({**NOTE, "request_id": PAID, "etag": "5"})

    command = returning.read_credit(form, purchase())

    request = command.request
    assert isinstance(request, pb.RecordCreditNoteRequest)
    assert (command.service, command.rpc) == ("refunds", "RecordCreditNote")
    assert (request.request_id, request.etag, request.purchase_id) == (PAID, "5", ID)
    assert (request.credit_note_number, request.invoice_id) == ("CN-9", "")
    assert (request.net, request.vat) == (pounds(40), pounds(8))
    assert request.vat_recovery == types.VAT_RECOVERY_NO


@pytest.mark.parametrize(
    ("given", "then"),
    [
        pytest.param({}, "£48.00 more is due back until the refund comes", id="VAT was paid"),
        pytest.param(
            {"recovery": "yes"}, "£40.00 more is due back until the refund comes", id="VAT came"
        ),
        pytest.param(
            {"covers": DISPUTED},
            "£10.00 without VAT and £2.00 VAT stay in dispute, and nothing is due back",
            id="a part of a dispute",
        ),
        pytest.param(
            {"covers": DISPUTED, "net": "50", "vat": "10"},
            "The whole invoice is taken back: nothing is charged and the dispute ends",
            id="the whole of a dispute",
        ),
    ],
)
def test_a_credit_note_says_what_it_will_do(given: dict[str, str], then: str) -> None:
    rows = dict(returning.credit_rows(Form({**NOTE, **given}), purchase()))

    assert (rows["Credit note"], rows["Date on it"], rows["Then"]) == (
        "CN-9",
        "20 July 2026",
        then,
    )


def test_a_refund_is_read_whole_and_says_what_is_due_after_it() -> None:
    empty, form = Form({}), Form(CAME)

    returning.read_refund(empty, purchase())
    command = returning.read_refund(form, purchase())
    rows = dict(returning.refund_rows(form, purchase()))

    assert [fault.field for fault in empty.errors] == ["reference", "amount", "received-day"]
    assert isinstance(command.request, pb.RecordRefundRequest)
    assert command.request.amount == pounds(30)
    assert (rows["Arrived"], rows["Due then"]) == ("21 July 2026", "£18.00")


def test_a_refund_is_offered_while_money_may_come() -> None:
    settled = purchase(credited=48, refunded=40)
    settled.money.written_off.CopyFrom(pounds(8))
    settled.money.ClearField("refund_due")
    closed_year = purchase(credited=48, refunded=40)
    closed_year.money.ClearField("refund_due")
    nothing = types.Purchase()

    assert returning.may_be_refunded(purchase())
    assert returning.may_be_refunded(closed_year)
    assert not returning.may_be_refunded(settled)
    assert (returning.may_be_credited(nothing), returning.may_be_credited(settled)) == (False, True)


def test_a_credit_note_for_one_thing_asks_for_no_choice_and_no_vat_that_is_known() -> None:
    disputed = purchase()
    disputed.money.ClearField("spent")

    pages = [
        ENVIRONMENT.get_template("purchase/credit.html").render(
            purchase=one,
            credit_items=returning.credit_items(one),
            step={"title": "Record a credit note"},
            values={},
            error_of={},
            errors=(),
        )
        for one in (disputed, purchase())
    ]

    assert f'type="hidden" name="covers" value="{DISPUTED}"' in pages[0]
    assert 'name="recovery"' not in pages[0]
    assert "Invoice A-2, in dispute" in pages[1]
    assert "A-1" not in pages[1]
    assert pages[1].count('type="radio"') == 4
