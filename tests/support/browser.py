"""Chromium by Playwright, and axe-core: what a page breaks of WCAG, in words."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

AXE = Path(__file__).parent / "axe" / "axe-4.14.1.min.js"
# A busy machine of two cores has taken 27 s for one page.
TIMEOUT_MS = 120_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
RULES = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
]
NARROW = 320


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the system's Chromium until the block ends."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("browser tests need Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), timeout=TIMEOUT_MS
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True)
class Person:
    """Somebody at a browser window of their own.

    Attributes:
        page: Their window.
        errors: What the console complained of, such as a breach of the content policy.
        pictures: Where each page that was inspected is kept as an image; None keeps none.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    pictures: Path | None = None

    async def inspect(self, name: str) -> None:
        """Assert that this page breaks no rule, says nothing in the console, and fits 320 px."""
        broken = await self._broken()
        assert broken == [], f"{name} ({self.page.url}): {broken}"
        assert self.errors == [], f"{name} ({self.page.url}): {self.errors}"
        await self._fits(name)

    async def _broken(self) -> list[str]:
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        options: dict[str, Any] = {"runOnly": {"type": "tag", "values": RULES}}
        result = await self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{one['id']}: {one['nodes'][0]['html']} ({len(one['nodes'])})"
            for one in result["violations"]
        ]

    async def _fits(self, name: str) -> None:
        before = self.page.viewport_size or {"width": 1280, "height": 900}
        for width in (before["width"], 390, NARROW):
            await self.page.set_viewport_size({"width": width, "height": 900})
            if self.pictures is not None and width != NARROW:
                picture = self.pictures / f"{name}-{width}.png"
                await self.page.screenshot(path=str(picture), full_page=True)
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        await self.page.set_viewport_size(before)
        assert wide <= NARROW, f"{name} ({self.page.url}) is {wide} px wide at {NARROW}"


@contextlib.asynccontextmanager
async def person(
    browser: Browser, address: str, *, scripts: bool = True, pictures: Path | None = None
) -> AsyncIterator[Person]:
    """Open a window with cookies of its own."""
    context = await browser.new_context(
        base_url=address, java_script_enabled=scripts, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = await context.new_page()
    somebody = Person(page, pictures=pictures)
    page.on("console", lambda said: _note(somebody, said))
    page.on("pageerror", lambda error: somebody.errors.append(str(error)))
    try:
        yield somebody
    finally:
        await context.close()


def _note(somebody: Person, said: Any) -> None:
    # A refused form is 422 and a missing page 404, which the console also calls errors.
    if said.type == "error" and "status of 4" not in said.text:
        somebody.errors.append(said.text)
