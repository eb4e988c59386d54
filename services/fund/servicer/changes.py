"""PurchaseChangesService."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import purchase_changes_service_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types_pb
from localresponse.fund.v1.purchase_changes_service_pb2_grpc import (
    PurchaseChangesServiceServicer,
)

from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.commands import approving, changing, invoicing, uplifting
from services.fund.domain.disputes import Resolved
from services.fund.mapping import purchases as mapping
from services.fund.mapping import requests
from services.fund.queries.views import PurchaseView
from services.fund.wire.names import RESOLUTIONS
from services.fund.wire.values import pence


@dataclass(frozen=True, slots=True)
class Changes(PurchaseChangesServiceServicer):
    """What may still change about a purchase after it was asked for."""

    commands: Commands

    async def AmendPurchase(
        self, request: pb.AmendPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        target, asked = requests.target(request), requests.submission(request.purchase)
        return await self._write(request, lambda work: changing.amend(work, target, asked))

    async def RecommendPurchase(
        self, request: pb.RecommendPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        target = requests.target(request)
        return await self._write(request, lambda work: approving.recommend(work, target))

    async def UpliftPurchase(
        self, request: pb.UpliftPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        target = requests.target(request)
        more = uplifting.Uplift(
            pence=pence(request.amount, "amount"),
            on_behalf_of=request.on_behalf_of_id,
            override_reason=request.override_reason,
        )
        return await self._write(request, lambda work: uplifting.uplift(work, target, more))

    async def ResolveInvoice(
        self, request: pb.ResolveInvoiceRequest, context: Any
    ) -> types_pb.Purchase:
        target = requests.target(request)
        resolved = Resolved(
            invoice_id=request.invoice_id,
            resolution=RESOLUTIONS.read(request.resolution),
            credit_note_number=request.credit_note_number,
        )
        return await self._write(request, lambda work: invoicing.resolve(work, target, resolved))

    async def _write(
        self, request: Any, write: Callable[[UnitOfWork], PurchaseView]
    ) -> types_pb.Purchase:
        return await self.commands.run(
            request, types_pb.Purchase, lambda work: mapping.purchase(write(work))
        )
