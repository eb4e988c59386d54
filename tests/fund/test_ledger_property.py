"""Whatever is asked in whatever order, the books add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.fund.domain import steps
from services.fund.domain.apportionment import plan, reserving
from services.fund.domain.figures import Bucket, Figures
from services.fund.domain.ledger import PotMove, entries_of
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.steps import Step
from tests.fund.values import NEED, NOW, TODAY, make_payer, make_purchase

PENCE = st.integers(1, 6000)
TAKE: list[Callable[[Purchase, int], Step]] = [
    lambda purchase, _: steps.plain(purchase, Action.QUERIED),
    lambda purchase, _: steps.plain(purchase, Action.ANSWERED),
    lambda purchase, pence: steps.approve(purchase, pence, "officer", at=NOW),
    lambda purchase, _: steps.give_back(purchase, Action.DECLINED),
    lambda purchase, _: steps.give_back(purchase, Action.WITHDRAWN),
    lambda purchase, _: steps.plain(purchase, Action.ORDERED),
    lambda purchase, pence: steps.deliver(purchase, pence, TODAY),
    steps.invoice,
    lambda purchase, _: steps.close(purchase),
    lambda purchase, _: steps.cancel(purchase),
]


class Model:
    """Pots as plain numbers, moved by entries alone."""

    def __init__(self, available: dict[str, int]) -> None:
        self.given = dict(available)
        self.balances: dict[str, int] = defaultdict(int)
        for pot, pence in available.items():
            self.balances[f"pot:{pot}:available"] = pence

    def post(self, moves: tuple[PotMove, ...]) -> None:
        entries = entries_of(moves)
        assert sum(entry.amount_minor for entry in entries) == 0
        for entry in entries:
            self.balances[entry.account] += entry.amount_minor
        assert all(pence >= 0 for pence in self.balances.values())

    def figures(self, pot: str) -> Figures:
        return Figures(*(self.balances[f"pot:{pot}:{bucket}"] for bucket in Bucket))


@given(
    st.lists(PENCE, min_size=1, max_size=3),
    PENCE,
    st.lists(st.tuples(st.sampled_from(TAKE), PENCE), max_size=12),
)
def test_no_order_of_steps_makes_loses_or_moves_a_penny_between_pots(
    pots: list[int],
    cost: int,
    asked: list[tuple[Callable[[Purchase, int], Step], int]],
) -> None:
    payers = [make_payer(f"p{place}", pence) for place, pence in enumerate(pots)]
    model = Model({payer.pot.id: payer.pot.figures.available for payer in payers})
    try:
        shares = plan(payers, NEED, cost, budget_id="budget")
    except ServiceError:
        assert cost > sum(pots)
        return
    model.post(reserving(shares))
    purchase = make_purchase(shares=shares)

    for take, pence in asked:
        purchase = _taken(purchase, take, pence, model)

    assert purchase.money.total == cost
    for share in purchase.shares:
        pot, own = model.figures(share.pot_id), share.figures
        assert pot.total == model.given[share.pot_id]
        assert [pot.of(bucket) for bucket in list(Bucket)[1:]] == [
            own.of(bucket) for bucket in list(Bucket)[1:]
        ]


def _taken(
    purchase: Purchase, take: Callable[[Purchase, int], Step], pence: int, model: Model
) -> Purchase:
    try:
        step = take(purchase, pence)
    except ServiceError:
        return purchase
    for _, moves in step.postings:
        model.post(moves)
    return step.after
