"""What the finance system paid of a payment file: its answer is sent here, line by line."""

from __future__ import annotations

from localresponse.fund.v1 import payments_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.finance.sending import sent
from gateway.pages.finance.words import MATCHES
from gateway.pages.forms import FieldError, Form
from gateway.pages.services import ask
from gateway.pages.site import Site
from gateway.pages.uploading import Received, received_of
from gateway.pages.visit import DECIDERS, Visit
from services.chassis.ids import new_id

FILE_MAX = 2_000_000
"""Bytes, as the contract says."""
_TOO_LARGE = "The file must be 2MB or smaller"


class ReconcilingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the form and where it is sent."""
        page, address = self._site.page, "/payments/{file_id:uuid}/answer"
        return [
            Route(address, page(self.form, roles=DECIDERS)),
            Route(address, page(self.take, roles=DECIDERS), methods=["POST"]),
        ]

    async def form(self, request: Request, visit: Visit) -> Response:
        """Ask for the file."""
        return await self._show(request, visit, Form({"request_id": new_id()}))

    async def take(self, request: Request, visit: Visit) -> Response:
        """Take the answer and show what became of each line.

        A file with anything wrong is refused whole, so nothing of it is marked as paid. The same
        page sent again says the same.
        """
        received = await received_of(request, visit, most=FILE_MAX, too_large=_TOO_LARGE)
        form = received.form
        content = _text(received)
        if form.errors:
            return await self._show(request, visit, form)
        file_id = str(request.path_params["file_id"])
        asked = pb.ReconcilePaymentsRequest(
            request_id=form.values.get("request_id", ""), payment_file_id=file_id, content=content
        )
        found = await sent(visit, self._site.services.payments.ReconcilePayments, asked, form=form)
        if found is None:
            form.errors = [FieldError("file", fault.message) for fault in form.errors]
            return await self._show(request, visit, form)
        return self._site.show(
            "finance/answered.html",
            visit,
            title="What was paid",
            here="/finance",
            back=f"/payments/{file_id}",
            found=found,
            outcomes=MATCHES,
        )

    async def _show(self, request: Request, visit: Visit, form: Form) -> Response:
        file_id = str(request.path_params["file_id"])
        asked = pb.GetPaymentFileRequest(payment_file_id=file_id)
        file = await ask(visit, self._site.services.payments.GetPaymentFile, asked)
        return self._site.show(
            "finance/answer.html",
            visit,
            errors=form.errors,
            title="Record what was paid",
            here="/finance",
            back=f"/payments/{file_id}",
            file=file,
            values={"request_id": new_id(), **form.values},
        )


def _text(received: Received) -> str:
    """Return the file's text; what is wrong with it is noted in the form."""
    if not received.content and not received.form.errors:
        received.form.refuse("file", "Select the file that the finance system sent")
    try:
        return received.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        received.form.refuse("file", "The file must be CSV in UTF-8")
        return ""
