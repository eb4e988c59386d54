from __future__ import annotations

import csv
import io

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import ask, date_of, problems
from tests.support.clock import FakeClock
from tests.support.fakes.stack import PageStack

TODAY = {name: date_of(name, "2", "11", "2026") for name in ("delivered", "invoiced")}
INVOICE = {"invoice_number": "NB-1", "net": "41", "vat": "0", "recovery": "no"}


async def test_the_queue_shows_a_new_request_with_its_decide_by_date(
    browser: Browser, second_browser: Browser
) -> None:
    await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")

    queue = await officer.see("/queue")

    assert "SP-0001-TEST" in queue.text
    assert "5 November 2026" in queue.text
    assert "1 request, £49.20 in all" in queue.text


async def test_a_request_past_its_date_is_marked_late(
    browser: Browser, second_browser: Browser, clock: FakeClock
) -> None:
    await ask(await browser.be("priya"))
    clock.advance(days=5)
    officer = await second_browser.be("ruth")

    assert ">Late<" in (await officer.see("/queue")).text
    assert "1 request past the decide-by date" in (await officer.see("/home")).text


async def test_the_queue_sorts_and_filters_by_its_address(
    browser: Browser, second_browser: Browser
) -> None:
    asker = await browser.be("priya")
    await ask(asker)
    await ask(asker, **{"price-1": "5"})
    officer = await second_browser.be("ruth")

    dearest = await officer.see("/queue?sort=cost&order=down")
    none = await officer.see("/queue?category=food")
    nonsense = await officer.see("/queue?sort=drop&view=x")

    assert dearest.text.index("SP-0001-TEST") < dearest.text.index("SP-0002-TEST")
    assert 'aria-sort="descending"' in dearest.text
    assert "SP-0001-TEST" not in none.text
    assert nonsense.status_code == 200


async def test_the_decision_page_says_what_is_left_and_hides_who_the_child_is(
    browser: Browser, second_browser: Browser
) -> None:
    purchase_id = await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")

    page = await officer.see(f"/purchases/{purchase_id}/decide")

    assert "£4,950.80" in page.text
    assert "of £1,000.00" in page.text
    assert "Aisha" not in page.text


async def test_a_request_above_the_limit_says_so_before_the_decision_and_is_refused(
    browser: Browser, second_browser: Browser
) -> None:
    purchase_id = await ask(await browser.be("priya"), **{"price-1": "900"})
    officer = await second_browser.be("ruth")

    page = await officer.see(f"/purchases/{purchase_id}/decide")
    refused = await officer.send(f"/purchases/{purchase_id}/decide", decision="approve")

    assert page.text.index("You cannot approve this") < page.text.index("What do you decide?")
    assert refused.status_code == 422
    said = "£2,160.00 counts against your limit of £1,000.00. Another officer must decide"
    assert problems(refused) == [f"This is above your approval limit: {said}"]


async def test_a_question_or_refusal_needs_a_reason(
    browser: Browser, second_browser: Browser
) -> None:
    purchase_id = await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")
    path = f"/purchases/{purchase_id}/decide"

    assert problems(await officer.send(path)) == ["Select what you decide"]
    assert problems(await officer.send(path, decision="query")) == ["Enter what you want to know"]
    declined = await officer.send(path, decision="decline")
    assert problems(declined) == ["Enter why it is not approved"]
    assert 'value="decline" checked' in declined.text


async def test_a_request_goes_through_every_step_to_closed(
    browser: Browser, second_browser: Browser
) -> None:
    asker, officer = await browser.be("priya"), await second_browser.be("ruth")
    path = f"/purchases/{await ask(asker)}"

    for who, step, values, done in (
        (officer, "decide", {"decision": "query", "reason": "Why two?"}, "decision was recorded"),
        (asker, "answer", {"reason": "Two children share."}, "Your answer was sent"),
        (officer, "decide", {"decision": "approve"}, "decision was recorded"),
        (officer, "order", {}, "The order was recorded"),
        (asker, "deliver", TODAY["delivered"], "The delivery was recorded"),
        (
            officer,
            "invoice",
            {**TODAY["invoiced"], **INVOICE},
            "The invoice was recorded",
        ),
        (officer, "close", {}, "The request was closed"),
    ):
        page = await who.send(f"{path}/{step}", **values)
        assert "&lt;strong" not in page.text, step
        assert done in page.text, (step, problems(page))

    seen = await asker.see(path)
    assert "Two children share." in seen.text
    assert "by the finance officer" in seen.text


async def test_a_step_that_is_over_is_said_to_be_over(
    browser: Browser, second_browser: Browser, stack: PageStack
) -> None:
    asker, officer = await browser.be("priya"), await second_browser.be("ruth")
    path = f"/purchases/{await ask(asker)}"
    await asker.send(f"{path}/withdraw")

    late = await officer.see(f"{path}/decide")

    assert "This is not possible now" in late.text
    assert stack.fund.available == 500_000


async def test_the_queue_as_a_file_holds_the_same_requests(
    browser: Browser, second_browser: Browser
) -> None:
    await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")

    file = await officer.see("/queue.csv")

    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\N{BYTE ORDER MARK}"))))
    assert rows[0][0] == "Reference"
    assert rows[1][:2] == ["SP-0001-TEST", "Northgate Academy"]
    assert rows[1][4] == "49.20"
    assert 'filename="queue.csv"' in file.headers["content-disposition"]
