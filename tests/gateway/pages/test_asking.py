from __future__ import annotations

import re

import httpx
import pytest

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import NEW, answer_all, ask, date_of, heading, problems
from tests.support.fakes.stack import PageStack


async def test_each_answer_leads_to_the_next_question_and_the_last_to_the_check(
    browser: Browser,
) -> None:
    asker = await browser.be("priya")

    check = await answer_all(asker)

    assert check.url.path == f"{NEW}/check"
    assert "Aisha Example, year 7" in check.text
    assert "The walk is &lt;4&gt; miles." in check.text
    assert "£41.00 in all, before VAT" in check.text


async def test_a_sent_request_shows_its_reference_and_holds_the_money(
    browser: Browser, stack: PageStack
) -> None:
    asker = await browser.be("priya")

    purchase_id = await ask(asker)

    purchase = stack.fund.purchases[purchase_id]
    assert (purchase.cost.units, purchase.cost.nanos) == (49, 200_000_000)
    confirmation = await asker.see(f"/purchases/{purchase_id}/sent")
    assert purchase.reference in confirmation.text
    assert "£49.20 is held" in confirmation.text


async def test_answers_wait_in_the_session_until_the_person_comes_back(browser: Browser) -> None:
    asker = await browser.be("priya")
    await asker.send(f"{NEW}/category", category="food")

    home = await asker.see("/home")
    again = await asker.see(f"{NEW}/category")

    assert "Go on with your request" in home.text
    assert 'value="food" checked' in again.text


async def test_pressing_send_twice_asks_once(browser: Browser, stack: PageStack) -> None:
    asker = await browser.be("priya")

    check = await answer_all(asker)
    first = await asker.fill(check)
    second = await asker.fill(check)

    assert len(stack.fund.purchases) == 1
    assert second.url.path == first.url.path


async def test_a_refused_request_comes_back_in_plain_words_with_every_answer(
    browser: Browser, stack: PageStack
) -> None:
    stack.fund.available = 4_000
    asker = await browser.be("priya")
    await answer_all(asker)

    refused = await asker.send(f"{NEW}/check")

    assert refused.status_code == 422
    assert problems(refused) == [
        "There is not enough left in the budget: £49.20 is asked for and £40.00 is left"
    ]
    assert "<title>Error: " in refused.text
    stack.fund.available = 500_000
    assert (await asker.send(f"{NEW}/check")).url.path.endswith("/sent")


@pytest.mark.parametrize(
    ("step", "values", "problem"),
    [
        pytest.param("children", {}, "Select the child this is for", id="no child"),
        pytest.param(
            "children", {"child": "x"}, "Select the child this is for", id="another's child"
        ),
        pytest.param(
            "group",
            {"year-9": "yes", "cohort": "Autumn 2026"},
            "Cohort must be lower-case letters, digits, dashes and underlines, without spaces",
            id="no such code",
        ),
        pytest.param("category", {}, "Select the kind of support", id="no category"),
        pytest.param(
            "category", {"category": "yachts"}, "Select the kind of support", id="own category"
        ),
        pytest.param("need", {"need": "  "}, "Enter what is needed and why", id="blank need"),
        pytest.param("items", {}, "Enter what should be bought", id="nothing to buy"),
        pytest.param("supplier", {}, "Enter the name of the supplier", id="no supplier"),
        pytest.param("when", {"urgency": "9"}, "Select how soon you need a decision", id="urgency"),
        pytest.param(
            "change",
            {"measure": "attendance_rate", **date_of("review", "30", "2", "2027")},
            "Enter a real date, like 27 3 2027",
            id="no such day",
        ),
        pytest.param(
            "change",
            {"measure": "attendance_rate", **date_of("review", "1", "9", "2026")},
            "The date must be in the future",
            id="past review",
        ),
    ],
)
async def test_a_missing_or_wrong_answer_is_said_first_and_beside_its_field(
    browser: Browser, step: str, values: dict[str, str], problem: str
) -> None:
    asker = await browser.be("priya")

    page = await asker.send(f"{NEW}/{step}", **values)

    assert page.status_code == 422
    assert problems(page) == [problem]
    assert page.text.count(problem) == 2


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        pytest.param({"price-1": "12.345"}, "Enter an amount in pounds and pence", id="too fine"),
        pytest.param({"price-1": "-3"}, "The amount must be 1p or more", id="negative"),
        pytest.param({"price-1": "lots"}, "Enter an amount in pounds and pence", id="words"),
        pytest.param({"quantity-1": "0"}, "Enter a whole number from 1 to 10,000", id="none"),
        pytest.param({"quantity-1": "²"}, "Enter a whole number from 1 to 10,000", id="not ascii"),
        pytest.param({"vat-1": "99"}, "Select the VAT", id="own rate"),
    ],
)
async def test_a_wrong_price_or_quantity_keeps_what_was_typed(
    browser: Browser, values: dict[str, str], problem: str
) -> None:
    asker = await browser.be("priya")
    row = {"description-1": "Shoes", "quantity-1": "1", "price-1": "30", "vat-1": "0"}

    page = await asker.send(f"{NEW}/items", **{**row, **values})

    assert [said.startswith(problem) and said.endswith("(item 1)") for said in problems(page)] == [
        True
    ]
    assert 'value="Shoes"' in page.text


async def test_another_item_keeps_the_first(browser: Browser) -> None:
    asker = await browser.be("priya")

    more = await asker.send(
        f"{NEW}/items",
        **{"description-1": "Shoes", "quantity-1": "1", "price-1": "30", "vat-1": "0"},
        add="row",
    )

    assert more.status_code == 200
    assert 'value="Shoes"' in more.text
    assert 'id="description-2"' in more.text


async def test_the_roll_fills_in_the_year_groups_and_other_children_ask_for_them_again(
    browser: Browser,
) -> None:
    asker = await browser.be("priya")
    roll = await asker.see(f"{NEW}/children")
    first, second = re.findall(r'<option value="([0-9a-f-]{36})"', roll.text)[:2]

    await asker.send(f"{NEW}/children", child=first)
    known = await asker.see(f"{NEW}/group")
    kept = await asker.send(f"{NEW}/group", **{"year-9": "yes", "cohort": "No Code"})
    await asker.send(f"{NEW}/group", **{"year-9": "yes"})
    stated = await asker.see(f"{NEW}/group")
    again = await asker.send(f"{NEW}/children", child=second)

    assert ticked(known) == ["year-7"]
    assert ticked(kept) == ["year-9"]
    assert 'value="No Code"' in kept.text
    assert ticked(stated) == ["year-9"]
    assert again.url.path == f"{NEW}/group"
    assert ticked(again) == ["year-7", "year-8"]


async def test_year_groups_and_cohort_are_sent_and_shown_with_the_request(
    browser: Browser, second_browser: Browser, stack: PageStack
) -> None:
    purchase_id = await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")

    seen = await officer.see(f"/purchases/{purchase_id}")

    assert list(stack.fund.purchases[purchase_id].year_groups) == [7]
    assert "Year 7" in seen.text
    assert "autumn-2026" in seen.text


def ticked(page: httpx.Response) -> list[str]:
    """The names of the boxes that are ticked."""
    return re.findall(r'<input[^>]*name="(year-[^"]*)"[^>]* checked', page.text)


async def test_a_liaison_officer_says_which_school_asks(browser: Browser) -> None:
    asker = await browser.be("carys")

    start = await asker.see(NEW)
    chosen = await asker.send(f"{NEW}/school", school="900002")

    assert "School" in start.text
    assert chosen.url.path == f"{NEW}/children"
    assert "Aisha Example" in chosen.text


async def test_the_check_is_not_open_before_every_question_is_answered(browser: Browser) -> None:
    asker = await browser.be("priya")

    assert (await asker.see(f"{NEW}/check")).url.path == NEW
    assert heading(await asker.see(NEW)) == "Ask for support"
