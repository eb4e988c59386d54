"""Lists that are longer than any page: nothing is left out of them or of their files."""

from __future__ import annotations

import html
import re

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import ask
from tests.support.fakes.stack import PageStack

MANY = 1_234


async def many(browser: Browser, stack: PageStack) -> Browser:
    """Make one request into more than a thousand."""
    asker = await browser.be("priya")
    first = stack.fund.purchases[await ask(asker)]
    for number in range(MANY - 1):
        copy = type(first)()
        copy.CopyFrom(first)
        copy.id = f"{number:08}-0000-7000-8000-000000000000"
        copy.reference = f"SP-{number:05}"
        stack.fund.purchases[copy.id] = copy
    return asker


async def test_every_request_is_on_some_page_and_in_the_file(
    browser: Browser, stack: PageStack
) -> None:
    asker = await many(browser, stack)
    seen: list[str] = []
    path, pages = "/purchases?status=sent", 0

    while path:
        page = (await asker.see(path)).text
        seen += re.findall(r'href="/purchases/([0-9a-f-]{36})"', page)
        links = [
            html.unescape(one) for one in re.findall(r'href="(/purchases\?[^"]*after=[^"]*)"', page)
        ]
        path, pages = (links[0] if links else ""), pages + 1
    file = await asker.see("/purchases.csv?status=sent")

    assert len(seen) == len(set(seen)) == MANY
    assert pages == -(-MANY // 50)
    assert len(file.text.splitlines()) == MANY + 1


async def test_what_waits_is_counted_to_the_last(
    browser: Browser, second_browser: Browser, stack: PageStack
) -> None:
    await many(browser, stack)
    officer = await second_browser.be("ruth")

    home = (await officer.see("/home")).text
    queue = (await officer.see("/queue")).text

    assert "1,234 requests to decide" in home
    assert f"{MANY} requests," in queue


async def test_a_page_of_another_list_is_no_page(browser: Browser) -> None:
    asker = await browser.be("priya")

    page = await asker.see("/purchases?after=" + "x" * 2000)

    assert page.status_code == 404
