"""Who is told of the fund's events; the text holds the reference and a link, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localresponse.fund.v1 import fund_events_pb2 as events
from localresponse.fund.v1 import money_events_pb2 as money

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


def _managers(template_id: str) -> Rule:
    """Tell the programme managers of a purchase."""

    def rule(event: money.PurchaseWrittenOff) -> Sequence[Notice]:
        return _about(event.purchase, template_id, Holders(MANAGER))

    return rule


def _ran_out(event: events.PurchaseExpired) -> Sequence[Notice]:
    """Tell who asked why: nobody decided in time, or the year ended and the next has no room."""
    template_id = "purchase_expired_at_year_end" if event.at_year_end else "purchase_expired"
    return _about(event.purchase, template_id, Person(event.purchase.requester_id))


def _overridden(event: events.ApprovalOverridden) -> Sequence[Notice]:
    values, link = {"reference": event.reference}, f"/purchases/{event.purchase_id}"
    return [
        Notice("approval_overridden", Holders(role), values, link) for role in (MANAGER, "auditor")
    ]


def _expiring(event: money.SourceExpiring) -> Sequence[Notice]:
    last = event.spend_by_date
    values = {"on": f"{last.year:04}-{last.month:02}-{last.day:02}"}
    return [Notice("source_expiring", Holders(MANAGER), values, f"/sources/{event.source_id}")]


def _freeze(template_id: str) -> Rule:
    """Tell those who decide and those who answer for the money."""

    def rule(event: money.BudgetFrozen) -> Sequence[Notice]:
        link = f"/budgets/{event.budget_id}"
        return [Notice(template_id, Holders(role), {}, link) for role in (OFFICER, MANAGER)]

    return rule


def _period(event: money.PeriodMoved) -> Sequence[Notice]:
    link = f"/periods/{event.period_id}"
    return [Notice("period_moved", Holders(role), {}, link) for role in (OFFICER, MANAGER)]


def _threshold(event: events.BudgetThresholdCrossed) -> Sequence[Notice]:
    values = {"percent": str(event.threshold_percent)}
    link = f"/budgets/{event.budget_id}"
    return [Notice("budget_threshold", Holders(role), values, link) for role in (OFFICER, MANAGER)]


def _payee(template_id: str) -> Rule:
    """Tell the finance officers of payee details, less the one who caused it."""

    def rule(event: money.PayeeProposed) -> Sequence[Notice]:
        audience = Holders(OFFICER, but=event.officer_id)
        return [Notice(template_id, audience, {}, f"/suppliers/{event.supplier_id}")]

    return rule


RULES: Mapping[str, Rule] = {
    "budget.threshold_crossed": _threshold,
    "budget.frozen": _freeze("budget_frozen"),
    "budget.unfrozen": _freeze("budget_unfrozen"),
    "source.expiring": _expiring,
    "period.moved": _period,
    "payee.proposed": _payee("payee_proposed"),
    "payee.confirmed": _payee("payee_confirmed"),
    "payee.rejected": _payee("payee_rejected"),
    "approval.overridden": _overridden,
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
    "purchase.endorsed": _officers("purchase_endorsed"),
    "purchase.amended": _officers("purchase_amended"),
    "purchase.uplifted": _requester("purchase_uplifted"),
    "purchase.expired": _ran_out,
    "purchase.issued": _requester("voucher_issued"),
    "purchase.lapsed": _requester("voucher_lapsed"),
    "purchase.released": _requester("purchase_released"),
    "purchase.disputed": _officers("invoice_disputed"),
    "purchase.written_off": _managers("purchase_written_off"),
}

SILENT: Mapping[str, str] = {
    "source.banked": "The officer who banks it sees it done, and nobody else has to act on it.",
    "budget.allocated": "The officer who allocates it sees it done; the budget's page shows it.",
    "approval.overdue": "The ladder of overdue decisions begins with it and tells each step.",
    "source.terms_changed": "Who changes them sees it done; later requests follow them.",
    "source.returned": "Two officers hand money back and see it done; the source's page shows it.",
    "budget.vired": "Two officers move the money and see it done; both budgets show it.",
    "budget.carried": "It is a step of closing a year, which is told when the year has moved.",
    "ledger.reversed": "Two officers undo a journal and see it done; both journals show it.",
    "purchase.recommended": "Officers read it with the request when they decide.",
    "purchase.paid": "The council's finance system pays; the invoice shows the day.",
    "purchase.credited": "The officer who records a credit note sees it done; the page shows it.",
    "purchase.refunded": "The officer who records a refund sees it done; the page shows it.",
    "purchase.returned": "The officer who sends it back sees it done; the purchase shows it.",
    "purchase.redeemed": "The supplier reports it, and nobody has to act on it.",
    "purchase.carried": "It is a step of closing a year, which is told when the year has moved.",
    "purchase.accrued": "It is a step of closing a year, which is told when the year has moved.",
    "purchase.invoiced": "The officer who records it sees it done; the requester hears when it is "
    "closed.",
}
