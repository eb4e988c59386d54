from __future__ import annotations

import pytest
from google.type.money_pb2 import Money as MoneyMessage
from localresponse.fund.v1 import purchase_types_pb2 as types

from gateway.pages.forms import Form
from gateway.pages.rendering import ENVIRONMENT
from gateway.pages.steps_ahead import disputing
from services.chassis.money import Money
from services.chassis.wire import money_to_proto

FIRST, SECOND, SETTLED = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
GIVEN = {"invoice": FIRST, "resolution": "return", "reason": "Not ours."}


def pounds(amount: int) -> MoneyMessage:
    return money_to_proto(Money(amount * 100))


def purchase() -> types.Purchase:
    """A request with two invoices in dispute and one that was charged."""
    made = types.Purchase(id=FIRST, state=types.PURCHASE_STATE_ORDERED)
    for invoice_id, number, state in (
        (FIRST, "A-1", types.INVOICE_STATE_DISPUTED),
        (SECOND, "A-2", types.INVOICE_STATE_DISPUTED),
        (SETTLED, "A-3", types.INVOICE_STATE_CHARGED),
    ):
        made.invoices.add(id=invoice_id, number=number, cost=pounds(60), state=state)
    return made


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        pytest.param({"invoice": ""}, {"invoice"}, id="no invoice"),
        pytest.param({"invoice": "another's"}, {"invoice"}, id="no such invoice"),
        pytest.param({"resolution": "shred"}, {"resolution"}, id="no such end"),
        pytest.param({"resolution": "credit"}, {"credit_note_number"}, id="credit, no number"),
        pytest.param({"reason": " "}, {"reason"}, id="no reason"),
        pytest.param({}, set(), id="whole"),
    ],
)
def test_what_is_wrong_with_a_resolution_is_named_beside_its_field(
    given: dict[str, str], faults: set[str]
) -> None:
    form = Form({**GIVEN, **given})

    disputing.read_resolve(form, purchase())

    assert {fault.field for fault in form.errors} == faults


def test_a_resolution_says_what_is_charged_and_names_the_credit_note() -> None:
    credited = {**GIVEN, "resolution": "credit", "credit_note_number": " CN-9 "}

    rows = dict(disputing.resolution_rows(Form(credited), purchase()))
    accepted = dict(disputing.resolution_rows(Form({**GIVEN, "resolution": "accept"}), purchase()))

    assert (rows["Invoice"], rows["Credit note"], rows["Charged now"]) == ("A-1", "CN-9", "Nothing")
    assert accepted["Charged now"] == "£60.00 to the funders"


def test_what_is_approved_follows_decisions_uplifts_and_amendments() -> None:
    made = purchase()
    sums = []
    for action, amount in (("approved", 50), ("uplifted", 5), ("amended", 80), ("approved", 70)):
        made.timeline.add(action=action, amount=pounds(amount))
        sums.append(disputing.approved_so_far(made).minor)

    assert sums == [5_000, 5_500, 0, 7_000]


@pytest.mark.parametrize(
    ("state", "accepting"),
    [(types.PURCHASE_STATE_ORDERED, 1), (types.PURCHASE_STATE_CANCELLED, 0)],
)
def test_one_of_several_disputes_is_chosen_and_a_finished_request_takes_no_more_invoices(
    state: types.PurchaseState.ValueType, accepting: int
) -> None:
    made = purchase()
    made.state = state

    page = ENVIRONMENT.get_template("purchase/resolve.html").render(
        purchase=made,
        disputed=disputing.disputed(made),
        resolutions=disputing.RESOLUTIONS,
        step={"title": "Resolve an invoice"},
        values={},
        error_of={},
        errors=(),
    )

    assert "A-1, £60.00" in page
    assert "A-2, £60.00" in page
    assert "A-3" not in page
    assert page.count('value="accept"') == accepting
