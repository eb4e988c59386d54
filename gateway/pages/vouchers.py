"""The vouchers of a request: what is left on each, and recording what was used of one."""

from __future__ import annotations

from collections.abc import Sequence

from localresponse.fund.v1 import refunds_service_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.finance.sending import answers, sent, to_check
from gateway.pages.forms import Form
from gateway.pages.purchases import Purchase, one
from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site, see
from gateway.pages.steps_ahead.table import RUNNING
from gateway.pages.visit import DECIDERS, SEES_REQUESTS, Visit
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import date_from_proto, money_to_proto

Tag = tuple[str, str]
OPEN: Tag = ("Can be used", "green")


def left(voucher: pb.Voucher) -> Money:
    """Return what was not used of a voucher."""
    return Money(words.minor(voucher.amount) - words.minor(voucher.redeemed))


class VoucherPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, and the form that records what was used of one."""
        page, every = self._site.page, "/purchases/{purchase_id:uuid}/vouchers"
        one_of_them = f"{every}/{{voucher_id:uuid}}"
        return [
            Route(every, page(self.index, roles=SEES_REQUESTS)),
            Route(one_of_them, page(self.form, roles=DECIDERS)),
            Route(one_of_them, page(self.redeem, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show every voucher with what is left on it."""
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        vouchers = await self._all(visit, purchase)
        return self._site.show(
            "purchase/vouchers.html",
            visit,
            title=f"Vouchers: {purchase.reference}",
            back=f"/purchases/{purchase.id}",
            purchase=purchase,
            vouchers=[(each, left(each), self._standing(each)) for each in vouchers],
            open=OPEN,
            redeems=visit.is_one_of(DECIDERS) and purchase.state in RUNNING,
            done=bool(request.query_params.get("done")),
        )

    async def form(self, request: Request, visit: Visit) -> Response:
        """Ask how much was used."""
        purchase, voucher = await self._found(request, visit)
        form = Form({"request_id": new_id(), "etag": purchase.etag})
        return self._show(visit, purchase, voucher, form=form)

    async def redeem(self, request: Request, visit: Visit) -> Response:
        """Have it checked, then charge it."""
        form = await self._site.form(request, visit)
        purchase, voucher = await self._found(request, visit)
        amount = form.money("amount", missing="Enter how much was used")
        if form.values.get("change") or form.errors or amount is None:
            form.errors = [] if form.values.get("change") else form.errors
            return self._show(visit, purchase, voucher, form=form)
        if to_check(form):
            return self._check(visit, purchase, voucher, form=form, amount=amount)
        asked = pb.RedeemVoucherRequest(
            request_id=form.values.get("request_id", ""),
            purchase_id=purchase.id,
            etag=form.values.get("etag", ""),
            voucher_id=voucher.id,
            amount=money_to_proto(amount),
        )
        if await sent(visit, self._site.services.refunds.RedeemVoucher, asked, form=form):
            return see(f"/purchases/{purchase.id}/vouchers?done=yes")
        if form.values["request_id"] != asked.request_id:
            form.values = {**form.values, "etag": purchase.etag}
        return self._show(visit, purchase, voucher, form=form)

    async def _all(self, visit: Visit, purchase: Purchase) -> Sequence[pb.Voucher]:
        async def turn(token: str) -> tuple[list[pb.Voucher], str]:
            asked = pb.ListVouchersRequest(
                purchase_id=purchase.id, page_size=PAGE_SIZE, page_token=token
            )
            answer = await ask(visit, self._site.services.refunds.ListVouchers, asked)
            return list(answer.vouchers), answer.next_page_token

        return await everything(turn)

    async def _found(self, request: Request, visit: Visit) -> tuple[Purchase, pb.Voucher]:
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        wanted = str(request.path_params["voucher_id"])
        for voucher in await self._all(visit, purchase):
            if voucher.id == wanted:
                return purchase, voucher
        raise HTTPException(404)

    def _standing(self, voucher: pb.Voucher) -> Tag:
        if voucher.HasField("lapse_time"):
            return "Lapsed: the rest went back", "grey"
        if not left(voucher).minor:
            return "Used up", "blue"
        last = date_from_proto(voucher.expiry_date, "expiry_date")
        if last < london_date(self._site.clock.now()):
            return "Last day has passed", "yellow"
        return OPEN

    def _show(
        self, visit: Visit, purchase: Purchase, voucher: pb.Voucher, *, form: Form
    ) -> Response:
        return self._site.show(
            "purchase/redeem.html",
            visit,
            errors=form.errors,
            title=f"Record what was used: {voucher.number}",
            back=f"/purchases/{purchase.id}/vouchers",
            purchase=purchase,
            voucher=voucher,
            left=left(voucher),
            standing=self._standing(voucher),
            open=OPEN,
            values=form.values,
        )

    def _check(
        self,
        visit: Visit,
        purchase: Purchase,
        voucher: pb.Voucher,
        *,
        form: Form,
        amount: Money,
    ) -> Response:
        rest = Money(max(left(voucher).minor - amount.minor, 0))
        return self._site.show(
            "finance/check.html",
            visit,
            title="Check before it is charged",
            back=f"/purchases/{purchase.id}/vouchers",
            caption=f"Request {purchase.reference}, voucher {voucher.number}",
            note="It is charged to the funders at once.",
            rows=[("Used", str(amount)), ("Left on the voucher then", str(rest))],
            answers=answers(form),
            button="record what was used",
        )
