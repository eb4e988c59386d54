"""What is shared, in a browser: a key for a program, a feed, a release by two people."""

from __future__ import annotations

import re

import httpx
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import pictures
from tests.journeys.test_browser import be, follow, press
from tests.support.browser import Person, person


async def test_an_evaluator_reads_a_feed_with_a_key_and_a_release_of_two_people(
    browser: Browser, address: str
) -> None:
    async with (
        person(browser, address, pictures=pictures()) as ewan,
        person(browser, address, pictures=pictures()) as lin,
        person(browser, address, pictures=pictures()) as grace,
    ):
        await be(ewan, "Ewan Reid")
        agreement, reader = await look_at_the_agreement(ewan)
        await be(lin, "Lin Chen")
        secret = await make_a_key(lin, agreement, reader)
        await read_by_program(address, agreement, secret)
        await read_a_release(ewan)
        await grace.page.goto("/sign-in")
        await grace.page.get_by_role("button", name=re.compile("^Be Grace")).click()
        await withdraw_a_release(grace)
        await read_what_was_withdrawn(ewan)


async def look_at_the_agreement(ewan: Person) -> tuple[str, str]:
    page = ewan.page
    await follow(page, "Agreements")
    await ewan.inspect("agreements")
    await follow(page, "fund-evaluation")
    await ewan.inspect("agreement")
    codes = await page.locator("dd code").all_inner_texts()
    await press(page, "Read the feed")
    await ewan.inspect("feed")
    await expect(page.get_by_role("heading", name="The newest checkpoint")).to_be_visible()
    return codes[-2], codes[-1]


async def make_a_key(lin: Person, agreement: str, reader: str) -> str:
    page = lin.page
    await follow(page, "Service keys")
    await lin.inspect("keys-none")
    await press(page, "Make a service key")
    await press(page, "Make the key")
    await expect(page.get_by_role("alert")).to_contain_text("Enter a name for the key")
    await lin.inspect("keys-new-error")
    await page.get_by_label("Name", exact=True).fill("Monthly download")
    await page.get_by_label("Agreement", exact=True).fill(agreement)
    await page.get_by_label("Reader", exact=True).fill(reader)
    await page.get_by_label("The child-level feed of the agreement").check()
    await _good_for_a_month(page)
    await press(page, "Make the key")
    await lin.inspect("keys-made")
    secret = await page.locator(".lrf-secret").inner_text()
    await press(page, "I have copied it")
    await lin.inspect("keys")
    await follow(page, "Revoke Monthly download")
    await lin.inspect("keys-revoke")
    return secret


async def _good_for_a_month(page: Page) -> None:
    for part, value in (("day", "1"), ("month", "12"), ("year", "2026")):
        await page.locator(f"#ends-{part}").fill(value)


async def read_by_program(address: str, agreement: str, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as program:
        feed = await program.get(f"/api/v1/feeds/{agreement}/file.parquet")
        releases = await program.get("/api/v1/releases")

    assert feed.status_code == 200, feed.text
    assert feed.content.startswith(b"PAR1")
    assert releases.status_code == 403


async def read_a_release(ewan: Person) -> None:
    page = ewan.page
    await follow(page, "Releases")
    await ewan.inspect("releases")
    await page.locator("tbody a").first.click()
    await ewan.inspect("release")
    await page.locator("main li a").first.click()
    await expect(page.get_by_role("link", name="Download this table (CSV)")).to_be_visible()
    await ewan.inspect("release-table")


async def withdraw_a_release(grace: Person) -> None:
    page = grace.page
    await page.goto("/agreements/new")
    await press(page, "Record the agreement")
    await expect(page.get_by_role("alert")).to_contain_text("Enter the first day")
    await grace.inspect("agreement-new-error")
    await follow(page, "Releases")
    await page.locator("tbody a").first.click()
    await press(page, "Withdraw it")
    await grace.inspect("release-withdraw")
    await page.locator("#reason").fill("Two schools were swapped")
    await press(page, "Withdraw the release")
    await expect(page.get_by_text("Two schools were swapped")).to_be_visible()


async def read_what_was_withdrawn(ewan: Person) -> None:
    page = ewan.page
    await follow(page, "Releases")
    await page.locator("tbody a").first.click()
    await expect(page.get_by_text("Do not use these figures")).to_be_visible()
    await ewan.inspect("release-withdrawn")
