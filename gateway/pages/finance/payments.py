"""Paying suppliers: what waits with its 30 days, the files that pay it, and their lines.

The law gives 30 days from a proper invoice (Procurement Act 2023, s. 68); whoever works through
the list sees what is late first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from localresponse.fund.v1 import payments_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.downloads import download, pounds
from gateway.pages.finance import reading
from gateway.pages.finance.sending import sent
from gateway.pages.finance.words import FILE_STATES, HOLDS
from gateway.pages.forms import Form
from gateway.pages.paging import paged
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import date_from_proto

COLUMNS = ("Supplier", "Invoice", "Amount in pounds", "Due", "Days left", "What holds it back")
FILES_ON_A_PAGE = 20
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Clock:
    """What is left of an invoice's 30 days; below 0 it is late."""

    due: date
    days: int

    @property
    def words(self) -> str:
        """The days as people say them."""
        if self.days < 0:
            return f"{words.count(-self.days, 'day')} late"
        return f"{words.count(self.days, 'day')} left" if self.days else "Due today"

    @property
    def colour(self) -> str:
        """The colour of the tag."""
        return "red" if self.days < 0 else "yellow" if self.days <= SOON_DAYS else "green"


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice that waits, with its clock."""

    invoice: pb.DueInvoice
    clock: Clock

    @property
    def payable(self) -> bool:
        """Whether whoever looks may pay it now."""
        return self.invoice.hold_reason == pb.HOLD_REASON_UNSPECIFIED


class PaymentPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, its file, the making of a payment file, and one payment file."""
        page, one = self._site.page, "/payments/{file_id:uuid}"
        return [
            Route("/payments", page(self.index, roles=SEES_BUDGETS)),
            Route("/payments.csv", page(self.file, roles=SEES_BUDGETS)),
            Route("/payments/new", page(self.new, roles=DECIDERS)),
            Route("/payments/new", page(self.create, roles=DECIDERS), methods=["POST"]),
            Route(one, page(self.show, roles=SEES_BUDGETS)),
            Route(f"{one}/cancel", page(self.ask_cancel, roles=DECIDERS)),
            Route(f"{one}/cancel", page(self.cancel, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show what waits, how fast suppliers are paid, and the payment files."""
        dues = await self._dues(visit)
        token = request.query_params.get("after", "")
        asked = pb.ListPaymentFilesRequest(page_size=FILES_ON_A_PAGE, page_token=token)
        files = await ask(visit, self._site.services.payments.ListPaymentFiles, asked)
        return self._site.show(
            "finance/payments.html",
            visit,
            title="Payments",
            here="/finance",
            back="/finance",
            wide=True,
            listed=paged(dues, request),
            statistics=await reading.statistics(self._site, visit),
            suppliers=await reading.supplier_names(self._site, visit),
            holds=HOLDS,
            may_pay=visit.is_one_of(DECIDERS) and any(due.payable for due in dues),
            files=files.payment_files,
            after=files.next_page_token,
            states=FILE_STATES,
            pays=visit.is_one_of(DECIDERS),
        )

    async def file(self, _: Request, visit: Visit) -> Response:
        """Answer what waits as CSV, in the order of the page."""
        names = await reading.supplier_names(self._site, visit)
        rows = (
            (
                names.get(due.invoice.supplier_id, ""),
                due.invoice.invoice_number,
                pounds(words.minor(due.invoice.amount)),
                due.clock.due.isoformat(),
                due.clock.days,
                "" if due.payable else HOLDS.get(due.invoice.hold_reason, ""),
            )
            for due in await self._dues(visit)
        )
        return download("invoices-to-pay", COLUMNS, rows)

    async def new(self, _: Request, visit: Visit) -> Response:
        """Show what would go into the file."""
        return await self._check(visit, Form({"request_id": new_id()}))

    async def create(self, request: Request, visit: Visit) -> Response:
        """Make the file of everything that the officer may pay now."""
        form = await self._site.form(request, visit)
        asked = pb.CreatePaymentFileRequest(request_id=form.values.get("request_id", ""))
        made = await sent(visit, self._site.services.payments.CreatePaymentFile, asked, form=form)
        if made is None:
            return await self._check(visit, form)
        return see(f"/payments/{made.id}?done=made")

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show one file with its lines."""
        return await self._file(request, visit, "file", Form({}))

    async def ask_cancel(self, request: Request, visit: Visit) -> Response:
        """Ask before a file is taken back."""
        return await self._file(request, visit, "cancel", Form({"request_id": new_id()}))

    async def cancel(self, request: Request, visit: Visit) -> Response:
        """Take a file back; its invoices wait again."""
        form = await self._site.form(request, visit)
        file_id = str(request.path_params["file_id"])
        asked = pb.CancelPaymentFileRequest(
            request_id=form.values.get("request_id", ""), payment_file_id=file_id
        )
        method = self._site.services.payments.CancelPaymentFile
        if await sent(visit, method, asked, form=form) is None:
            return await self._file(request, visit, "cancel", form)
        return see(f"/payments/{file_id}?done=cancelled")

    async def _check(self, visit: Visit, form: Form) -> Response:
        dues = [due for due in await self._dues(visit) if due.payable]
        return self._site.show(
            "finance/pay.html",
            visit,
            errors=form.errors,
            title="Make a payment file",
            here="/finance",
            back="/payments",
            values=form.values,
            dues=dues,
            total=_total([due.invoice for due in dues]),
            suppliers=await reading.supplier_names(self._site, visit),
        )

    async def _file(self, request: Request, visit: Visit, name: str, form: Form) -> Response:
        file_id = str(request.path_params["file_id"])
        asked = pb.GetPaymentFileRequest(payment_file_id=file_id)
        found = await ask(visit, self._site.services.payments.GetPaymentFile, asked)
        done = {"made": "The payment file was made", "cancelled": "The file was taken back"}
        context: dict[str, Any] = {"file": found, "states": FILE_STATES}
        return self._site.show(
            f"finance/{name}.html",
            visit,
            errors=form.errors,
            title=f"Payment file {found.number}",
            here="/finance",
            back="/payments" if name == "file" else f"/payments/{file_id}",
            values=form.values,
            pays=visit.is_one_of(DECIDERS),
            done=done.get(request.query_params.get("done", "")),
            **context,
        )

    async def _dues(self, visit: Visit) -> list[Due]:
        today = london_date(self._site.clock.now())
        return [
            Due(one, _clock(one, today)) for one in await reading.due_invoices(self._site, visit)
        ]


def _clock(invoice: pb.DueInvoice, today: date) -> Clock:
    due = date_from_proto(invoice.due_date, "due_date")
    return Clock(due, (due - today).days)


def _total(invoices: Sequence[pb.DueInvoice]) -> Money:
    return Money(sum(words.minor(one.amount) for one in invoices))
