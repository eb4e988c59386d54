"""ReleasesService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from localresponse.outcomes.v1 import feeds_service_pb2 as files_pb
from localresponse.outcomes.v1 import releases_service_pb2 as pb
from localresponse.outcomes.v1.releases_service_pb2_grpc import ReleasesServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Principal, caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.outcomes.analysis import queries as analyses
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.storage import Run
from services.outcomes.children import storage as children
from services.outcomes.disclosure.rules import Rules
from services.outcomes.errors import ReleaseNotFound
from services.outcomes.feeds.jobs import FeedJobs
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.mapping import first_part
from services.outcomes.releases import commands, mapping, storage
from services.outcomes.releases.building import Built, build
from services.outcomes.releases.membership import cohort_labels
from services.outcomes.releases.tables import Known

_PART_BYTES = 256 * 1024
RULES = Rules()


class Releases(ReleasesServiceServicer):
    """Releases of an authority.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        keys: Signs the log of releases.
        feeds: Bring what they tell up to date, for a release is held against it; log downloads.
    """

    def __init__(
        self,
        commands: Commands,
        database: Database,
        *,
        tokens: PageTokens,
        keys: FeedKeys,
        feeds: FeedJobs,
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._keys = keys
        self._feeds = feeds

    async def DraftRelease(self, request: pb.DraftReleaseRequest, context: Any) -> pb.Release:
        who = caller()
        await self._feeds.collect_shared(who.tenant)
        # Minutes of reading must not hold the writer up, so the tables are built before.
        run, built = await self._database.read(
            lambda connection: _built(connection, who, request.analysis_run_id)
        )
        return await self._commands.run(
            request,
            pb.Release,
            lambda work: mapping.release_out(
                commands.draft(work, run, request.title, built=built, rules=RULES), built.sheets
            ),
        )

    async def PublishRelease(self, request: pb.PublishReleaseRequest, context: Any) -> pb.Release:
        await self._feeds.collect_shared(caller().tenant)
        return await self._commands.run(
            request,
            pb.Release,
            lambda work: _out(
                work.connection,
                commands.publish(work, request.release_id, keys=self._keys, rules=RULES),
            ),
        )

    async def WithdrawRelease(self, request: pb.WithdrawReleaseRequest, context: Any) -> pb.Release:
        return await self._commands.run(
            request,
            pb.Release,
            lambda work: _out(
                work.connection,
                commands.withdraw(work, request.release_id, reason=request.reason),
            ),
        )

    async def GetRelease(self, request: pb.GetReleaseRequest, context: Any) -> pb.Release:
        who = caller()
        return await self._database.read(
            lambda connection: _out(connection, commands.known(connection, who, request.release_id))
        )

    async def ListReleases(
        self, request: pb.ListReleasesRequest, context: Any
    ) -> pb.ListReleasesResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)

        def read(connection: Connection) -> tuple[list[pb.Release], str]:
            found = storage.page(connection, who.tenant, before=page.last_id, limit=page.limit)
            shown, token = page.cut(found, by_id)
            visible = [each for each in shown if commands.visible(each, who)]
            return [_out(connection, each) for each in visible], token

        releases, token = await self._database.read(read)
        return pb.ListReleasesResponse(releases=releases, next_page_token=token)

    async def DownloadRelease(
        self, request: pb.DownloadReleaseRequest, context: Any
    ) -> AsyncIterator[files_pb.FilePart]:
        who = caller()
        name, media, content = await self._database.read(
            lambda connection: _file(connection, who, request)
        )
        await self._feeds.downloads.log_release(request.release_id, content)
        first = first_part(content, name, media)
        for start in range(0, len(content) or 1, _PART_BYTES):
            part = first if start == 0 else files_pb.FilePart()
            part.content = content[start : start + _PART_BYTES]
            yield part


def _built(connection: Connection, who: Principal, run_id: str) -> tuple[Run, Built]:
    run, figures = analyses.get_results(connection, who, run_id)
    cohort = cohort_of(connection, run.tenant, run.rule, as_of=run.as_of, seed=run.seed)
    ids = [row.child_id for row in cohort.panel.rows] if cohort.panel else []
    known = Known(
        children.by_id(connection, run.tenant, ids),
        cohort_labels(connection, run.tenant, run.as_of),
    )
    return run, build(cohort, figures, known=known, authority=run.tenant, rules=RULES)


def _out(connection: Connection, release: storage.Release) -> pb.Release:
    return mapping.release_out(release, storage.sheets(connection, release))


def _file(
    connection: Connection, who: Principal, request: pb.DownloadReleaseRequest
) -> tuple[str, str, bytes]:
    release = commands.readable(commands.known(connection, who, request.release_id))
    sheets = storage.sheets(connection, release)
    if not request.table:
        return f"release-{release.id}.zip", "application/zip", mapping.package_of(release, sheets)
    for sheet in sheets:
        if sheet.name == request.table:
            return f"{sheet.name}.csv", "text/csv", sheet.content
    raise ReleaseNotFound(f"{release.id}/{request.table}")
