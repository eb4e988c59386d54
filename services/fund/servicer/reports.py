"""ReportsService."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import reports_service_pb2 as pb
from localresponse.fund.v1.reports_service_pb2_grpc import ReportsServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.fund.access import ACTIONS
from services.fund.reports.catalogue import REPORTS
from services.fund.reports.report import Asked
from services.fund.servicer.streams import stream


@dataclass(frozen=True, slots=True)
class Reports(ReportsServiceServicer):
    """Reports as streams of rows."""

    database: Database
    clock: Clock

    async def StreamReport(
        self, request: pb.StreamReportRequest, context: Any
    ) -> AsyncIterator[pb.ReportPart]:
        who = caller()
        require(ACTIONS, who, "report.read", Resource(who.tenant))
        report = REPORTS[request.report]
        asked = Asked(
            tenant=who.tenant,
            today=london_date(self.clock.now()),
            source_id=request.source_id,
            purchase_id=request.purchase_id,
        )
        chunks = stream(self.database, lambda connection: report.rows(connection, asked))
        # What cannot be reported is refused before anything is sent.
        chunk = await anext(chunks, None)
        yield pb.ReportPart(columns=pb.ReportColumns(columns=report.columns))
        sent = 0
        while chunk is not None:
            for row in chunk:
                cells = ["" if cell is None else str(cell) for cell in row]
                yield pb.ReportPart(row=pb.ReportRow(cells=cells))
            sent += len(chunk)
            yield pb.ReportPart(progress=pb.ReportProgress(row_count=sent))
            chunk = await anext(chunks, None)
        yield pb.ReportPart(progress=pb.ReportProgress(row_count=sent, complete=True))
