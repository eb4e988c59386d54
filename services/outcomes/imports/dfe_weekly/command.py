"""`localresponse import dfe-weekly`: replay every publication, then read each as of its day."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from services.cli.progress import progress
from services.outcomes.app.database import OutcomesDatabase
from services.outcomes.imports.dfe_weekly.comparing import compare_weeks, weeks_as_of
from services.outcomes.imports.dfe_weekly.published import AUTHORITY, NotPublished, Row, read
from services.outcomes.imports.dfe_weekly.replay import PublicationClock, Replay
from services.outcomes.imports.dfe_weekly.sums import Sums
from services.outcomes.imports.dfe_weekly.tally import Tally, sentence
from services.outcomes.imports.replaying.doors import opened


def run(
    file: Path, *, check: bool = True, authority: str | None = None, as_json: bool = False
) -> int:
    """Replay the vintages and, with `check`, compare; the last line printed is JSON.

    Args:
        file: The vintages, Parquet.
        check: Whether to read every publication as of its day and compare.
        authority: Only this one, by name or ONS code.
        as_json: Print nothing but JSON.

    Returns:
        0; 1 when a figure differs; 2 when the file cannot be read.
    """
    try:
        rows = read(file)
    except (OSError, NotPublished) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        if row.level == AUTHORITY and (authority is None or _is(row, authority)):
            by_code.setdefault(row.code, []).append(row)
    if not by_code:
        sys.stderr.write(f"localresponse: {file} has no authority {authority!r}\n")
        return 2
    others = [row for row in rows if row.level != AUTHORITY] if authority is None else []
    tally, sums = Tally(), Sums()
    with progress("DfE weekly vintages") as show:
        for place, (code, mine) in enumerate(sorted(by_code.items()), start=1):
            _authority(code, mine, tally, sums=sums if check else None)
            show(mine[0].name, 100 * place // len(by_code))
    tally.sums_left_out = sums.compare(others, tally.comparison) if check else len(others)
    summary = tally.summary()
    if not as_json:
        sys.stdout.write(sentence(summary, checked=check))
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if tally.comparison.agrees else 1


def _is(row: Row, authority: str) -> bool:
    return authority.casefold() in {row.code.casefold(), row.name.casefold()}


def _authority(code: str, rows: Sequence[Row], tally: Tally, *, sums: Sums | None) -> None:
    """Give an authority a database of its own, thrown away when it was compared."""
    tally.take(rows)
    whole = [row for row in rows if row.codes() is not None]
    clock = PublicationClock(rows[0].published_on)
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), "dfe_weekly", clock) as doors,
    ):
        asyncio.run(_replayed(Replay(doors, clock, code), whole, tally))
        if sums is not None:
            asyncio.run(_compared(doors.database, code, rows, tally=tally, sums=sums))


async def _replayed(replay: Replay, rows: Sequence[Row], tally: Tally) -> None:
    """Record every publication, each at its own date."""
    began = time.perf_counter()
    if rows:
        await replay.open(rows)
    for day in sorted({row.published_on for row in rows}):
        tally.marks += await replay.publish(day, [row for row in rows if row.published_on == day])
    tally.recording += time.perf_counter() - began


async def _compared(
    database: OutcomesDatabase, code: str, rows: Sequence[Row], *, tally: Tally, sums: Sums
) -> None:
    """Ask, only once all was recorded, what was known on each day."""
    began = time.perf_counter()
    for day in sorted({row.published_on for row in rows}):
        mine = [row for row in rows if row.published_on == day]
        ask = partial(weeks_as_of, tenant=code, mondays={row.monday for row in mine})
        weeks = await database.read(partial(ask, moment=PublicationClock(day).now()))
        compare_weeks(tally.comparison, [row for row in mine if row.codes() is not None], weeks)
        sums.take(mine, weeks)
    tally.reading += time.perf_counter() - began
