"""Who may ask where a figure comes from, and which figures there are."""

from __future__ import annotations

from gateway.pages.explaining import FIGURES
from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import ask


async def test_only_who_may_explain_is_shown_where_a_figure_comes_from(
    browser: Browser,
) -> None:
    for persona in ("ruth", "priya", "ewan", "lin"):
        visitor = await browser.be(persona)
        assert (await visitor.see("/results/latest/spend")).status_code == 403, persona

    manager = await browser.be("amina")
    assert (await manager.see("/results/latest/nonsense")).status_code == 404


async def test_a_school_sees_no_transfers(browser: Browser) -> None:
    asker = await browser.be("priya")
    path = f"/purchases/{await ask(asker)}"

    assert (await asker.see(f"{path}/transfers")).status_code == 403
    assert "Every transfer" not in (await asker.see(path)).text


def test_every_headline_of_the_results_has_an_explanation() -> None:
    assert {"spend", "cost-per-child", "adjusted-difference", "naive-change"} <= set(FIGURES)
