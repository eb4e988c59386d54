"""Credit notes, refunds and vouchers."""

from __future__ import annotations

from localresponse.fund.v1 import refunds_service_pb2 as pb

from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    money_from_proto,
    timestamp_to_proto,
)
from services.fund.commands.returning import Credited, NewVoucher, Refunded
from services.fund.domain.returning import Voucher
from services.fund.wire.names import VAT_RECOVERY
from services.fund.wire.values import day, money, pence


def credited(request: pb.RecordCreditNoteRequest) -> Credited:
    """Read a credit note.

    Raises:
        InvalidArgument: An amount or the date cannot be.
    """
    return Credited(
        number=request.credit_note_number,
        net=pence(request.net, "net"),
        vat=money_from_proto(request.vat, "vat").minor,
        recovery=VAT_RECOVERY.read(request.vat_recovery),
        on=day(request.credit_date, "credit_date", given=request.HasField("credit_date")),
        invoice_id=request.invoice_id,
    )


def refunded(request: pb.RecordRefundRequest) -> Refunded:
    """Read what came back.

    Raises:
        InvalidArgument: The amount or the date cannot be.
    """
    return Refunded(
        reference=request.reference,
        amount=pence(request.amount, "amount"),
        on=day(request.received_date, "received_date", given=request.HasField("received_date")),
    )


def new_voucher(request: pb.IssueVoucherRequest) -> NewVoucher:
    """Read a voucher to hand out.

    Raises:
        InvalidArgument: The amount or the date cannot be.
    """
    return NewVoucher(
        number=request.number,
        amount=pence(request.amount, "amount"),
        expires_on=date_from_proto(request.expiry_date, "expiry_date"),
    )


def voucher(value: Voucher) -> pb.Voucher:
    """Return a voucher."""
    return pb.Voucher(
        id=value.id,
        purchase_id=value.purchase_id,
        number=value.number,
        amount=money(value.amount),
        redeemed=money(value.redeemed),
        expiry_date=date_to_proto(value.expires_on),
        lapse_time=None if value.lapsed_at is None else timestamp_to_proto(value.lapsed_at),
    )
