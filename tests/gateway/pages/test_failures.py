from __future__ import annotations

from typing import Any

import grpc
import pytest

from gateway.pages.refusals import faults, sentence
from gateway.pages.site import _STATUS
from gateway.refusals import FieldFault, Refusal
from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import heading
from tests.support.fakes.stack import PageStack


class Down:
    """Stands in for state that a servicer needs and that is gone."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the disk is full of secrets")


async def test_a_mistake_of_a_service_is_a_page_without_its_text(
    browser: Browser, stack: PageStack
) -> None:
    officer = await browser.be("ruth")
    stack.fund.purchases = Down()  # type: ignore[assignment]  # broken on purpose

    page = await officer.see("/queue")

    assert page.status_code == 500
    assert heading(page) == "Sorry, there is a problem with the service"
    assert "secrets" not in page.text


async def test_a_service_that_is_away_gives_a_page_that_says_so(
    browser: Browser, stack: PageStack
) -> None:
    officer = await browser.be("ruth")
    await stack.stop("fund")

    page = await officer.see("/budgets")

    assert page.status_code == 503
    assert "Nothing was lost" in page.text


async def test_the_work_is_shown_while_messages_are_away(
    browser: Browser, stack: PageStack
) -> None:
    officer = await browser.be("ruth")
    await stack.stop("notify")

    page = await officer.see("/home")

    assert page.status_code == 200
    assert "Your messages cannot be shown" in page.text


async def test_an_address_that_nobody_serves_is_a_page_too(browser: Browser) -> None:
    page = await browser.see("/nowhere")

    assert (page.status_code, heading(page)) == (404, "Page not found")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        pytest.param(
            Refusal(
                "FAILED_PRECONDITION",
                "INVOICE_ABOVE_COMMITMENT",
                "x",
                metadata={"asked_minor": "12050", "live_minor": "100"},
            ),
            "The invoice comes to £120.50, and only £1.00 is on order or delivered. Approve "
            "more money first, or send the invoice back",
            id="with amounts",
        ),
        pytest.param(
            Refusal("FAILED_PRECONDITION", "INVOICE_ABOVE_COMMITMENT", "too much"),
            "Too much",
            id="amounts missing",
        ),
        pytest.param(
            Refusal("FAILED_PRECONDITION", "BRAND_NEW_REASON", "it cannot be"),
            "It cannot be",
            id="unknown reason keeps the service's words",
        ),
    ],
)
def test_a_refusal_is_said_in_plain_words(refusal: Refusal, words: str) -> None:
    assert sentence(refusal) == words


def test_a_refused_field_is_named_beside_its_input_or_not_at_all() -> None:
    fields = (FieldFault("supplier_name", "is too long"), FieldFault("lines[0].net", "is odd"))
    refusal = Refusal("INVALID_ARGUMENT", "INVALID_FIELD", "two fields", fields=fields)

    assert [(fault.field, fault.message) for fault in faults(refusal)] == [
        ("supplier", "Is too long")
    ]


def test_every_code_that_grpc_knows_has_a_page() -> None:
    for code in grpc.StatusCode:
        assert _STATUS.get(code.name, 500) in {403, 404, 500, 503}
