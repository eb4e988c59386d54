"""The state machine: what may follow what, and where the money is afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.fund.domain import amending, returning, steps
from services.fund.domain.amending import Planned
from services.fund.domain.purchase import STEPS, Action, Purchase, State
from services.fund.domain.returning import Voucher
from services.fund.domain.steps import Step
from services.fund.errors import (
    ApprovalAboveRequest,
    DateOutOfRange,
    DeliveryAboveCommitment,
    InvoiceAboveCommitment,
    MoneyAlreadyUsed,
    ReceivedNotInvoiced,
    WrongState,
)
from tests.fund.values import NEED, NOW, TODAY, make_payer, make_purchase, make_share

UNDERWAY = (State.ORDERED, State.DELIVERED)
AMENDABLE = (State.SUBMITTED, State.QUERIED, State.APPROVED)
PLANNED = Planned((make_payer("pot-1"),), NEED, "budget-1")
VOUCHER = Voucher(
    id="v", tenant="E06000050", purchase_id="p", number="1", amount=0, expires_on=TODAY
)
TAKE: dict[Action, Callable[[Purchase], Step]] = {
    Action.QUERIED: lambda purchase: steps.plain(purchase, Action.QUERIED),
    Action.ANSWERED: lambda purchase: steps.plain(purchase, Action.ANSWERED),
    Action.APPROVED: lambda purchase: steps.approve(purchase, None, "officer", at=NOW),
    Action.DECLINED: lambda purchase: steps.give_back(purchase, Action.DECLINED),
    Action.WITHDRAWN: lambda purchase: steps.give_back(purchase, Action.WITHDRAWN),
    Action.ORDERED: lambda purchase: steps.plain(purchase, Action.ORDERED),
    Action.DELIVERED: lambda purchase: steps.deliver(purchase, None, TODAY),
    Action.INVOICED: lambda purchase: steps.invoice(purchase, 1000),
    Action.DISPUTED: lambda purchase: steps.plain(purchase, Action.DISPUTED),
    Action.RETURNED: lambda purchase: steps.plain(purchase, Action.RETURNED),
    Action.PAID: lambda purchase: steps.plain(purchase, Action.PAID),
    Action.CLOSED: steps.close,
    Action.CANCELLED: steps.cancel,
    Action.RECOMMENDED: lambda purchase: steps.plain(purchase, Action.RECOMMENDED),
    Action.ENDORSED: lambda purchase: steps.plain(purchase, Action.ENDORSED),
    Action.AMENDED: lambda purchase: amending.amend(purchase, purchase, PLANNED),
    Action.UPLIFTED: lambda purchase: amending.uplift(purchase, 100, PLANNED),
    Action.EXPIRED: lambda purchase: steps.give_back(purchase, Action.EXPIRED),
    Action.CREDITED: lambda purchase: returning.credit(purchase, 0, returning.Spent())[0],
    Action.REFUNDED: lambda purchase: returning.refund(purchase, 0),
    Action.ISSUED: lambda purchase: returning.issue(purchase, 100),
    Action.REDEEMED: lambda purchase: returning.redeem(purchase, VOUCHER, 0, today=TODAY),
    Action.LAPSED: lambda purchase: returning.lapse(purchase, VOUCHER),
    Action.WRITTEN_OFF: lambda purchase: steps.plain(purchase, Action.WRITTEN_OFF),
    Action.ACCRUED: lambda purchase: steps.plain(purchase, Action.ACCRUED),
    Action.CARRIED: lambda purchase: steps.plain(purchase, Action.CARRIED),
    Action.RELEASED: lambda purchase: steps.plain(purchase, Action.RELEASED),
}
ALLOWED = {
    (State.SUBMITTED, Action.QUERIED): State.QUERIED,
    (State.SUBMITTED, Action.APPROVED): State.APPROVED,
    (State.SUBMITTED, Action.DECLINED): State.DECLINED,
    (State.SUBMITTED, Action.WITHDRAWN): State.WITHDRAWN,
    (State.QUERIED, Action.ANSWERED): State.SUBMITTED,
    (State.QUERIED, Action.DECLINED): State.DECLINED,
    (State.QUERIED, Action.WITHDRAWN): State.WITHDRAWN,
    (State.APPROVED, Action.ORDERED): State.ORDERED,
    (State.APPROVED, Action.CANCELLED): State.CANCELLED,
    (State.ORDERED, Action.DELIVERED): State.DELIVERED,
    (State.ORDERED, Action.INVOICED): State.ORDERED,
    (State.ORDERED, Action.CLOSED): State.CLOSED,
    (State.ORDERED, Action.CANCELLED): State.CANCELLED,
    (State.DELIVERED, Action.DELIVERED): State.DELIVERED,
    (State.DELIVERED, Action.INVOICED): State.DELIVERED,
    (State.SUBMITTED, Action.RECOMMENDED): State.SUBMITTED,
    **{(state, Action.ENDORSED): state for state in (State.SUBMITTED, State.APPROVED, *UNDERWAY)},
    **{(state, Action.DISPUTED): state for state in UNDERWAY},
    **{(state, Action.RETURNED): state for state in (*UNDERWAY, State.CLOSED, State.CANCELLED)},
    **dict.fromkeys(((state, Action.AMENDED) for state in AMENDABLE), State.SUBMITTED),
    **{(state, Action.UPLIFTED): state for state in (State.APPROVED, *UNDERWAY)},
    (State.SUBMITTED, Action.EXPIRED): State.EXPIRED,
    (State.QUERIED, Action.EXPIRED): State.EXPIRED,
    **{
        (state, action): state
        for state in (*UNDERWAY, State.CLOSED)
        for action in (Action.CREDITED, Action.REFUNDED, Action.PAID)
    },
    **{
        (state, action): state
        for state in UNDERWAY
        for action in (Action.ISSUED, Action.REDEEMED, Action.LAPSED, Action.ACCRUED)
    },
    **{(state, Action.WRITTEN_OFF): state for state in (*UNDERWAY, State.CLOSED)},
    **{(state, Action.CARRIED): state for state in (*AMENDABLE, *UNDERWAY, State.CLOSED)},
    **{(state, Action.RELEASED): state for state in (State.APPROVED, *UNDERWAY)},
}


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [pytest.param(*pair, after, id=f"{pair[0]}-{pair[1]}") for pair, after in ALLOWED.items()],
)
def test_a_step_that_may_happen_leads_where_the_table_says(
    state: State, action: Action, after: State
) -> None:
    step = TAKE[action](make_purchase(state))

    assert step.after.state is after
    assert step.after.version == step.before.version + 1


@pytest.mark.parametrize(
    ("state", "action"),
    [
        pytest.param(state, action, id=f"{state}-{action}")
        for state in State
        for action in STEPS
        if (state, action) not in ALLOWED and (state, action) != (State.DELIVERED, Action.CLOSED)
    ],
)
def test_every_other_step_is_refused_and_names_state_and_action(
    state: State, action: Action
) -> None:
    with pytest.raises(WrongState) as refused:
        TAKE[action](make_purchase(state))

    assert refused.value.metadata == {"state": state, "action": action}


def test_a_part_approval_commits_the_part_and_gives_the_rest_back() -> None:
    step = steps.approve(make_purchase(), 3000, "officer", at=NOW)

    assert step.after.money.committed == 3000
    assert step.after.money.available == 2000
    assert [kind for kind, _ in step.postings] == ["release", "commit"]


def test_what_is_given_back_goes_to_the_last_place_of_the_plan_first() -> None:
    shares = (make_share(1, reserved=3000), make_share(2, reserved=2000))

    step = steps.approve(make_purchase(shares=shares), 3500, "officer", at=NOW)

    assert [share.figures.available for share in step.after.shares] == [0, 1500]
    assert [share.figures.committed for share in step.after.shares] == [3000, 500]


def test_an_invoice_takes_what_was_received_before_what_is_on_order() -> None:
    step = steps.invoice(make_purchase(State.DELIVERED), 3500)

    assert step.after.money.spent == 3500
    assert step.after.money.received == 0
    assert step.after.money.committed == 1500


def test_closing_gives_back_what_is_still_on_order() -> None:
    delivered = make_purchase(State.DELIVERED, shares=(make_share(committed=500, spent=4500),))

    step = steps.close(delivered)

    assert step.after.money.available == 500
    assert step.after.money.spent == 4500


def test_the_first_delivery_day_stays_the_earliest() -> None:
    ordered = make_purchase(State.ORDERED)

    first = steps.deliver(ordered, 1000, TODAY).after
    second = steps.deliver(first, 1000, TODAY - timedelta(days=3)).after

    assert second.first_delivered_on == TODAY - timedelta(days=3)


@pytest.mark.parametrize(
    ("refusal", "take"),
    [
        pytest.param(
            ApprovalAboveRequest,
            lambda: steps.approve(make_purchase(), 5001, "officer", at=NOW),
            id="approving more than was asked",
        ),
        pytest.param(
            DeliveryAboveCommitment,
            lambda: steps.deliver(make_purchase(State.ORDERED), 5001, TODAY),
            id="receiving more than was ordered",
        ),
        pytest.param(
            DeliveryAboveCommitment,
            lambda: steps.deliver(
                make_purchase(State.DELIVERED, shares=(make_share(received=5000),)), None, TODAY
            ),
            id="receiving when nothing is on order",
        ),
        pytest.param(
            InvoiceAboveCommitment,
            lambda: steps.invoice(make_purchase(State.DELIVERED), 5001),
            id="an invoice above the order",
        ),
        pytest.param(
            ReceivedNotInvoiced,
            lambda: steps.close(make_purchase(State.DELIVERED)),
            id="closing before the invoice",
        ),
        pytest.param(
            MoneyAlreadyUsed,
            lambda: steps.cancel(
                make_purchase(State.ORDERED, shares=(make_share(committed=1, spent=1),))
            ),
            id="cancelling after an invoice",
        ),
        pytest.param(
            DateOutOfRange,
            lambda: steps.check_day(
                TODAY + timedelta(days=1), today=TODAY, not_before=TODAY, field="delivered_date"
            ),
            id="a delivery tomorrow",
        ),
    ],
)
def test_a_guard_of_the_posting_table_refuses(
    refusal: type[Exception], take: Callable[[], Step]
) -> None:
    with pytest.raises(refusal):
        take()
