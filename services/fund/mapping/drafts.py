"""Drafts, and what a draft asks for once it is submitted."""

from __future__ import annotations

import protovalidate
from google.protobuf.json_format import MessageToJson, Parse
from localresponse.fund.v1 import drafts_service_pb2 as pb
from localresponse.fund.v1 import purchase_requests_pb2 as requests_pb
from localresponse.fund.v1 import purchase_types_pb2 as types_pb

from services.chassis.wire import timestamp_to_proto
from services.fund.commands.drafting import Written
from services.fund.errors.papers import DraftIncomplete
from services.fund.storage.drafts import Draft

_VALIDATOR = protovalidate.Validator()


def written(request: pb.SaveDraftRequest) -> Written:
    """Read what is written."""
    return Written(
        draft_id=request.draft_id,
        etag=request.etag,
        school_urn=request.content.school_urn,
        content=MessageToJson(request.content),
    )


def draft(value: Draft) -> pb.Draft:
    """Return a draft."""
    return pb.Draft(
        id=value.id,
        etag=str(value.version),
        content=_content(value),
        create_time=timestamp_to_proto(value.created_at),
        update_time=timestamp_to_proto(value.updated_at),
    )


def submission(value: Draft, request_id: str) -> requests_pb.SubmitPurchaseRequest:
    """Return the request that a draft makes, checked as one that came by itself.

    Raises:
        DraftIncomplete: Something is missing or wrong (INVALID_ARGUMENT); `field` says what.
    """
    content = _content(value)
    request = requests_pb.SubmitPurchaseRequest(
        request_id=request_id,
        school_urn=content.school_urn,
        child_ids=content.child_ids,
        need=content.need,
        category=content.category,
        expected_change=types_pb.ExpectedChange(
            measure=content.measure,
            direction=content.direction,
            review_date=content.review_date if content.HasField("review_date") else None,
        ),
        urgency=content.urgency,
        supplier_name=content.supplier_name,
        lines=[_line(line) for line in content.lines],
        budget_id=content.budget_id,
        places=content.places,
        year_groups=content.year_groups,
        cohort=content.cohort,
    )
    for violation in _VALIDATOR.collect_violations(request):
        path = violation.proto.field
        field = ".".join(element.field_name for element in path.elements) if path else "request"
        raise DraftIncomplete(f"{field}: it is missing or cannot be", field=field)
    return request


def _content(value: Draft) -> pb.DraftContent:
    return Parse(value.content, pb.DraftContent(), ignore_unknown_fields=True)


def _line(line: pb.DraftLine) -> types_pb.PurchaseLine:
    return types_pb.PurchaseLine(
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price if line.HasField("unit_price") else None,
        vat_rate_basis_points=line.vat_rate_basis_points,
        vat_recovery=line.vat_recovery,
    )
