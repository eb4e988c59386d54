"""Purchases, with as much of them as was asked for."""

from __future__ import annotations

from localresponse.fund.v1 import purchase_types_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.domain.apportionment import Share
from services.fund.domain.figures import Figures
from services.fund.domain.lines import Line
from services.fund.domain.purchase import UNDECIDED
from services.fund.queries.views import DecisionContext, PurchaseView
from services.fund.storage.purchases import Invoice, Recorded
from services.fund.wire.names import DIRECTIONS, INVOICE_STATES, STATES, URGENCIES, VAT_RECOVERY
from services.fund.wire.values import day_out, money


def purchase(view: PurchaseView) -> pb.Purchase:
    """Return a purchase."""
    value = view.purchase
    message = pb.Purchase(
        id=value.id,
        etag=str(value.version),
        reference=value.reference,
        state=STATES.out(value.state),
        school_urn=value.school_urn,
        child_ids=value.child_ids,
        need=value.need,
        category=value.category,
        expected_change=pb.ExpectedChange(
            measure=value.expected.measure,
            direction=DIRECTIONS.out(value.expected.direction),
            review_date=date_to_proto(value.expected.review_on),
        ),
        urgency=URGENCIES.out(value.urgency),
        supplier_id=value.supplier_id,
        supplier_name=value.supplier_name,
        lines=[_line(line) for line in value.lines],
        budget_id=value.budget_id,
        requester_id=value.requester,
        net=money(value.net),
        vat=money(value.vat),
        cost=money(value.cost),
        money=_money(value.money),
        apportionments=[_share(share) for share in value.shares],
        timeline=[_fact(fact) for fact in view.timeline],
        invoices=[_invoice(invoice) for invoice in view.invoices],
        submit_time=timestamp_to_proto(value.submitted_at),
        first_delivered_date=day_out(value.first_delivered_on),
        order_number=value.order_number,
        revision=value.revision,
        places=value.places,
        year_groups=value.circumstances.year_groups,
        cohort=value.circumstances.cohort,
    )
    if value.approved_at is not None:
        message.approve_time.CopyFrom(timestamp_to_proto(value.approved_at))
    if value.decide_by is not None and value.state in UNDECIDED:
        message.decide_by_time.CopyFrom(timestamp_to_proto(value.decide_by))
    if view.context is not None:
        message.decision_context.CopyFrom(_context(view.context))
    return message


def _line(line: Line) -> pb.PurchaseLine:
    return pb.PurchaseLine(
        description=line.description,
        quantity=line.quantity,
        unit_price=money(line.unit_price),
        vat_rate_basis_points=line.vat_basis_points,
        vat_recovery=VAT_RECOVERY.out(line.recovery),
        net=money(line.net),
        vat=money(line.vat),
        cost=money(line.cost),
    )


def _money(figures: Figures) -> pb.PurchaseMoney:
    return pb.PurchaseMoney(
        held=money(figures.total),
        reserved=money(figures.reserved),
        committed=money(figures.committed),
        received=money(figures.received),
        issued=money(figures.issued),
        spent=money(figures.spent),
        refund_due=money(figures.refund_due),
        written_off=money(figures.written_off),
        released=money(figures.available),
    )


def _share(share: Share) -> pb.Apportionment:
    return pb.Apportionment(
        position=share.position,
        pot_id=share.pot_id,
        source_id=share.source_id,
        source_name=share.source_name,
        terms_version=share.terms_version,
        money=_money(share.figures),
    )


def _fact(recorded: Recorded) -> pb.PurchaseFact:
    fact = recorded.fact
    return pb.PurchaseFact(
        sequence=recorded.position,
        action=recorded.action,
        from_state=(
            pb.PURCHASE_STATE_UNSPECIFIED
            if recorded.from_state is None
            else STATES.out(recorded.from_state)
        ),
        to_state=STATES.out(recorded.to_state),
        actor_id=recorded.actor,
        actor_role=recorded.actor_role,
        reason=fact.reason,
        event_time=timestamp_to_proto(recorded.at),
        effective_date=date_to_proto(fact.effective_on),
        amount=money(fact.amount) if fact.amount else None,
        decision_id=fact.decision_id,
    )


def _invoice(invoice: Invoice) -> pb.Invoice:
    return pb.Invoice(
        id=invoice.id,
        number=invoice.number,
        net=money(invoice.net),
        vat=money(invoice.vat),
        vat_recovery=VAT_RECOVERY.out(invoice.recovery),
        cost=money(invoice.cost),
        invoice_date=date_to_proto(invoice.invoice_on),
        create_time=timestamp_to_proto(invoice.created_at),
        state=INVOICE_STATES.out(invoice.state),
    )


def _context(context: DecisionContext) -> pb.DecisionContext:
    message = pb.DecisionContext(
        left_if_approved=money(context.left_if_approved),
        left_if_declined=money(context.left_if_declined),
        counted=money(context.counted),
        may_approve=context.may_approve,
        approvers_needed=context.approvers_needed,
        approvals=context.approvals,
        warnings=context.warnings,
        children_persistently_absent=context.persistently_absent,
        children_severely_absent=context.severely_absent,
    )
    if context.limit is not None:
        message.your_limit.CopyFrom(money(context.limit))
    return message
