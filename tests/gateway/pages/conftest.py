"""A gateway before services in memory, and browsers without a script: httpx with cookies."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clock import FakeClock
from tests.support.fakes.stack import PageStack, page_stack

_FIELD = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')


class Browser:
    """Somebody at the pages: keeps the cookie, sends forms with their hidden fields."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def be(self, persona: str) -> Browser:
        answer = await self._client.post("/sign-in", data={"persona": persona})
        assert answer.url.path == "/home", answer.url
        return self

    async def see(self, path: str) -> httpx.Response:
        return await self._client.get(path)

    async def send(self, path: str, **values: str) -> httpx.Response:
        """Open the form at a path and send it with these values."""
        return await self.fill(await self._client.get(path), **values)

    async def fill(self, page: httpx.Response, **values: str) -> httpx.Response:
        """Send the form of a page that is already open."""
        hidden = {name: html.unescape(value) for name, value in _FIELD.findall(page.text)}
        return await self._client.post(page.url.path, data={**hidden, **values})

    async def upload(self, path: str, values: dict[str, str], files: Any) -> httpx.Response:
        """Send values and files as a multipart form."""
        return await self._client.post(path, data=values, files=files)

    async def send_bare(self, path: str, **values: str) -> httpx.Response:
        """Send values without what the form would have carried."""
        return await self._client.post(path, data=values)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def stack(tmp_path: Path, clock: FakeClock) -> AsyncIterator[PageStack]:
    async with page_stack(tmp_path, clock, limit_minor=100_000) as running:
        yield running


@pytest.fixture
async def browser(stack: PageStack) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=stack.address, follow_redirects=True) as client:
        yield Browser(client)


@pytest.fixture
async def second_browser(stack: PageStack) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=stack.address, follow_redirects=True) as client:
        yield Browser(client)


@pytest.fixture
async def api(stack: PageStack) -> AsyncIterator[httpx.AsyncClient]:
    """A program: no cookie, no session."""
    async with httpx.AsyncClient(base_url=stack.address) as client:
        yield client
