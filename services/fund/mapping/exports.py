"""What exports are told, in the contract's words."""

from __future__ import annotations

from localresponse.fund.v1 import export_rules_service_pb2 as pb

from services.fund.commands.exporting import NewMapping, Review
from services.fund.domain.finance_mapping import FinanceMapping
from services.fund.domain.publication import Published, SupplierKind, published, suggested
from services.fund.storage.publication import Beneficiary
from services.fund.wire.names import Names

KINDS = Names(SupplierKind, pb.SupplierKind, "SUPPLIER_KIND_")


def new_mapping(request: pb.SetFinanceMappingRequest) -> NewMapping:
    """Read which codes are to be in force."""
    asked = request.mapping
    return NewMapping(
        etag=request.etag,
        cost_centre=asked.cost_centre,
        first_month=asked.first_month,
        subjective=tuple((each.name, each.code) for each in asked.subjective),
        cost_centres=tuple((each.name, each.code) for each in asked.cost_centres),
    )


def finance_mapping(value: FinanceMapping) -> pb.FinanceMapping:
    """Return the codes."""
    return pb.FinanceMapping(
        version=value.version,
        cost_centre=value.cost_centre,
        subjective=[pb.FinanceCode(name=n, code=c) for n, c in value.subjective.items()],
        cost_centres=[pb.FinanceCode(name=n, code=c) for n, c in value.cost_centres.items()],
        first_month=value.first_month,
    )


def review(request: pb.ReviewPublishedSupplierRequest) -> Review:
    """Read what a supplier is said to be."""
    return Review(request.supplier_id, request.etag, KINDS.read(request.kind))


def supplier(value: Beneficiary) -> pb.PublishedSupplier:
    """Return a supplier and how it appears."""
    shown = Published("", "") if value.kind is None else published(value.name, value.kind)
    return pb.PublishedSupplier(
        supplier_id=value.supplier_id,
        etag=str(value.version),
        name=value.name,
        item_count=value.items,
        kind=pb.SUPPLIER_KIND_UNSPECIFIED if value.kind is None else KINDS.out(value.kind),
        suggested_kind=KINDS.out(suggested(value.name)),
        shown_as=shown.beneficiary if shown.redaction else "",
        redaction=shown.redaction,
    )
