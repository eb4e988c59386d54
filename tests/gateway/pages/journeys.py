"""Steps that tests of pages share: ask for something and have it sent."""

from __future__ import annotations

import re

import httpx

from tests.gateway.pages.conftest import Browser

NEW = "/purchases/new"
ITEM = {
    "description-1": "Bus pass",
    "quantity-1": "2",
    "price-1": "20.50",
    "vat-1": "2000",
}


async def answer_all(asker: Browser, **items: str) -> httpx.Response:
    """Answer every question; returns the page to check the answers."""
    children = await asker.see(f"{NEW}/children")
    child = re.findall(r'<option value="([0-9a-f-]{36})"', children.text)[0]
    for step, values in (
        ("children", {"child": child}),
        ("group", {"year-7": "yes", "cohort": "autumn-2026"}),
        ("category", {"category": "travel"}),
        ("need", {"need": "The walk is <4> miles."}),
        ("items", {**ITEM, **items}),
        ("supplier", {"supplier": "Northern Buses"}),
        ("when", {"urgency": "2"}),
        ("change", {"measure": "attendance_rate", **date_of("review", "27", "3", "2027")}),
    ):
        page = await asker.send(f"{NEW}/{step}", **values)
        assert page.status_code == 200, (step, page.text)
    return page


async def ask(asker: Browser, **items: str) -> str:
    """Send a request; returns its id."""
    await answer_all(asker, **items)
    sent = await asker.send(f"{NEW}/check")
    assert sent.url.path.endswith("/sent"), sent.text
    return sent.url.path.split("/")[2]


def date_of(name: str, day: str, month: str, year: str) -> dict[str, str]:
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def problems(page: httpx.Response) -> list[str]:
    """The sentences of the error summary."""
    summary = re.search(r'class="govuk-error-summary.*?</ul>', page.text, re.DOTALL)
    if summary is None:
        return []
    items = re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", item).strip() for item in items]
