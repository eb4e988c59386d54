"""Who is told of the fund's events; the text holds the reference and a link, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localresponse.fund.v1 import fund_events_pb2 as events

from services.notify.domain.audience import Audience, Holders, Person
from services.notify.rules.notice import Notice, Rule

OFFICER, MANAGER = "finance_officer", "programme_manager"


def _about(
    purchase: events.PurchaseSnapshot, template_id: str, audience: Audience
) -> Sequence[Notice]:
    return [
        Notice(
            template_id,
            audience,
            {"reference": purchase.reference},
            f"/purchases/{purchase.purchase_id}",
        )
    ]


def _requester(template_id: str) -> Rule:
    """Tell who asked for the purchase."""

    def rule(event: events.PurchaseApproved) -> Sequence[Notice]:
        return _about(event.purchase, template_id, Person(event.purchase.requester_id))

    return rule


def _officers(template_id: str) -> Rule:
    """Tell the finance officers, less the one who caused it."""

    def rule(event: events.PurchaseSubmitted) -> Sequence[Notice]:
        audience = Holders(OFFICER, but=event.purchase.actor_id)
        return _about(event.purchase, template_id, audience)

    return rule


def _threshold(event: events.BudgetThresholdCrossed) -> Sequence[Notice]:
    values = {"percent": str(event.threshold_percent)}
    link = f"/budgets/{event.budget_id}"
    return [Notice("budget_threshold", Holders(role), values, link) for role in (OFFICER, MANAGER)]


RULES: Mapping[str, Rule] = {
    "budget.threshold_crossed": _threshold,
    "purchase.submitted": _officers("purchase_submitted"),
    "purchase.queried": _requester("purchase_queried"),
    "purchase.answered": _officers("purchase_answered"),
    "purchase.approved": _requester("purchase_approved"),
    "purchase.declined": _requester("purchase_declined"),
    "purchase.withdrawn": _officers("purchase_withdrawn"),
    "purchase.ordered": _requester("purchase_ordered"),
    "purchase.delivered": _requester("purchase_delivered"),
    "purchase.cancelled": _requester("purchase_cancelled"),
    "purchase.closed": _requester("purchase_closed"),
}

SILENT: Mapping[str, str] = {
    "source.banked": "The officer who banks it sees it done, and nobody else has to act on it.",
    "budget.allocated": "The officer who allocates it sees it done; the budget's page shows it.",
    "purchase.invoiced": "The officer who records it sees it done; the requester hears when it is "
    "closed.",
}
