"""`localresponse export`: a report of the fund as CSV or JSON lines, beside a live product."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis import settings as chassis_settings
from services.chassis.clock import SharedClock, SystemClock, london_date
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.cli.progress import Show, progress
from services.fund.domain import csv_cells
from services.fund.reports.catalogue import REPORTS
from services.fund.reports.report import Asked, Report

_TOLD_EVERY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is exported, as the command line says it; an empty id limits nothing."""

    name: str
    authority: str
    source_id: str
    purchase_id: str
    as_json: bool


def export(wanted: Wanted) -> int:
    """Write the report to standard output; 2 when there is none of that name, 1 when refused."""
    report = REPORTS.get(wanted.name)
    if report is None:
        sys.stderr.write(f"localresponse: there is no {wanted.name!r}; there are {_names()}\n")
        return 2
    settings = chassis_settings.load()
    clock = SharedClock(settings.clock_file) if settings.clock_file else SystemClock()
    asked = Asked(
        tenant=wanted.authority,
        today=london_date(clock.now()),
        source_id=wanted.source_id,
        purchase_id=wanted.purchase_id,
    )
    database = Database(settings.database_url("fund"), readers=1)
    try:
        with progress(f"Exporting {report.name}") as show:
            asyncio.run(
                database.read(
                    lambda connection: _write(
                        connection, report, asked, as_json=wanted.as_json, show=show
                    )
                )
            )
    except ServiceError as refusal:
        sys.stderr.write(f"localresponse: {refusal.reason}: {refusal.message}\n")
        return 1
    finally:
        database.close()
    return 0


def _write(
    connection: Connection, report: Report, asked: Asked, *, as_json: bool, show: Show
) -> None:
    count = 0
    for line in _lines(connection, report, asked, as_json=as_json):
        sys.stdout.write(line)
        count += 1
        if count % _TOLD_EVERY == 0:
            show(f"{count} lines", 0)
    show(f"{count} lines", 100)


def _lines(connection: Connection, report: Report, asked: Asked, *, as_json: bool) -> Iterator[str]:
    rows = report.rows(connection, asked)
    if as_json:
        for row in rows:
            values = dict(zip(report.columns, row, strict=True))
            yield json.dumps(values, default=str, ensure_ascii=False) + "\n"
    elif report.columns == ("text",):
        yield from (f"{row[0]}\n" for row in rows)
    else:
        yield csv_cells.line(report.columns)
        yield from map(csv_cells.line, rows)


def _names() -> str:
    return ", ".join(REPORTS)
