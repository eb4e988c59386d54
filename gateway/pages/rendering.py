"""Templates to pages: one environment, one set of globals, one way to answer HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from gateway.pages import vocabulary, words
from gateway.pages.assets import ASSETS
from gateway.pages.forms import FieldError, messages
from gateway.pages.navigation import menu
from gateway.pages.security import HEADERS
from gateway.pages.visit import Visit

SERVICE_NAME = "Local response fund"


def _environment() -> Environment:
    loader = ChoiceLoader(
        [
            PackageLoader("gateway.pages"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    environment = Environment(
        loader=loader, autoescape=True, auto_reload=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        asset=ASSETS.url,
        service_name=SERVICE_NAME,
        actions=vocabulary.ACTIONS,
        measures=vocabulary.MEASURES,
        urgencies=vocabulary.URGENCIES,
        vat_rates=vocabulary.VAT_RATES,
        year_groups=vocabulary.YEAR_GROUPS,
    )
    environment.filters.update(
        status=vocabulary.status,
        role=vocabulary.role_words,
        sentence=words.sentence,
        moment_day=words.moment_day,
        pounds_of=words.pounds_of,
        name_and_job=words.name_and_job,
        pounds=words.pounds,
        day=words.day,
        moment=words.moment,
        points=words.points,
        percent=words.percent,
    )
    return environment


ENVIRONMENT = _environment()


class Renderer:
    """Answers pages; it knows whether this is a demonstration."""

    def __init__(self, *, demo: bool) -> None:
        self.demo = demo

    def page(
        self,
        template: str,
        visit: Visit | None,
        *,
        errors: Sequence[FieldError] = (),
        status: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """Return one page.

        Args:
            template: Its file.
            visit: Who looks; None before sign-in.
            errors: What was wrong with the form, shown first and beside each field.
            status: HTTP status; a refused form is 422.
            context: What the template shows; `title` always.
        """
        html = ENVIRONMENT.get_template(template).render(
            visit=visit,
            demo=self.demo,
            navigation=menu(visit, context.get("here", "")),
            errors=errors,
            error_of=messages(errors),
            **context,
        )
        return HTMLResponse(html, status_code=status, headers=HEADERS)
