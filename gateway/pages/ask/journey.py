"""The pages of a new request: each question, the check, the sending and the confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localresponse.fund.v1 import purchases_service_pb2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import reference
from gateway.pages.ask.draft import JOURNEY, SENT, Draft
from gateway.pages.ask.steps import (
    STEP_BY_SLUG,
    STEPS,
    Choices,
    Step,
    filled_rows,
    next_open,
    year_box,
)
from gateway.pages.ask.summary import summary
from gateway.pages.ask.typed import typed
from gateway.pages.forms import FieldError
from gateway.pages.refusals import faults
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import ASKERS, Visit
from gateway.pages.vocabulary import YEAR_GROUPS
from gateway.refusals import Refusal
from services.chassis.clock import london_date

START = "/purchases/new"
CHECK = f"{START}/check"
HERE = START


class AskJourney:
    """Handlers of one journey over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the journey's addresses; fixed ones stand before those with a variable."""
        page = self._site.page
        return [
            Route(START, page(self.start, roles=ASKERS)),
            Route(CHECK, page(self.check, roles=ASKERS)),
            Route(CHECK, page(self.send, roles=ASKERS), methods=["POST"]),
            Route(f"{START}/{{step}}", page(self.question, roles=ASKERS)),
            Route(f"{START}/{{step}}", page(self.answer, roles=ASKERS), methods=["POST"]),
            Route("/purchases/{purchase_id:uuid}/sent", page(self.sent, roles=ASKERS)),
        ]

    async def start(self, _: Request, visit: Visit) -> Response:
        """Show the task list: what is asked, what is answered already."""
        draft = _draft(visit)
        return self._site.show(
            "ask/start.html",
            visit,
            title="Ask for support",
            here=HERE,
            draft=draft,
            steps=_steps(visit),
            next_step=next_open(draft, _steps(visit)),
        )

    async def question(self, request: Request, visit: Visit) -> Response:
        """Show one question with the answer kept so far."""
        step = _step(request)
        draft = self._schooled(visit)
        choices = await self._choices(visit, draft)
        return self._ask(visit, step, choices, typed(step, draft, choices), draft=draft)

    async def answer(self, request: Request, visit: Visit) -> Response:
        """Take one answer, keep it, and go on to the next question without one."""
        step = _step(request)
        form = await self._site.form(request, visit)
        draft = self._schooled(visit)
        choices = await self._choices(visit, draft)
        if form.values.get("add") == "row":
            return self._ask(visit, step, choices, dict(form.values), draft=draft, more=True)
        answers = step.read(form, draft, choices)
        if form.errors and not form.values.get("remove"):
            return self._ask(
                visit, step, choices, dict(form.values), draft=draft, errors=form.errors
            )
        draft = draft.answered(step.slug, answers)
        await self._site.visitors.keep(visit, JOURNEY, draft.kept())
        if form.values.get("remove") or form.values.get("add") == "child":
            return see(f"{START}/{step.slug}")
        following = next_open(draft, _steps(visit))
        return see(f"{START}/{following.slug}" if following else CHECK)

    async def check(self, _: Request, visit: Visit) -> Response:
        """Show all answers with links to change them."""
        return await self._check(visit, self._schooled(visit))

    async def send(self, request: Request, visit: Visit) -> Response:
        """Send the request; a refusal comes back to the answers, which are all still there."""
        await self._site.form(request, visit)
        sent = visit.session.answers.get(JOURNEY, {}).get(SENT)
        if sent:
            # The button was pressed twice, and the first press has done it.
            return see(f"/purchases/{sent}/sent")
        draft = self._schooled(visit)
        if next_open(draft, _steps(visit)):
            return see(START)
        try:
            purchase = await ask(
                visit, self._site.services.purchases.SubmitPurchase, draft.message()
            )
        except Refusal as refusal:
            draft = draft.renewed()
            await self._site.visitors.keep(visit, JOURNEY, draft.kept())
            return await self._check(visit, draft, errors=faults(refusal))
        await self._site.visitors.keep(visit, JOURNEY, {SENT: purchase.id})
        return see(f"/purchases/{purchase.id}/sent")

    async def sent(self, request: Request, visit: Visit) -> Response:
        """Confirm, with the reference and what happens next."""
        purchase = await ask(
            visit,
            self._site.services.purchases.GetPurchase,
            purchases_service_pb2.GetPurchaseRequest(
                purchase_id=str(request.path_params["purchase_id"])
            ),
        )
        return self._site.show(
            "ask/sent.html", visit, title="Request sent", here=HERE, purchase=purchase
        )

    async def _check(
        self, visit: Visit, draft: Draft, *, errors: Sequence[FieldError] = ()
    ) -> Response:
        if next_open(draft, _steps(visit)):
            return see(START)
        choices = await self._choices(visit, draft)
        return self._site.show(
            "ask/check.html",
            visit,
            errors=errors,
            title="Check your answers",
            here=HERE,
            back=START,
            rows=summary(draft, choices, steps=_steps(visit)),
            draft=draft,
        )

    def _ask(
        self, visit: Visit, step: Step, choices: Choices, values: dict[str, str], **more: Any
    ) -> Response:
        rows = filled_rows(values) or [1]
        if more.pop("more", False):
            rows = [*rows, rows[-1] + 1]
        return self._site.show(
            f"ask/{step.slug}.html",
            visit,
            title=step.question,
            here=HERE,
            back=START,
            values=values,
            choices=choices,
            rows=rows,
            boxes={year_box(year): words for year, words in YEAR_GROUPS.items()},
            **more,
        )

    def _schooled(self, visit: Visit) -> Draft:
        """Answer the first question for somebody who has one school."""
        draft = _draft(visit)
        if len(visit.schools) == 1:
            return draft.answered("school", {"school": visit.schools[0]})
        return draft

    async def _choices(self, visit: Visit, draft: Draft) -> Choices:
        today = london_date(self._site.clock.now())
        names = await reference.schools(self._site, visit)
        roll = (
            await reference.children(self._site, visit, draft.school, today)
            if draft.school in visit.schools
            else []
        )
        return Choices(
            schools={urn: names.get(urn, urn) for urn in visit.schools},
            children={child.id: reference.child_name(child) for child in roll},
            years={child.id: child.year_group for child in roll if child.HasField("year_group")},
            categories=await reference.categories(self._site, visit),
            today=today,
        )


def _draft(visit: Visit) -> Draft:
    return Draft.restored(visit.session.answers.get(JOURNEY))


def _step(request: Request) -> Step:
    step = STEP_BY_SLUG.get(request.path_params["step"])
    if step is None:
        raise HTTPException(404)
    return step


def _steps(visit: Visit) -> Sequence[Step]:
    return STEPS[1:] if len(visit.schools) == 1 else STEPS
