"""What the writes on a purchase ask for."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import purchase_requests_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types_pb

from services.chassis.wire import date_from_proto, money_from_proto
from services.fund.commands.approving import Approval
from services.fund.commands.fulfilment import Delivered
from services.fund.commands.invoicing import Invoiced
from services.fund.commands.steps import Target
from services.fund.commands.submitting import Submission
from services.fund.domain.category import known_category
from services.fund.domain.lines import Line
from services.fund.domain.purchase import ExpectedChange
from services.fund.domain.terms import Circumstances
from services.fund.errors.approvals import PlacesInvalid
from services.fund.wire.names import DIRECTIONS, URGENCIES, VAT_RECOVERY
from services.fund.wire.values import day, pence, pence_or_none


def submission(request: pb.SubmitPurchaseRequest) -> Submission:
    """Read a request for a purchase.

    Raises:
        InvalidArgument: The category, an amount or the review date cannot be.
    """
    expected = request.expected_change
    return Submission(
        school_urn=request.school_urn,
        child_ids=tuple(request.child_ids),
        need=request.need,
        category=known_category(request.category),
        expected=ExpectedChange(
            expected.measure,
            DIRECTIONS.read(expected.direction),
            date_from_proto(expected.review_date, "expected_change.review_date"),
        ),
        urgency=URGENCIES.read(request.urgency),
        supplier_name=request.supplier_name,
        lines=tuple(_line(line, f"lines[{place}]") for place, line in enumerate(request.lines)),
        budget_id=request.budget_id,
        places=_places(request),
        circumstances=Circumstances(tuple(sorted(request.year_groups)), request.cohort),
    )


def _places(request: pb.SubmitPurchaseRequest) -> int:
    children = len(request.child_ids)
    places = request.places or children
    if places < children:
        raise PlacesInvalid(
            f"places: {places} are fewer than {children} children",
            field="places",
            places=places,
            children=children,
        )
    return places


def _line(line: types_pb.PurchaseLine, field: str) -> Line:
    return Line(
        line.description,
        line.quantity,
        pence(line.unit_price, f"{field}.unit_price"),
        line.vat_rate_basis_points,
        VAT_RECOVERY.read(line.vat_recovery),
    )


def target(request: Any) -> Target:
    """Read which purchase, as it was when the caller read it, and why."""
    return Target(request.purchase_id, request.etag, getattr(request, "reason", ""))


def approval(request: pb.ApprovePurchaseRequest) -> Approval:
    """Read what an officer decides.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    given = request.HasField("approved_amount")
    return Approval(
        amount=pence_or_none(request.approved_amount, "approved_amount", given=given),
        on_behalf_of=request.on_behalf_of_id,
        override_reason=request.override_reason,
    )


def delivered(request: pb.RecordDeliveryRequest) -> Delivered:
    """Read what was delivered.

    Raises:
        InvalidArgument: The amount or the date cannot be.
    """
    return Delivered(
        amount=pence_or_none(request.amount, "amount", given=request.HasField("amount")),
        on=day(request.delivered_date, "delivered_date", given=request.HasField("delivered_date")),
    )


def invoiced(request: pb.RecordInvoiceRequest) -> Invoiced:
    """Read an invoice.

    Raises:
        InvalidArgument: An amount or the date cannot be.
    """
    return Invoiced(
        number=request.invoice_number,
        net=pence(request.net, "net"),
        vat=money_from_proto(request.vat, "vat").minor,
        recovery=VAT_RECOVERY.read(request.vat_recovery),
        on=day(request.invoice_date, "invoice_date", given=request.HasField("invoice_date")),
    )
