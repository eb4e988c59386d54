"""Where suppliers are paid: bank details that two officers set and that are held for a day.

Whole account numbers are typed in; once they are sent, a page knows the last four digits only.
"""

from __future__ import annotations

import re

from localresponse.fund.v1 import suppliers_service_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.finance import reading
from gateway.pages.finance.sending import sent
from gateway.pages.finance.words import PAYEE_STATES
from gateway.pages.forms import Form
from gateway.pages.paging import paged
from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.ids import new_id

HOLDER_MAX = 40
_SORT_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{8}", re.ASCII)
_ONE = "/suppliers/{supplier_id:uuid}"
_PENDING = frozenset({pb.PAYEE_CHANGE_STATE_PROPOSED, pb.PAYEE_CHANGE_STATE_ON_HOLD})


class SupplierPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, one supplier, the form for new details, and a decision on them."""
        page, change = self._site.page, f"{_ONE}/changes/{{change_id:uuid}}"
        return [
            Route("/suppliers", page(self.index, roles=SEES_BUDGETS)),
            Route(_ONE, page(self.show, roles=SEES_BUDGETS)),
            Route(f"{_ONE}/account", page(self.form, roles=DECIDERS)),
            Route(f"{_ONE}/account", page(self.propose, roles=DECIDERS), methods=["POST"]),
            Route(change, page(self.ask_decision, roles=DECIDERS)),
            Route(change, page(self.decide, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show every supplier and where it is paid; whoever has a change waiting stands first."""
        found = await reading.suppliers(self._site, visit)
        found.sort(key=lambda one: (not one.change_pending, one.name.casefold()))
        return self._site.show(
            "finance/suppliers.html",
            visit,
            title="Suppliers and bank details",
            here="/finance",
            back="/finance",
            wide=True,
            listed=paged(found, request),
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show one supplier and every change of its details."""
        supplier = await self._one(request, visit)
        changes = await self._changes(visit, supplier.id)
        return self._site.show(
            "finance/supplier.html",
            visit,
            title=supplier.name,
            here="/finance",
            back="/suppliers",
            supplier=supplier,
            changes=changes,
            pending=[change.id for change in changes if change.state in _PENDING],
            states=PAYEE_STATES,
            acts=visit.is_one_of(DECIDERS),
            done="done" in request.query_params,
        )

    async def form(self, request: Request, visit: Visit) -> Response:
        """Ask for new details."""
        return await self._ask(request, visit, Form({"request_id": new_id()}))

    async def propose(self, request: Request, visit: Visit) -> Response:
        """Propose them to a second officer."""
        form = await self._site.form(request, visit)
        asked = _read(form, str(request.path_params["supplier_id"]))
        if form.errors:
            return await self._ask(request, visit, form)
        method = self._site.services.suppliers.ProposePayee
        if await sent(visit, method, asked, form=form) is None:
            return await self._ask(request, visit, form)
        return see(f"/suppliers/{asked.supplier_id}?done=yes")

    async def ask_decision(self, request: Request, visit: Visit) -> Response:
        """Show a change that waits or is on hold, and what can be said to it."""
        return await self._decision(request, visit, Form({"request_id": new_id()}))

    async def decide(self, request: Request, visit: Visit) -> Response:
        """Confirm it, or reject it or stop it while it is on hold, with a reason."""
        form = await self._site.form(request, visit)
        missing = "Select what you decide"
        decision = form.choice("decision", ("confirm", "reject"), missing=missing)
        why = "Enter why they are not used" if decision == "reject" else ""
        reason = form.text("reason", missing=why)
        if form.errors:
            return await self._decision(request, visit, form)
        request_id, stub = form.values.get("request_id", ""), self._site.services.suppliers
        change_id = str(request.path_params["change_id"])
        if decision == "confirm":
            confirmed = pb.ConfirmPayeeRequest(request_id=request_id, payee_change_id=change_id)
            done = await sent(visit, stub.ConfirmPayee, confirmed, form=form)
        else:
            rejected = pb.RejectPayeeRequest(
                request_id=request_id, payee_change_id=change_id, reason=reason
            )
            done = await sent(visit, stub.RejectPayee, rejected, form=form)
        if done is None:
            return await self._decision(request, visit, form)
        return see(f"/suppliers/{done.supplier_id}?done=yes")

    async def _one(self, request: Request, visit: Visit) -> pb.Supplier:
        asked = pb.GetSupplierRequest(supplier_id=str(request.path_params["supplier_id"]))
        return await ask(visit, self._site.services.suppliers.GetSupplier, asked)

    async def _changes(self, visit: Visit, supplier_id: str) -> list[pb.PayeeChange]:
        async def turn(token: str) -> tuple[list[pb.PayeeChange], str]:
            asked = pb.ListPayeeChangesRequest(
                supplier_id=supplier_id, page_size=PAGE_SIZE, page_token=token
            )
            answer = await ask(visit, self._site.services.suppliers.ListPayeeChanges, asked)
            return list(answer.payee_changes), answer.next_page_token

        return await everything(turn)

    async def _ask(self, request: Request, visit: Visit, form: Form) -> Response:
        supplier = await self._one(request, visit)
        return self._site.show(
            "finance/account.html",
            visit,
            errors=form.errors,
            title=f"New bank details: {supplier.name}",
            here="/finance",
            back=f"/suppliers/{supplier.id}",
            supplier=supplier,
            values=form.values,
        )

    async def _decision(self, request: Request, visit: Visit, form: Form) -> Response:
        supplier = await self._one(request, visit)
        wanted = str(request.path_params["change_id"])
        named = [one for one in await self._changes(visit, supplier.id) if one.id == wanted]
        if not named:
            raise HTTPException(404)
        return self._site.show(
            "finance/payee-change.html",
            visit,
            errors=form.errors,
            title="Decide on bank details",
            here="/finance",
            back=f"/suppliers/{supplier.id}",
            supplier=supplier,
            change=named[0],
            states=PAYEE_STATES,
            waits=named[0].state == pb.PAYEE_CHANGE_STATE_PROPOSED,
            open=named[0].state in _PENDING,
            mine=named[0].proposed_by_id == visit.subject,
            values=form.values,
        )


def _read(form: Form, supplier_id: str) -> pb.ProposePayeeRequest:
    """Return what a form proposes; its faults are noted in it, in the page's order."""
    holder = form.text("holder", missing="Enter the name on the account", longest=HOLDER_MAX)
    sort_code = re.sub(r"[\s-]", "", form.text("sort_code", missing="Enter the sort code"))
    if sort_code and not _SORT_CODE.fullmatch(sort_code):
        form.refuse("sort_code", "The sort code must be 6 digits, like 30 90 89")
    number = re.sub(r"\s", "", form.text("account_number", missing="Enter the account number"))
    if number and not _ACCOUNT.fullmatch(number):
        form.refuse("account_number", "The account number must be 8 digits")
    reason = form.text("reason", missing="Enter why, and how you checked it with the supplier")
    return pb.ProposePayeeRequest(
        request_id=form.values.get("request_id", ""),
        supplier_id=supplier_id,
        account_holder=holder,
        sort_code=sort_code,
        account_number=number,
        reason=reason,
    )
