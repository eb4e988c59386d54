"""The finance system's codes: how the journal is written in them, and putting others in force."""

from __future__ import annotations

import re

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import export_rules_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.finance import reading
from gateway.pages.finance.sending import answers, sent, to_check
from gateway.pages.finance.words import ACCOUNTS, MONTHS
from gateway.pages.forms import Form
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.ids import new_id

Budgets = list[budgets_pb.Budget]
CODE_MAX = 30
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]*", re.ASCII)
_CHANGE = "/finance/codes/change"


class CodePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the codes in force and the form that changes them."""
        page = self._site.page
        return [
            Route("/finance/codes", page(self.index, roles=SEES_BUDGETS)),
            Route(_CHANGE, page(self.form, roles=DECIDERS)),
            Route(_CHANGE, page(self.change, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show the codes in force."""
        mapping = await self._mapping(visit)
        return self._site.show(
            "finance/codes.html",
            visit,
            title="Finance codes",
            here="/finance",
            back="/finance",
            mapping=mapping,
            codes={one.name: one.code for one in mapping.subjective},
            centres={one.name: one.code for one in mapping.cost_centres},
            budgets=await reading.budgets(self._site, visit),
            accounts=ACCOUNTS,
            month=MONTHS[mapping.first_month - 1],
            may_change=visit.is_one_of(DECIDERS),
            done="done" in request.query_params,
        )

    async def form(self, _: Request, visit: Visit) -> Response:
        """Ask for the codes, those in force filled in."""
        mapping = await self._mapping(visit)
        values = {"request_id": new_id(), "etag": str(mapping.version), **typed(mapping)}
        return await self._show(visit, Form(values))

    async def change(self, request: Request, visit: Visit) -> Response:
        """Have the codes checked, then put them in force as a new version."""
        form = await self._site.form(request, visit)
        if form.values.get("change"):
            return await self._show(visit, form)
        budgets, now = await reading.budgets(self._site, visit), await self._mapping(visit)
        asked = _read(form, budgets)
        if to_check(form):
            rows = _changes(now, asked, budgets)
            if rows:
                return self._check(visit, form, rows)
            form.refuse("cost_centre", "Change a code, or go back: these are in force already")
        if form.errors:
            return await self._show(visit, form)
        request_ = pb.SetFinanceMappingRequest(
            request_id=form.values.get("request_id", ""),
            etag=form.values.get("etag", ""),
            mapping=asked,
        )
        method = self._site.services.export_rules.SetFinanceMapping
        if await sent(visit, method, request_, form=form) is None:
            return await self._show(visit, form)
        return see("/finance/codes?done=yes")

    async def _mapping(self, visit: Visit) -> pb.FinanceMapping:
        method = self._site.services.export_rules.GetFinanceMapping
        return await ask(visit, method, pb.GetFinanceMappingRequest())

    async def _show(self, visit: Visit, form: Form) -> Response:
        return self._site.show(
            "finance/codes-change.html",
            visit,
            errors=form.errors,
            title="Change the finance codes",
            here="/finance",
            back="/finance/codes",
            values=form.values,
            budgets=await reading.budgets(self._site, visit),
            accounts=ACCOUNTS,
            months=MONTHS,
        )

    def _check(self, visit: Visit, form: Form, rows: list[tuple[str, str]]) -> Response:
        return self._site.show(
            "finance/check.html",
            visit,
            title="Check before you change the codes",
            here="/finance",
            back="/finance/codes",
            caption="Finance codes",
            note="Exports from now on name the new version. What was exported before stays.",
            rows=rows,
            answers=answers(form),
            button="change the codes",
        )


def typed(mapping: pb.FinanceMapping) -> dict[str, str]:
    """Return what stands in the fields for a mapping."""
    return {
        "cost_centre": mapping.cost_centre,
        "first_month": str(mapping.first_month),
        **{f"account-{one.name}": one.code for one in mapping.subjective},
        **{f"budget-{one.name}": one.code for one in mapping.cost_centres},
    }


def _read(form: Form, budgets: Budgets) -> pb.FinanceMapping:
    """Return the codes that a form asks for; its faults are noted in it, in the page's order."""
    centre = _code(form, "cost_centre", "the cost centre", needed=True)
    months = {str(number) for number in range(1, len(MONTHS) + 1)}
    month = form.choice("first_month", months, missing="Select the month of period 1")
    codes = {
        name: _code(form, f"account-{name}", f"the code of “{words}”", needed=True)
        for name, words in ACCOUNTS.items()
    }
    centres = {
        one.id: _code(form, f"budget-{one.id}", f"the cost centre of “{one.name}”", needed=False)
        for one in budgets
    }
    return pb.FinanceMapping(
        cost_centre=centre,
        first_month=int(month or 0),
        subjective=[pb.FinanceCode(name=name, code=code) for name, code in codes.items()],
        cost_centres=[
            pb.FinanceCode(name=name, code=code) for name, code in centres.items() if code
        ],
    )


def _code(form: Form, name: str, words: str, *, needed: bool) -> str:
    code = form.text(name, missing=f"Enter {words}" if needed else "", longest=CODE_MAX)
    if code and not _CODE.fullmatch(code):
        subject = f"{words[:1].upper()}{words[1:]}"
        form.refuse(name, f"{subject} must be letters, digits, points, slashes or hyphens")
    return code


def _changes(
    now: pb.FinanceMapping, asked: pb.FinanceMapping, budgets: Budgets
) -> list[tuple[str, str]]:
    """Return what a new version changes, in words: name, and from what to what."""
    names = {"cost_centre": "Cost centre", "first_month": "Month of period 1"}
    names |= {f"account-{name}": words for name, words in ACCOUNTS.items()}
    names |= {f"budget-{one.id}": f"Cost centre of {one.name}" for one in budgets}
    before, after = typed(now), typed(asked)
    return [
        (words, f"{_said(name, before)} becomes {_said(name, after)}")
        for name, words in names.items()
        if before.get(name, "") != after.get(name, "")
    ]


def _said(name: str, values: dict[str, str]) -> str:
    value = values.get(name, "")
    return MONTHS[int(value) - 1] if name == "first_month" else value or "none of its own"
