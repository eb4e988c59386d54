"""`localresponse import published-weeks`: an authority's weeks and its neighbours', published.

They stand beside the authority's own registers as what the DfE published, for interrupted series.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.errors import AuthorityNotFound
from services.outcomes.imports.dfe_weekly.published import AUTHORITY, NotPublished, Row, read
from services.outcomes.imports.parts import parts_of, record_parts
from services.outcomes.reference.domain import Phase
from services.outcomes.reference.neighbours import neighbours
from services.outcomes.series.commands import Recorded, record_weeks
from services.outcomes.series.domain import Week

SOURCE = "DfE, pupil attendance in schools, weekly (Open Government Licence v3)"
_AT_ONCE = 2_000
_PHASES = {"Primary": Phase.PRIMARY, "Secondary": Phase.SECONDARY, "Special": Phase.SPECIAL}


def run(database: Database, clock: Clock, *, file: Path, authority: str) -> int:
    """Record what was published of an authority and its neighbours; what is there stays.

    Args:
        database: Of the outcomes service.
        clock: Says when, and which edition of neighbours is in use.
        file: The DfE's weekly figures by publication, Parquet.
        authority: ONS code; the tenant that they are recorded for.

    Returns:
        0; 2 when the file or the authority is not known.
    """
    try:
        like = neighbours(authority, london_date(clock.now()))
        rows = read(file)
    except (OSError, NotPublished, AuthorityNotFound) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    weeks = weeks_of(rows, {authority, *like.ons_codes()})
    parts = parts_of(weeks, _AT_ONCE)
    done = asyncio.run(
        record_parts(database, clock, tenant=authority, parts=parts, record=_recorded)
    )
    added, unchanged = (sum(getattr(one, name) for one in done) for name in ("added", "unchanged"))
    sys.stdout.write(
        f"{like.authority.name} and its neighbours: {added} weeks recorded, {unchanged} known\n"
    )
    return 0


def weeks_of(rows: Sequence[Row], authorities: set[str]) -> list[Week]:
    """Return the weeks of some authorities whose counts were published and add up."""
    return [
        Week(
            authority=row.code,
            phase=_PHASES[row.phase],
            monday=row.monday,
            published_on=row.published_on,
            possible=row.counts["possible"],
            absent=row.counts["absent"],
        )
        for row in rows
        if row.level == AUTHORITY and row.code in authorities and row.phase in _PHASES
        if row.counts is not None and row.contradiction() is None
    ]


def _recorded(work: UnitOfWork, part: Sequence[Week]) -> Recorded:
    return record_weeks(work, part, source=SOURCE)
