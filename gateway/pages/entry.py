"""The pages around the service: in, out, help, accessibility, privacy, and files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.assets import ASSETS
from gateway.pages.site import Site, see
from gateway.pages.visit import ROLE_WORDS, Visit

STATEMENTS = {
    "accessibility": "Accessibility statement",
    "privacy": "Privacy",
    "help": "Help",
}


class EntryPages:
    """Handlers over one site; most of them answer people who are not signed in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the addresses; sign-in itself is the identity's."""
        found = [
            Route("/", self.front),
            Route("/sign-in", self.sign_in),
            Route("/sign-out", self._site.page(self.sign_out)),
            Route("/static/{file}", ASSETS.serve),
        ]
        return found + [Route(f"/{name}", self.statement, name=name) for name in STATEMENTS]

    async def front(self, request: Request) -> Response:
        """Send everybody to where they start."""
        visit = await self._site.visitors.of(request)
        return see("/home" if visit else "/sign-in")

    async def sign_in(self, request: Request) -> Response:
        """Show whom one can be, or the way to the organisation's own sign-in."""
        visit = await self._site.visitors.of(request)
        return self._site.show(
            "sign-in.html",
            visit,
            title="Choose who to be" if self._site.renderer.demo else "Sign in",
            personas=self._site.visitors.personas(),
            role_words=ROLE_WORDS,
        )

    async def sign_out(self, _: Request, visit: Visit) -> Response:
        """Ask before the session ends, since half-given answers end with it."""
        return self._site.show("sign-out.html", visit, title="Sign out", here="/sign-out")

    async def statement(self, request: Request) -> Response:
        """Show a page that everybody may read."""
        name = request.url.path.strip("/")
        visit = await self._site.visitors.of(request)
        return self._site.show(f"statements/{name}.html", visit, title=STATEMENTS[name])
