"""An agreement, its feed, and releases that two people make, in memory."""

# ruff: noqa: N802  (methods have the names of the rpcs)
from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import agreements_service_pb2 as agreements
from localresponse.outcomes.v1 import feeds_service_pb2 as feeds
from localresponse.outcomes.v1 import releases_service_pb2 as releases

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.errors import FailedPrecondition, NotFound
from services.chassis.ids import new_id
from services.chassis.wire import timestamp_to_proto
from tests.support.fakes.outcomes import unused

AGREEMENT = "0190f5a0-0000-7000-8000-00000000a001"
READER = "ewan-subject"
TABLE = b"phase,children,change_pp\r\nprimary,c,x\r\nsecondary,25,2.4\r\n"


class SecondPersonNeeded(FailedPrecondition):
    reason = "SECOND_PERSON_NEEDED"


class FakeAgreements:
    """Implements localresponse.outcomes.v1.AgreementsService with one agreement."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        terms = agreements.AgreementTerms(
            evaluator="independent-evaluator",
            project="fund-evaluation",
            subjects=[READER],
            purpose="Independent evaluation of <the fund>.",
            lawful_basis=agreements.LAWFUL_BASIS_PUBLIC_TASK,
            dpia_reference="DPIA-1",
            measures=["attendance_rate@1"],
            fields=["age_years"],
            first_date=Date(year=2026, month=9, day=1),
            last_date=Date(year=2027, month=8, day=31),
        )
        state = agreements.AGREEMENT_STATE_CURRENT
        self.agreement = agreements.Agreement(id=AGREEMENT, terms=terms, state=state)

    async def ListAgreements(self, _: Any, __: Any) -> agreements.ListAgreementsResponse:
        return agreements.ListAgreementsResponse(agreements=[self.agreement])

    async def GetAgreement(self, request: Any, _: Any) -> agreements.Agreement:
        if request.agreement_id != AGREEMENT:
            raise NotFound("no such agreement")
        return self.agreement

    async def CreateAgreement(self, request: Any, _: Any) -> agreements.Agreement:
        self.agreement.terms.CopyFrom(request.terms)
        return self.agreement

    async def EndAgreement(self, request: Any, _: Any) -> agreements.Agreement:
        self.agreement.state = agreements.AGREEMENT_STATE_LAPSED
        self.agreement.end_reason = request.reason
        self.agreement.end_time.CopyFrom(timestamp_to_proto(self._clock.now()))
        return self.agreement

    async def ListDownloads(self, _: Any, __: Any) -> agreements.ListDownloadsResponse:
        one = agreements.Download(id=new_id(), subject=READER, form="parquet", items=12)
        one.time.CopyFrom(timestamp_to_proto(self._clock.now()))
        return agreements.ListDownloadsResponse(downloads=[one])

    def __getattr__(self, name: str) -> object:
        return unused(name)


class FakeFeeds:
    """Implements the one rpc of localresponse.outcomes.v1.FeedsService that pages call."""

    async def GetFeed(self, request: Any, _: Any) -> feeds.Feed:
        if request.feed_id != AGREEMENT:
            raise NotFound("no such feed")
        note = "fund/feed\n12\nAAAA\n\n\N{EM DASH} fund+1 AAAA\n"
        return feeds.Feed(id=AGREEMENT, size=12, checkpoint=note, public_key="fund+1+AAAA")

    def __getattr__(self, name: str) -> object:
        return unused(name)


class FakeReleases:
    """Implements localresponse.outcomes.v1.ReleasesService."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kept: dict[str, releases.Release] = {}
        self._drafters: dict[str, str] = {}

    async def DraftRelease(self, request: Any, _: Any) -> releases.Release:
        digest = hashlib.sha256(TABLE).hexdigest()
        made = releases.Release(
            id=new_id(),
            title=request.title,
            state=releases.RELEASE_STATE_DRAFT,
            analysis_run_id=request.analysis_run_id,
            method_version="3",
            disclosure_rules="Counts of 7 or fewer are not shown (rules 2).",
            tables=[releases.ReleaseTable(name="reach", title="Reach", rows=2, sha256=digest)],
            manifest_sha256=digest,
        )
        made.as_of_time.CopyFrom(timestamp_to_proto(self._clock.now()))
        self.kept[made.id] = made
        self._drafters[made.id] = caller().subject
        return made

    async def PublishRelease(self, request: Any, _: Any) -> releases.Release:
        release = self._find(request)
        if self._drafters[release.id] == caller().subject:
            raise SecondPersonNeeded("somebody else must publish it")
        release.state, release.data_version = releases.RELEASE_STATE_PUBLISHED, "1.0.0"
        release.publish_time.CopyFrom(timestamp_to_proto(self._clock.now()))
        return release

    async def WithdrawRelease(self, request: Any, _: Any) -> releases.Release:
        release = self._find(request)
        release.state, release.withdraw_reason = releases.RELEASE_STATE_WITHDRAWN, request.reason
        release.withdraw_time.CopyFrom(timestamp_to_proto(self._clock.now()))
        return release

    async def GetRelease(self, request: Any, _: Any) -> releases.Release:
        return self._find(request)

    async def ListReleases(self, _: Any, __: Any) -> releases.ListReleasesResponse:
        return releases.ListReleasesResponse(releases=list(self.kept.values())[::-1])

    async def DownloadRelease(self, request: Any, _: Any) -> AsyncIterator[feeds.FilePart]:
        self._find(request)
        yield feeds.FilePart(
            file_name="reach.csv", media_type="text/csv", sha256=hashlib.sha256(TABLE).hexdigest()
        )
        for start in range(0, len(TABLE), 7):
            yield feeds.FilePart(content=TABLE[start : start + 7])

    def _find(self, request: Any) -> releases.Release:
        if request.release_id not in self.kept:
            raise NotFound("no such release")
        return self.kept[request.release_id]
