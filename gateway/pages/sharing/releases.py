"""Releases: reading and downloading them, and the two people who draft and publish."""

from __future__ import annotations

import csv
import io
from typing import Any

from localresponse.outcomes.v1 import analysis_service_pb2 as analysis
from localresponse.outcomes.v1 import releases_service_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.forms import Form
from gateway.pages.refusals import faults, sentence
from gateway.pages.services import PAGE_SIZE, ask, streamed
from gateway.pages.sharing import words
from gateway.pages.site import Site, see
from gateway.pages.visit import DRAFTS, PUBLISHES, SEES_RELEASES, Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id

ROWS_SHOWN = 500
TITLE_MAX, REASON_MAX = 100, 500
_SHORTEST = 3
_ONE = "/releases/{release_id}"


class ReleasePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, one release, its tables, and the steps of the two people."""
        page = self._site.page
        return [
            Route("/releases", page(self.index, roles=SEES_RELEASES)),
            Route("/releases/new", page(self.new, roles=DRAFTS)),
            Route("/releases/new", page(self.draft, roles=DRAFTS), methods=["POST"]),
            Route(_ONE, page(self.show, roles=SEES_RELEASES)),
            Route(f"{_ONE}/tables/{{table}}", page(self.table, roles=SEES_RELEASES)),
            Route(f"{_ONE}/publish", page(self.step, roles=PUBLISHES), name="publish"),
            Route(f"{_ONE}/publish", page(self.publish, roles=PUBLISHES), methods=["POST"]),
            Route(f"{_ONE}/withdraw", page(self.step, roles=PUBLISHES), name="withdraw"),
            Route(f"{_ONE}/withdraw", page(self.withdraw, roles=PUBLISHES), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """List releases, the latest first, a page at a time."""
        asked = pb.ListReleasesRequest(page_token=request.query_params.get("after", ""))
        answer = await ask(visit, self._site.services.releases.ListReleases, asked)
        return self._show(
            "list",
            visit,
            "Releases",
            here="/releases",
            wide=True,
            releases=answer.releases,
            after=answer.next_page_token,
            may_draft=visit.is_one_of(DRAFTS),
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show one release: what it holds, how it was made, what changed, and its files."""
        release = await self._one(request, visit)
        return self._show(
            "release",
            visit,
            release.title,
            back="/releases",
            release=release,
            may_publish=visit.is_one_of(PUBLISHES),
        )

    async def table(self, request: Request, visit: Visit) -> Response:
        """Show a table as it was released, with what its symbols mean."""
        release = await self._one(request, visit)
        named = [one for one in release.tables if one.name == request.path_params["table"]]
        if not named:
            raise HTTPException(404)
        asked = pb.DownloadReleaseRequest(release_id=release.id, table=named[0].name)
        parts = await streamed(visit, self._site.services.releases.DownloadRelease, asked)
        text = b"".join(part.content for part in parts).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text))
        used = {cell for row in rows for cell in row} & set(words.SYMBOLS)
        return self._show(
            "table",
            visit,
            named[0].title,
            back=f"/releases/{release.id}",
            wide=True,
            release=release,
            table=named[0],
            header=header,
            rows=rows[:ROWS_SHOWN],
            more=max(0, len(rows) - ROWS_SHOWN),
            symbols={name: text for name, text in words.SYMBOLS.items() if name in used},
        )

    async def new(self, _: Request, visit: Visit) -> Response:
        """Ask what the release shows and is called."""
        return await self._draft_form(visit, Form({"request_id": new_id()}))

    async def draft(self, request: Request, visit: Visit) -> Response:
        """Freeze a draft."""
        form = await self._site.form(request, visit)
        title = form.text("title", missing="Enter a title", longest=TITLE_MAX)
        run_id = form.text("run", missing="Select an analysis")
        if title and len(title) < _SHORTEST:
            form.refuse("title", "Use 3 characters or more")
        if form.errors:
            return await self._draft_form(visit, form)
        asked = pb.DraftReleaseRequest(
            request_id=form.values.get("request_id", ""), analysis_run_id=run_id, title=title
        )
        try:
            made = await ask(visit, self._site.services.releases.DraftRelease, asked)
        except Refusal as refusal:
            form.errors.extend(faults(refusal))
            return await self._draft_form(visit, form)
        return see(f"/releases/{made.id}")

    async def step(self, request: Request, visit: Visit) -> Response:
        """Ask before a release is published or withdrawn."""
        return await self._step_form(request, visit, Form({"request_id": new_id()}))

    async def publish(self, request: Request, visit: Visit) -> Response:
        """Publish, as somebody else than who drafted."""
        form = await self._site.form(request, visit)
        asked = pb.PublishReleaseRequest(
            request_id=form.values.get("request_id", ""),
            release_id=request.path_params["release_id"],
        )
        return await self._send(
            request, visit, form, method=self._site.services.releases.PublishRelease, asked=asked
        )

    async def withdraw(self, request: Request, visit: Visit) -> Response:
        """Withdraw, with the reason that everybody sees."""
        form = await self._site.form(request, visit)
        reason = form.text("reason", missing="Enter why it is withdrawn", longest=REASON_MAX)
        if reason and len(reason) < _SHORTEST:
            form.refuse("reason", "Use 3 characters or more")
        if form.errors:
            return await self._step_form(request, visit, form)
        asked = pb.WithdrawReleaseRequest(
            request_id=form.values.get("request_id", ""),
            release_id=request.path_params["release_id"],
            reason=reason,
        )
        return await self._send(
            request, visit, form, method=self._site.services.releases.WithdrawRelease, asked=asked
        )

    async def _send(
        self, request: Request, visit: Visit, form: Form, *, method: Any, asked: Any
    ) -> Response:
        try:
            await ask(visit, method, asked)
        except Refusal as refusal:
            form.refuse("", sentence(refusal))
            return await self._step_form(request, visit, form)
        return see(f"/releases/{asked.release_id}")

    async def _one(self, request: Request, visit: Visit) -> pb.Release:
        asked = pb.GetReleaseRequest(release_id=request.path_params["release_id"])
        return await ask(visit, self._site.services.releases.GetRelease, asked)

    async def _draft_form(self, visit: Visit, form: Form) -> Response:
        answer = await ask(
            visit,
            self._site.services.analyses.ListAnalysisRuns,
            analysis.ListAnalysisRunsRequest(page_size=PAGE_SIZE),
        )
        completed = analysis.ANALYSIS_RUN_STATE_COMPLETED
        return self._show(
            "draft",
            visit,
            "Draft a release",
            back="/releases",
            errors=form.errors,
            values=form.values,
            runs=[run for run in answer.analysis_runs if run.state == completed],
        )

    async def _step_form(self, request: Request, visit: Visit, form: Form) -> Response:
        release = await self._one(request, visit)
        name = request.url.path.rpartition("/")[2]
        return self._show(
            name,
            visit,
            f"{name.capitalize()} a release",
            back=f"/releases/{release.id}",
            errors=form.errors,
            values=form.values,
            release=release,
        )

    def _show(self, template: str, visit: Visit, title: str, **context: Any) -> Response:
        return self._site.show(
            f"sharing/{template}.html",
            visit,
            title=title,
            states=words.RELEASE_STATES,
            change_words=words.CHANGES,
            **context,
        )
