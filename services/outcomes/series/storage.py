"""Tables of published weeks and of analyses over them; both are only ever added to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    insert,
    select,
)

from services.chassis.tables import UtcDateTime
from services.outcomes.reference.domain import Phase
from services.outcomes.series.domain import Change, Figures, Point, Rule, Week
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first
from services.outcomes.storage.value_lists import one_of

PUBLISHED_WEEK = Table(
    "published_week",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("authority", String(9), primary_key=True),
    Column("phase", SmallInteger, primary_key=True, autoincrement=False),
    Column("monday", Integer, primary_key=True, autoincrement=False),
    Column("published_day", Integer, primary_key=True, autoincrement=False),
    Column("possible", BigInteger, nullable=False),
    Column("absent", BigInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)
SERIES_ANALYSIS = Table(
    "series_analysis",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("rule", Text, nullable=False),
    Column("method_version", String(20), nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("edition", String(60), nullable=False),
    Column("body", Text, nullable=False),
    Column("results_sha256", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """An analysis as it was stored."""

    id: str
    rule: Rule
    method_version: str
    as_of: datetime
    created_at: datetime
    edition: str
    figures: Figures
    results_sha256: str


def weeks(
    connection: Connection,
    tenant: str,
    authorities: Sequence[str],
    phase: Phase,
    *,
    as_of: datetime | None = None,
) -> list[Week]:
    """Return what was published of authorities, as it was recorded at a moment or is now."""
    table = PUBLISHED_WEEK.c
    query = select(PUBLISHED_WEEK).where(
        table.tenant == tenant,
        table.phase == int(phase),
        one_of(connection, table.authority, authorities),
    )
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    order = (table.authority, table.monday, table.published_day)
    return [_week(row) for row in connection.execute(query.order_by(*order))]


def add_weeks(
    connection: Connection, tenant: str, new: Iterable[Week], *, source: str, at: datetime
) -> None:
    """Insert weeks that are not there."""
    rows = [
        {
            "tenant": tenant,
            "authority": week.authority,
            "phase": int(week.phase),
            "monday": week.monday.toordinal(),
            "published_day": week.published_on.toordinal(),
            "possible": week.possible,
            "absent": week.absent,
            "source": source,
            "recorded_at": at,
        }
        for week in new
    ]
    if rows:
        connection.execute(insert(PUBLISHED_WEEK), rows)


def add(connection: Connection, tenant: str, held: Analysis, *, by: str) -> None:
    """Keep an analysis."""
    row = {
        "tenant": tenant,
        "id": held.id,
        "rule": _text(asdict(held.rule)),
        "method_version": held.method_version,
        "as_of": held.as_of,
        "created_at": held.created_at,
        "created_by": by,
        "edition": held.edition,
        "body": body_of(held.figures),
        "results_sha256": held.results_sha256,
    }
    connection.execute(insert(SERIES_ANALYSIS), row)


def find(connection: Connection, tenant: str, analysis_id: str) -> Analysis | None:
    """Return one analysis of an authority."""
    table = SERIES_ANALYSIS.c
    query = select(SERIES_ANALYSIS).where(table.tenant == tenant, table.id == analysis_id)
    row = connection.execute(query).first()
    return _analysis(row) if row else None


def page(connection: Connection, tenant: str, *, before: str, limit: int) -> list[Analysis]:
    """Return analyses, latest first, after `before` in that order; empty is the start."""
    table = SERIES_ANALYSIS.c
    query = select(SERIES_ANALYSIS).where(table.tenant == tenant)
    rows = connection.execute(latest_first(query, table.id, before=before, limit=limit))
    return [_analysis(row) for row in rows]


def body_of(figures: Figures) -> str:
    """Return figures as canonical JSON."""
    return _text(asdict(figures))


def sha256_of(figures: Figures) -> str:
    """Return the digest of figures as they are stored."""
    return hashlib.sha256(body_of(figures).encode()).hexdigest()


def _text(held: dict[str, Any]) -> str:
    return json.dumps(held, sort_keys=True, separators=(",", ":"), default=date.isoformat)


def _week(row: Any) -> Week:
    return Week(
        authority=row.authority,
        phase=Phase(row.phase),
        monday=date.fromordinal(row.monday),
        published_on=date.fromordinal(row.published_day),
        possible=row.possible,
        absent=row.absent,
    )


def _analysis(row: Any) -> Analysis:
    rule, body = json.loads(row.rule), json.loads(row.body)
    return Analysis(
        id=row.id,
        rule=Rule(
            name=rule["name"],
            phase=Phase(rule["phase"]),
            start=date.fromisoformat(rule["start"]),
            first=_day(rule["first"]),
            last=_day(rule["last"]),
        ),
        method_version=row.method_version,
        as_of=row.as_of,
        created_at=row.created_at,
        edition=row.edition,
        figures=Figures(
            step=Change(**body["step"]),
            slope=Change(**body["slope"]),
            lags=body["lags"],
            neighbours=tuple(body["neighbours"]),
            points=tuple(_point(point) for point in body["points"]),
            inputs_sha256=body["inputs_sha256"],
        ),
        results_sha256=row.results_sha256,
    )


def _point(held: dict[str, Any]) -> Point:
    week = held["week"]
    days = {name: date.fromisoformat(week[name]) for name in ("monday", "published_on")}
    return Point(**{**held, "week": Week(**{**week, **days, "phase": Phase(week["phase"])})})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
