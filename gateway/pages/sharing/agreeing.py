"""Recording an agreement that was signed: one form, by information governance."""

from __future__ import annotations

import re

from localresponse.outcomes.v1 import agreements_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.forms import Form
from gateway.pages.refusals import sentence
from gateway.pages.services import ask
from gateway.pages.sharing import words
from gateway.pages.site import Site, see
from gateway.pages.visit import PUBLISHES, Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id
from services.chassis.wire import date_to_proto

BASES = {
    "public-task": pb.LAWFUL_BASIS_PUBLIC_TASK,
    "legal-obligation": pb.LAWFUL_BASIS_LEGAL_OBLIGATION,
    "consent": pb.LAWFUL_BASIS_CONSENT,
    "legitimate-interests": pb.LAWFUL_BASIS_LEGITIMATE_INTERESTS,
}
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}", re.ASCII)
_MEASURE = re.compile(r"[a-z0-9_]{1,60}@[0-9]{1,4}", re.ASCII)
_SUBJECTS_MAX, _MEASURES_MAX = 20, 50
_GROUP_LEAST, _GROUP_MOST = 5, 100
_PURPOSE_LEAST = 10


class AgreeingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the form and where it is sent; they stand before the page of an agreement."""
        page = self._site.page
        return [
            Route("/agreements/new", page(self.new, roles=PUBLISHES)),
            Route("/agreements/new", page(self.record, roles=PUBLISHES), methods=["POST"]),
        ]

    async def new(self, _: Request, visit: Visit) -> Response:
        """Ask what was agreed."""
        values = {"request_id": new_id(), "minimum_group": "10", "basis": "public-task"}
        return self._show(visit, Form(values))

    async def record(self, request: Request, visit: Visit) -> Response:
        """Record it; its feed opens on the first day."""
        form = await self._site.form(request, visit)
        terms = _terms(form)
        if form.errors:
            return self._show(visit, form)
        asked = pb.CreateAgreementRequest(request_id=form.values.get("request_id", ""), terms=terms)
        try:
            made = await ask(visit, self._site.services.agreements.CreateAgreement, asked)
        except Refusal as refusal:
            form.refuse("", sentence(refusal))
            return self._show(visit, form)
        return see(f"/agreements/{made.id}")

    def _show(self, visit: Visit, form: Form) -> Response:
        return self._site.show(
            "sharing/agree.html",
            visit,
            errors=form.errors,
            title="Record an agreement",
            back="/agreements",
            values=form.values,
            bases={slug: words.LAWFUL_BASES[basis] for slug, basis in BASES.items()},
            fields=words.FIELDS,
        )


def _terms(form: Form) -> pb.AgreementTerms:
    """Return what the form says was agreed; its faults are noted in it, in the page's order."""
    terms = pb.AgreementTerms(
        evaluator=_slug(form, "evaluator", "Enter the evaluator's short name"),
        project=_slug(form, "project", "Enter the project's short name"),
        subjects=_lines(form, "subjects", "Enter the id of one reader or more", _SUBJECTS_MAX),
        purpose=form.text("purpose", missing="Enter what the data may be used for"),
    )
    if 0 < len(terms.purpose) < _PURPOSE_LEAST:
        form.refuse("purpose", "Say what the data may be used for in 10 characters or more")
    basis = form.choice("basis", BASES, missing="Select the lawful basis")
    terms.lawful_basis = BASES.get(basis, pb.LAWFUL_BASIS_UNSPECIFIED)
    terms.dpia_reference = form.text("dpia", missing="Enter the reference", longest=120)
    terms.measures.extend(_measures(form))
    terms.fields.extend(name for name in words.FIELDS if form.values.get(f"field-{name}"))
    group = form.number("minimum_group", most=_GROUP_MOST, missing="Enter the smallest group")
    if group is not None and group < _GROUP_LEAST:
        form.refuse("minimum_group", f"Enter a whole number from {_GROUP_LEAST} to {_GROUP_MOST}")
    terms.minimum_group = group or 0
    first = form.day("first", missing="Enter the first day")
    last = form.day("last", missing="Enter the last day")
    if first and last:
        terms.first_date.CopyFrom(date_to_proto(first))
        terms.last_date.CopyFrom(date_to_proto(last))
        if last < first:
            form.refuse("last-day", "The last day must not be before the first")
    return terms


def _slug(form: Form, name: str, missing: str) -> str:
    text = form.text(name, missing=missing, longest=40)
    if text and not _SLUG.fullmatch(text):
        form.refuse(name, "Use 2 to 40 lower-case letters, digits and dashes")
    return text


def _lines(form: Form, name: str, missing: str, most: int) -> list[str]:
    found = list(dict.fromkeys(form.text(name, missing=missing).split()))
    if len(found) > most:
        form.refuse(name, f"Enter {most} at most")
    return found


def _measures(form: Form) -> list[str]:
    found = _lines(form, "measures", "Enter one measure or more", _MEASURES_MAX)
    if any(not _MEASURE.fullmatch(one) for one in found):
        form.refuse("measures", "Write each measure with its version, like attendance_rate@1")
    return found
