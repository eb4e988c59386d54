"""Doing something to a request: one page for each thing, one form, one command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.identity.origin import CSRF_FIELD
from gateway.pages import deadlines, raising, reference
from gateway.pages.finance.sending import MAY_HAVE_HAPPENED
from gateway.pages.forms import FieldError, Form
from gateway.pages.purchases import Purchase, one
from gateway.pages.refusals import faults, sentence
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.steps_ahead.disputing import RESOLUTIONS, approved_so_far, disputed
from gateway.pages.steps_ahead.returning import credit_items
from gateway.pages.steps_ahead.step import Command, StepAhead
from gateway.pages.steps_ahead.table import STEPS_AHEAD, is_offered
from gateway.pages.visit import SEES_REQUESTS, Visit
from gateway.refusals import Refusal
from services.chassis.clock import london_date
from services.chassis.ids import new_id

ADDRESS = "/purchases/{purchase_id:uuid}/{step}"


class ActingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the addresses; they stand after all fixed ones under a request."""
        page = self._site.page
        return [
            Route(ADDRESS, page(self.form, roles=SEES_REQUESTS)),
            Route(ADDRESS, page(self.act, roles=SEES_REQUESTS), methods=["POST"]),
        ]

    async def form(self, request: Request, visit: Visit) -> Response:
        """Show the form, or say that the request has moved on."""
        step = _step(request)
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        if not is_offered(step, purchase, visit):
            return self._passed(visit, step, purchase)
        return await self._show(visit, step, purchase, values=self._today())

    async def act(self, request: Request, visit: Visit) -> Response:
        """Read the form, have it confirmed where money moves, and send its command.

        A refusal comes back to the form, and so does whoever wants to change an answer.
        """
        step = _step(request)
        form = await self._site.form(request, visit)
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        if form.values.get("change"):
            return await self._show(visit, step, purchase, form=form)
        command = step.read(form, purchase)
        if form.errors or command is None:
            return await self._show(visit, step, purchase, form=form)
        if step.summary and not form.values.get("confirmed"):
            return self._check(visit, step, purchase, form=form)
        try:
            await self._send(visit, command)
        except Refusal as refusal:
            now = await one(self._site, visit, purchase.id)
            return await self._refused(visit, step, now, form=form, refusal=refusal)
        return see(f"/purchases/{purchase.id}?done={step.slug}")

    async def _refused(
        self, visit: Visit, step: StepAhead, now: Purchase, *, form: Form, refusal: Refusal
    ) -> Response:
        if not is_offered(step, now, visit):
            return self._passed(visit, step, now, refusal=refusal)
        form.errors.extend(faults(refusal))
        if step.summary and refusal.code in MAY_HAVE_HAPPENED:
            return self._check(visit, step, now, form=form)
        return await self._show(visit, step, now, form=form)

    def _check(self, visit: Visit, step: StepAhead, purchase: Purchase, *, form: Form) -> Response:
        """Show what is about to happen; the answers, the etag and the id go along unchanged.

        So what may have happened is confirmed once more from here and happens once.
        """
        if step.summary is None or not is_offered(step, purchase, visit):
            return self._passed(visit, step, purchase)
        return self._site.show(
            "purchase/check.html",
            visit,
            errors=form.errors,
            title=f"Check before you go on: {purchase.reference}",
            back=f"/purchases/{purchase.id}",
            step=step,
            purchase=purchase,
            rows=step.summary(form, purchase),
            answers={name: form.values[name] for name in form.values if name != CSRF_FIELD},
        )

    async def _send(self, visit: Visit, command: Command) -> None:
        method = getattr(getattr(self._site.services, command.service), command.rpc)
        await ask(visit, method, command.request)

    async def _show(
        self,
        visit: Visit,
        step: StepAhead,
        purchase: Purchase,
        *,
        form: Form | None = None,
        values: dict[str, str] | None = None,
    ) -> Response:
        errors: Sequence[FieldError] = form.errors if form else ()
        raised = await raising.waiting(self._site, visit, purchase)
        context: dict[str, Any] = {
            "values": dict(form.values) if form else values or {},
            "raised": raised,
            "approved": approved_so_far(purchase),
            "disputed": disputed(purchase),
            "resolutions": RESOLUTIONS,
            "credit_items": credit_items(purchase),
            "schools": await reference.schools(self._site, visit),
            "categories": await reference.categories(self._site, visit),
            "children": await reference.named(self._site, visit, purchase),
        }
        return self._site.show(
            f"purchase/{step.slug}.html",
            visit,
            errors=errors,
            title=f"{step.title}: {purchase.reference}",
            back=f"/purchases/{purchase.id}",
            step=step,
            purchase=purchase,
            request_id=new_id(),
            decide_by=deadlines.decide_by(purchase),
            late=deadlines.is_late(purchase, self._site.clock.now()),
            **context,
        )

    def _passed(
        self,
        visit: Visit,
        step: StepAhead,
        purchase: Purchase,
        *,
        refusal: Refusal | None = None,
    ) -> Response:
        errors = [FieldError("", sentence(refusal))] if refusal else []
        return self._site.show(
            "purchase/passed.html",
            visit,
            errors=errors,
            title=f"{step.title}: not possible now",
            back=f"/purchases/{purchase.id}",
            purchase=purchase,
        )

    def _today(self) -> dict[str, str]:
        today = london_date(self._site.clock.now())
        return {
            f"{name}-{part}": str(getattr(today, part))
            for name in ("delivered", "invoiced", "credited", "received")
            for part in ("day", "month", "year")
        }


def _step(request: Request) -> StepAhead:
    step = STEPS_AHEAD.get(request.path_params["step"])
    if step is None:
        raise HTTPException(404)
    return step
