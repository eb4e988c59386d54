"""`localresponse import dfe-weekly`: replay every publication, then read each as of its day."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from services.chassis import migrations
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.cli.progress import Show, progress
from services.outcomes.app import OutcomesDatabase
from services.outcomes.children.vault import Vault
from services.outcomes.imports.dfe_daily.replay import Doors
from services.outcomes.imports.dfe_weekly.comparing import Comparison, compare, weeks_as_of
from services.outcomes.imports.dfe_weekly.published import AUTHORITY, NotPublished, Row, read
from services.outcomes.imports.dfe_weekly.replay import PublicationClock, Replay
from services.outcomes.reference.servicer import Schools
from services.outcomes.register.servicer import Registers


@dataclass(slots=True)
class Tally:
    """What the whole run did.

    Attributes:
        read: Rows of authorities.
        sums: Rows of regions, of England and over all phases: not replayed.
        suppressed: Rows without counts.
        contradictory: Rows whose attendance and absence are not their possible sessions.
        authorities: Authorities replayed, each its own tenant.
        publications: Dates that something was published on.
        marks: Marks sent, first ones and corrections.
        seconds: Spent on all of it.
        comparison: As of each date, with what was published on it.
    """

    read: int = 0
    sums: int = 0
    suppressed: int = 0
    contradictory: int = 0
    authorities: int = 0
    publications: set[date] = field(default_factory=set)
    marks: int = 0
    seconds: float = 0.0
    comparison: Comparison = field(default_factory=Comparison)

    def summary(self) -> dict[str, Any]:
        """Return the last line of the report."""
        found = self.comparison
        return {
            "read": self.read,
            "compared": found.compared,
            "exact": found.exact,
            "largest_difference_pp": found.largest_difference_pp,
            "publications": len(self.publications),
            "suppressed": self.suppressed,
            "contradictory": self.contradictory,
            "sums_left_out": self.sums,
            "authorities": self.authorities,
            "marks": self.marks,
            "seconds": round(self.seconds, 1),
            "differing": found.differing[:20],
        }


def run(file: Path, *, authority: str | None = None, as_json: bool = False) -> int:
    """Replay the vintages and compare; the last line printed is JSON.

    Args:
        file: The vintages, Parquet.
        authority: Only this one, by name or ONS code; every authority takes hours.
        as_json: Print nothing but JSON.

    Returns:
        0; 1 when a figure differs; 2 when the file cannot be read.
    """
    try:
        rows = read(file)
    except (OSError, NotPublished) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    tally = Tally(sums=sum(row.level != AUTHORITY for row in rows))
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        wanted = authority is None or authority.casefold() in {
            row.code.casefold(),
            row.name.casefold(),
        }
        if row.level == AUTHORITY and wanted:
            by_code.setdefault(row.code, []).append(row)
    if not by_code:
        sys.stderr.write(f"localresponse: {file} has no authority {authority!r}\n")
        return 2
    began = time.perf_counter()
    with progress("DfE weekly vintages") as show:
        _everything(by_code, tally, show)
    tally.seconds = time.perf_counter() - began
    summary = tally.summary()
    if not as_json:
        sys.stdout.write(_sentence(summary))
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if tally.comparison.exact == tally.comparison.compared else 1


def _everything(by_code: dict[str, list[Row]], tally: Tally, show: Show) -> None:
    """Give each authority a database of its own, thrown away when it was compared."""
    for place, (code, rows) in enumerate(sorted(by_code.items()), start=1):
        whole = [row for row in rows if row.codes() is not None]
        tally.read += len(rows)
        tally.suppressed += sum(row.counts is None for row in rows)
        tally.contradictory += sum(row.counts is not None and row.codes() is None for row in rows)
        if whole:
            _authority(code, whole, tally)
        show(rows[0].name, 100 * place // len(by_code))


def _authority(code: str, rows: Sequence[Row], tally: Tally) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder / 'dfe_weekly.sqlite3'}"
        migrations.upgrade(url, "services.outcomes")
        vault = Vault(f"sqlite:///{folder / 'dfe_weekly_keys.sqlite3'}", os.urandom(32))
        database = OutcomesDatabase(url, vault, readers=1)
        database.start()
        stack.callback(database.close)
        clock = PublicationClock(rows[0].published_on)
        commands, tokens = Commands(database, clock), PageTokens(os.urandom(32))
        schools = Schools(commands, database, tokens=tokens, clock=clock)
        registers = Registers(commands, database, tokens=tokens, vault=vault)
        doors = Doors(database, commands, schools, registers)
        asyncio.run(_replayed(doors, clock, code, rows=rows, tally=tally))
        tally.authorities += 1


async def _replayed(
    doors: Doors, clock: PublicationClock, code: str, *, rows: Sequence[Row], tally: Tally
) -> None:
    """Record every publication first, and only then ask what was known on each day."""
    replay = Replay(doors, clock, code)
    days = sorted({row.published_on for row in rows})
    for day in days:
        tally.marks += await replay.publish(day, [row for row in rows if row.published_on == day])
    for day in days:
        moment = PublicationClock(day).now()
        weeks = await doors.database.read(partial(weeks_as_of, tenant=code, moment=moment))
        compare(tally.comparison, [row for row in rows if row.published_on == day], weeks)
    tally.publications.update(days)


def _sentence(summary: dict[str, Any]) -> str:
    return (
        f"{summary['marks']:,} marks of {summary['authorities']} authorities in "
        f"{summary['publications']} publications, in {summary['seconds']} s.\n"
        f"As of each of them {summary['exact']} of {summary['compared']} published rows are exact; "
        f"{summary['suppressed']} are suppressed by the DfE and {summary['contradictory']} "
        "contradict themselves.\n"
    )
