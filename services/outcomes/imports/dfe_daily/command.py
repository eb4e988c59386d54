"""`localresponse import dfe-daily`: read, replay, recompute from the store, compare, report."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.chassis.clock import SystemClock
from services.cli.progress import Show, progress
from services.outcomes.imports.dfe_daily.comparing import Sums, compare, counted
from services.outcomes.imports.dfe_daily.published import Level, NotPublished, Row, read
from services.outcomes.imports.dfe_daily.replay import replay
from services.outcomes.imports.replaying.comparison import Comparison
from services.outcomes.imports.replaying.doors import Doors, opened


@dataclass(slots=True)
class Tally:
    """What the whole run did.

    Attributes:
        read: Rows of the file.
        suppressed: Rows of authorities without counts; read and reported, not replayed.
        weighted: Rows over all phases, which the DfE weights; left out.
        sums_incomplete: Rows of regions and England that suppressed authorities are part of.
        authorities: Authorities replayed, each its own tenant.
        marks: Marks recorded.
        seconds: Spent on recording them, from published counts to durable and queryable.
        comparison: With the published figures.
    """

    read: int = 0
    suppressed: int = 0
    weighted: int = 0
    sums_incomplete: int = 0
    authorities: int = 0
    marks: int = 0
    seconds: float = 0.0
    comparison: Comparison = field(default_factory=Comparison)

    def summary(self) -> dict[str, Any]:
        """Return the last line of the report."""
        found = asdict(self.comparison)
        found["differing"] = self.comparison.differing[:20]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {
            "read": self.read,
            "compared": found.pop("compared"),
            "suppressed": self.suppressed,
            "exact": found.pop("exact"),
            "largest_difference_pp": found.pop("largest_difference_pp"),
            "marks_per_second": round(self.marks / self.seconds) if self.seconds else 0,
            "peak_memory_mb": round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
            "marks": self.marks,
            "seconds": round(self.seconds, 3),
            "authorities": self.authorities,
            "weighted_left_out": self.weighted,
            "sums_incomplete": self.sums_incomplete,
            **found,
        }


def run(
    file: Path,
    *,
    check: bool,
    as_json: bool,
    authority: str | None = None,
    data: Path | None = None,
) -> int:
    """Replay a published file and, with `check`, compare; the last line printed is JSON.

    Args:
        file: The DfE's daily counts by register code.
        check: Whether to compare with what was published.
        as_json: Print nothing but JSON.
        authority: Only this one, by name or ONS code.
        data: The directory to keep the database in; thrown away when None.

    Returns:
        0; 1 when a figure differs; 2 when the file cannot be read.
    """
    try:
        rows = read(file)
    except (OSError, NotPublished, UnicodeDecodeError) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    rows = [row for row in rows if authority is None or _is_part(row, authority)]
    if not rows:
        sys.stderr.write(f"localresponse: {file} has no authority {authority!r}\n")
        return 2
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        show = stack.enter_context(progress("DfE daily counts"))
        tally = _everything(folder, rows, check=check, show=show)
    summary = tally.summary()
    if not as_json:
        sys.stdout.write(_sentence(summary, checked=check))
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if tally.comparison.agrees else 1


def _is_part(row: Row, authority: str) -> bool:
    wanted = authority.casefold()
    return row.level is Level.AUTHORITY and wanted in {row.name.casefold(), row.code.casefold()}


def _everything(folder: Path, rows: Sequence[Row], *, check: bool, show: Show) -> Tally:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with opened(folder, "dfe_daily", SystemClock()) as doors:
        return asyncio.run(_authorities(doors, rows, check=check, show=show))


async def _authorities(doors: Doors, rows: Sequence[Row], *, check: bool, show: Show) -> Tally:
    tally, sums = Tally(read=len(rows), weighted=sum(row.weighted for row in rows)), Sums()
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        if row.level is Level.AUTHORITY and not row.weighted:
            by_code.setdefault(row.code, []).append(row)
    for place, (code, mine) in enumerate(sorted(by_code.items()), start=1):
        await _authority(doors, code, mine, tally=tally, sums=sums if check else None)
        show(mine[0].name, 100 * place // len(by_code))
    if check:
        others = [row for row in rows if row.level is not Level.AUTHORITY and not row.weighted]
        tally.sums_incomplete = sums.compare(others, tally.comparison)
    return tally


async def _authority(
    doors: Doors, tenant: str, rows: Sequence[Row], *, tally: Tally, sums: Sums | None
) -> None:
    """Replay one authority and, with `sums`, compare it and add it up."""
    whole = [row for row in rows if row.marks is not None]
    tally.suppressed += len(rows) - len(whole)
    if whole:
        started = time.perf_counter()
        tally.marks += await replay(doors, tenant, whole)
        tally.seconds += time.perf_counter() - started
        tally.authorities += 1
    if sums is None:
        return
    ours = await doors.database.read(lambda connection: counted(connection, tenant))
    for row in whole:
        compare(tally.comparison, row, ours[row.phase, row.day])
    sums.take(rows, ours)


def _sentence(summary: dict[str, Any], *, checked: bool) -> str:
    recorded = (
        f"{summary['marks']:,} marks of {summary['authorities']} authorities recorded in "
        f"{summary['seconds']:.1f} s.\n"
    )
    if not checked:
        return recorded
    return (
        f"{recorded}{summary['exact']} of {summary['compared']} published rows are exact; "
        f"{summary['suppressed']} are suppressed by the DfE; {summary['sums_exact']} of "
        f"{summary['sums_compared']} rows of regions and England are exact as sums.\n"
    )
